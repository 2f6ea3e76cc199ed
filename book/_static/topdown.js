// Previews: what a link to a term, an equation, a reference or a figure leads to, on hovering or
// focus. Escape closes one. Nothing is loaded before the first; without scripts links are links.
"use strict";
(() => {
  const root = new URL(document.documentElement.dataset.content_root || "./", location.href);
  let tip, wanted, timer;

  const load = (source, ready) => {
    const script = Object.assign(document.createElement("script"), {src: new URL(source, root)});
    script.onload = ready;
    document.head.append(script);
  };
  const previews = () => new Promise(done => window.topdownPreviews ? done(topdownPreviews)
    : load("_static/previews.js", () => done(window.topdownPreviews || {})));
  const typeset = box => {
    if (!box.querySelector(".math")) return;
    if (window.MathJax && MathJax.typesetPromise) MathJax.typesetPromise([box]);
  };

  const close = () => {
    clearTimeout(timer);
    wanted = null;
    if (tip) tip.remove();
    tip = null;
  };
  const place = link => {
    const at = link.getBoundingClientRect(), box = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, at.left), innerWidth - box.width - 8);
    const above = at.top - box.height - 6;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above > 0 ? above : at.bottom + 6) + scrollY}px`;
  };
  const open = async link => {
    const url = new URL(link.href), key = url.href.slice(root.href.length);
    const found = (await previews())[key];
    if (!found || wanted !== link) return;
    tip = Object.assign(document.createElement("div"), {className: "topdown-preview", id: "preview"});
    tip.setAttribute("role", "tooltip");
    tip.innerHTML = found;
    tip.querySelectorAll("[src], [href]").forEach(part => ["src", "href"].forEach(name => {
      const value = part.getAttribute(name);
      if (value) part.setAttribute(name, new URL(value, root));
    }));
    tip.addEventListener("mouseenter", () => clearTimeout(timer));
    tip.addEventListener("mouseleave", close);
    document.body.append(tip);
    link.setAttribute("aria-describedby", "preview");
    typeset(tip);
    place(link);
  };

  const links = "article a.reference.internal[href*='#'], article .bibtex-citation a";
  const enter = event => {
    const link = event.target.closest && event.target.closest(links);
    if (!link || link === wanted) return;
    close();
    wanted = link;
    timer = setTimeout(() => open(link), event.type === "focusin" ? 0 : 250);
  };
  const leave = event => {
    if (event.target.closest && event.target.closest(links)) timer = setTimeout(close, 200);
  };
  document.addEventListener("mouseover", enter);
  document.addEventListener("focusin", enter);
  document.addEventListener("mouseout", leave);
  document.addEventListener("focusout", leave);
  document.addEventListener("keydown", event => event.key === "Escape" && close());

  // A table of sentences, which a phone shows with its cells one under the other.
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("article table").forEach(table => {
      const heads = [...table.querySelectorAll("thead th")].map(head => head.textContent.trim());
      const cells = [...table.querySelectorAll("tbody :is(td, th)")];
      if (heads.length < 4 || !cells.some(cell => cell.textContent.length > 80)) return;
      cells.forEach(cell => {
        cell.dataset.head = heads[cell.cellIndex] || "";
        if (/^[–?]?$/.test(cell.textContent.trim())) cell.classList.add("nothing");
      });
      table.classList.add("prose");
    });
  });

  // What is wider than its place scrolls, also by keyboard, and says so on a phone.
  const mark = () => document.querySelectorAll(
    ".scroll, mjx-container[display], .pst-scrollable-table-container, div.highlight pre"
  ).forEach(box => {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  });
  addEventListener("load", () => {
    mark();
    if (window.MathJax && MathJax.startup) MathJax.startup.promise.then(mark);
  });
})();
