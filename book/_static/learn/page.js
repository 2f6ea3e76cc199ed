// The page's controls and pictures. All computing is in the worker.
{
const page = learn.page;
page.choices = {lr: [0.003, 0.01, 0.03, 0.1, 0.2, 0.3], scale: [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1], units: [16, 32, 64, 128]};
const first = page.first;
const slider = (name, text) => `<label>${text} <output id="learn-${name}-said"></output><input type="range" id="learn-${name}"
  min="0" max="${page.choices[name].length - 1}" step="1" value="${page.choices[name].indexOf(first[name])}"></label>`;
const markup = `
<form class="learn-controls" aria-label="Settings">
<fieldset><legend>Rules</legend>${page.rules.map(({key, name, color}) => `<label class="learn-check" style="--learn-color:${color}">
<input type="checkbox" name="rule" value="${key}" checked> ${name}</label>`).join("")}</fieldset>
<div class="learn-sliders">${slider("lr", "learning rate")}${slider("scale", "size of F")}${slider("units", "hidden units")}
<label>hidden layers <select id="learn-depth"><option>1</option><option>2</option></select></label>
<label>seed <input type="number" id="learn-seed" min="0" max="9999" step="1" value="0"></label>
<label class="learn-check"><input type="checkbox" id="learn-mirroring"> weight mirroring of F</label></div>
<div class="learn-buttons"><button type="button" id="learn-run">Start</button>
<button type="button" id="learn-once">One step</button> <button type="button" id="learn-reset">Reset</button>
<span id="learn-clock"></span></div></form>
<p id="learn-said" role="status" class="learn-small"></p>
<div class="learn-charts"><figure id="learn-accuracy"></figure><figure id="learn-angle"></figure></div>
<div id="learn-legend"></div><div class="learn-lanes"></div>
<section class="learn-once" aria-label="One image"><h3>One image, step by step</h3>
<label>rule <select id="learn-which"></select></label> <span id="learn-which-image" class="learn-small"></span>
<div class="learn-told"><div class="learn-signals"></div><div class="learn-formula-here"></div></div></section>`;

const byId = (name) => document.getElementById("learn-" + name);
const dark = () => document.documentElement.dataset.theme === "dark";
const still = matchMedia("(prefers-reduced-motion: reduce)");
let order, state, settings, points = [], waiting = false, drawn = [], lastDrawn = 0;

page.draw = function (canvas, picture) {
  [canvas.width, canvas.height] = [picture.width, picture.height];
  canvas.getContext("2d").putImageData(new ImageData(picture.data, picture.width, picture.height), 0, 0);
};
const chosen = (name) => page.choices[name][byId(name).value];

page.settings = function () {
  const rules = [...document.querySelectorAll("[name=rule]:checked:enabled")].map((box) => box.value);
  const hidden = Array(+byId("depth").value).fill(chosen("units"));
  return {rules, hidden, seed: Math.floor(+byId("seed").value) || 0, scale: chosen("scale"), lr: chosen("lr"),
          momentum: 0.9, mirroring: byId("mirroring").checked};
};

// New networks; what the curves showed is gone.
page.reset = function () {
  const afa = document.querySelector("[name=rule][value=afa]");
  afa.disabled = byId("depth").value !== "1";  // AFA is defined for one hidden layer
  settings = page.settings();
  points = [];
  lanes();
  order({start: settings, watch: byId("which").value});
};

function lanes() {
  document.querySelector(".learn-lanes").innerHTML = settings.rules.map(function (key) {
    const {name, color} = page.look(key), layers = settings.hidden.length + 1;
    const canvases = Array.from({length: layers}, (_, l) => `<figure><canvas role="img" aria-label="Weights of layer ${l + 1}, ${name}"
      class="learn-layer-${l ? "above" : "first"}"></canvas><figcaption>W<sub>${l + 1}</sub></figcaption></figure>`);
    return `<section class="learn-lane" data-rule="${key}" style="--learn-color:${color}"><h4>${name}</h4><p></p>${canvases.join("")}</section>`;
  }).join("");
  const before = byId("which").value;
  byId("which").innerHTML = settings.rules.map((key) => `<option value="${key}">${page.look(key).name}</option>`).join("");
  byId("which").value = settings.rules.find((key) => key === (before || "pepita")) || settings.rules[0] || "";
  byId("legend").innerHTML = page.legend(settings.rules.map(page.look));
}

function receive(message) {
  if (message.sent === 0) points = [];
  points.push(...message.points);
  state = message;
  if (!waiting) requestAnimationFrame(show);
  waiting = true;
}

// Draws the newest state; with reduced motion twice a second at most while it trains.
function show() {
  waiting = false;
  const now = performance.now();
  if (state.weights.length !== settings.rules.length) return;
  if (still.matches && state.running && now - lastDrawn < 500) return;
  lastDrawn = now;
  drawn = [...drawn.filter((t) => now - t < 1000), now];
  byId("run").textContent = state.running ? "Pause" : "Start";
  byId("clock").textContent = `epoch ${state.epoch.toFixed(1)}` + (state.running ? `, ${drawn.length} pictures a second` : "");
  charts();
  state.weights.forEach(lane);
  one();
  say();
  Object.assign(document.getElementById("learn").dataset, {epoch: state.epoch, steps: state.steps, pictures: drawn.length});
}

let charted;
function charts() {
  const shown = JSON.stringify([points.length, settings.rules]);
  if (charted === shown && points.length > 1) return;
  charted = shown;
  const last = Math.max(10, Math.ceil(points[points.length - 1].epoch / 10) * 10), x = {label: "epoch", low: 0, high: last, ticks: [0, last / 2, last]};
  const series = (field) => settings.rules.map((key, r) => ({...page.look(key), points: points.map((p) => [p.epoch, p.nets[r][field]])}));
  byId("accuracy").innerHTML = page.chart({label: "Test accuracy against epochs; the values are in the text above", x, series: series("accuracy"),
    y: {label: "test accuracy (%)", low: 0, high: 100, ticks: [0, 50, 90, 100]}});
  byId("angle").innerHTML = page.chart({label: "Angle of feedback and weights against epochs", x, series: series("angle"),
    y: {label: "angle of W₁F and W₂ᵀ (°)", low: 0, high: 180, ticks: [0, 45, 90, 135, 180]}});
}

const newest = () => points.length ? points[points.length - 1].nets : [];
function lane(weights, r) {
  const box = document.querySelectorAll(".learn-lane")[r], {accuracy, angle, loudness} = newest()[r];
  box.querySelector("p").innerHTML = `<b>${accuracy.toFixed(1)} %</b>` + (angle === angle ? ` <span>angle ${angle.toFixed(0)}°</span>` : "")
    + (loudness === loudness ? ` <span>|Fe|/|x| ${loudness.toPrecision(2)}</span>` : "");
  box.querySelectorAll("canvas").forEach((canvas, l) => page.draw(canvas, page.layer(weights[l], l, {dark: dark()})));
}

function one() {
  const told = state.told, here = document.querySelector(".learn-signals");
  if (!told) return;
  const signals = page.signals(told, settings.lr, {dark: dark()}), names = told.rule + signals.map(([name]) => name);
  byId("which-image").textContent = `image ${state.image + 1} of the training set, a ${told.target.data.indexOf(1)}`;
  if (here.dataset.names !== names) {
    here.dataset.names = names;
    here.innerHTML = signals.map(([name, text, what]) => `<figure><figcaption><b>${name}</b></figcaption>`
      + (what.width ? `<canvas role="img" aria-label="${text}"></canvas>` : "<div></div>") + `<figcaption>${text}</figcaption></figure>`).join("");
    document.querySelectorAll(".learn-formula").forEach((box) => { box.hidden = !box.classList.contains("learn-" + told.rule); });
  }
  signals.forEach(function ([, text, what], i) {
    const place = here.children[i].children[1];
    if (what.width) page.draw(place, what);
    else place.innerHTML = page.bars(what, text);
  });
}

// Spoken at rest and every five epochs, not thirty times a second.
let said = "";
function say() {
  const at = state.running ? Math.floor(state.epoch / 5) * 5 : state.epoch.toFixed(1), words = `Epoch ${at}`;
  if (words === said.slice(0, words.length) && state.running) return;
  said = `${words}: ` + settings.rules.map((key, r) => `${page.look(key).name} ${newest()[r].accuracy.toFixed(1)} %`).join(", ")
    + (byId("depth").value === "2" ? ". AFA is defined for one hidden layer." : "");
  if (byId("said").textContent !== said) byId("said").textContent = said;
}

function sayChoices() {
  for (const name of Object.keys(page.choices)) {
    byId(name + "-said").textContent = chosen(name);
    byId(name).setAttribute("aria-valuetext", chosen(name));
  }
}

page.open = function (root) {
  root.innerHTML = markup;
  root.hidden = false;
  document.documentElement.classList.add("learn-live");
  document.querySelector(".learn-formula-here").append(...document.querySelectorAll(".learn-formula"));
  order = learn.employ(receive);
  root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("input", function ({target}) {
    sayChoices();
    if (target.id === "learn-which") return order({watch: target.value});
    if (!["learn-lr", "learn-mirroring"].includes(target.id)) return page.reset();
    settings = {...settings, lr: chosen("lr"), mirroring: byId("mirroring").checked};
    order({change: {lr: settings.lr, mirroring: settings.mirroring}});
  });
  byId("run").addEventListener("click", () => order({run: !state.running}));
  byId("once").addEventListener("click", () => order({once: true}));
  byId("reset").addEventListener("click", page.reset);
  new MutationObserver(() => state && show()).observe(document.documentElement, {attributeFilter: ["data-theme"]});
  sayChoices();
  page.reset();
};
if (typeof document !== "undefined" && document.getElementById("learn")) page.open(document.getElementById("learn"));
}
