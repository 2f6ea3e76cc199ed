// Drag F over the plane of its overlaps b_1, b_2. Numbers: topdown_book.figures.feedback_plane.
{
const {overlaps, times, teacher, recovered, error} = learn.numbers, page = learn.page, root = document.getElementById("explore");
const all = page.unpacked(error), n = overlaps.length, size = 400, step = size / n;
const text = (name, number) => page.slider(name, `b<sub>${number}</sub>, overlap of F and the teacher's unit ${number}`, n - 1, n - 6);
root.innerHTML = `<form class="learn-controls" aria-label="Choose F"><div class="learn-sliders">${text("b1", 1)}${text("b2", 2)}</div></form>
<p id="explore-said" role="status" class="learn-small"></p><div class="learn-charts"><figure id="explore-plane"></figure><figure id="explore-course"></figure></div>`;
const byId = (name) => document.getElementById("explore-" + name), at = () => [+byId("b1").value, +byId("b2").value];
const course = (i, j) => times.map((t, k) => [t, 10 ** all[(i * n + j) * times.length + k]]);
const end = (i, j) => all[(i * n + j + 1) * times.length - 1];

const X = (i) => 50 + step * i, Y = (j) => 10 + step * (n - 1 - j);
const cells = overlaps.flatMap((_, i) => overlaps.map((__, j) => `<rect x="${X(i)}" y="${Y(j)}" width="${step + 0.3}" height="${step + 0.3}" fill="${shade(end(i, j))}"/>`));
function shade(v) {  // log10 of the error at the end: blue where the teacher is found
  const share = Math.min(1, Math.max(0, -v / 8));
  return `rgb(${[230 - 230 * share, 190 - 76 * share, 120 + 58 * share].map(Math.round)})`;
}
const label = (v, px, py) => `<text x="${px}" y="${py}" text-anchor="middle">${v}</text>`;
const places = [0, 7, 12, 17, 24];
byId("plane").innerHTML = `<svg viewBox="0 0 460 460" class="learn-chart" fill="currentColor" font-size="12" style="touch-action:none;cursor:crosshair" role="img"
aria-label="Error at the end over the plane of b1 and b2; the sliders above move the point">${cells.join("")}
<path d="M${X(12) + step / 2} 10v${size}M50 ${Y(12) + step / 2}h${size}" stroke="#222" stroke-dasharray="4 3"/>
${places.map((i) => label(overlaps[i], X(i) + step / 2, 426) + label(overlaps[i], 30, Y(i) + 12)).join("")}
${label("b₁", 250, 448)}${label("b₂", 10, 215)}<circle id="explore-point" r="9" fill="#fff" stroke="#000" stroke-width="3"/></svg>`;

function draw() {
  const [i, j] = at(), b = [overlaps[i], overlaps[j]], found = 10 ** end(i, j) < recovered, right = b.every((v, m) => v * teacher[m] > 0);
  byId("point").setAttribute("cx", X(i) + step / 2);
  byId("point").setAttribute("cy", Y(j) + step / 2);
  byId("said").textContent = `b₁ṽ₁ = ${(b[0] * teacher[0]).toFixed(2)}, b₂ṽ₂ = ${(b[1] * teacher[1]).toFixed(2)}: ${right ? "both signs are right" : "not all signs are right"}. `
    + `The student ${found ? "finds" : "does not find"} the teacher by t = ${times[times.length - 1]}; its error is then ${end(i, j) < -8.9 ? "below 1e-9, the rounding" : (10 ** end(i, j)).toExponential(1)}.`;
  Object.assign(root.dataset, {found, right});
  const line = {name: "error", color: found ? "#0072B2" : "#D55E00", points: course(i, j)};
  byId("course").innerHTML = page.chart({label: "Error against time for the chosen F", series: [line], height: 300,
    x: {label: "time (samples / D)", low: 1, high: 20000, log: true, ticks: [1, 10, 100, 1000, 10000]},
    y: {label: "error", low: 1e-9, high: 10, log: true, ticks: [1e-8, 1e-6, 1e-4, 1e-2, 1]}});
  ["b1", "b2"].forEach(function (name, m) {
    byId(name + "-said").textContent = b[m];
    byId(name).setAttribute("aria-valuetext", b[m]);
  });
}

// Dragging: the nearest solved point.
function drag(event) {
  if (event.type === "pointermove" && !event.buttons) return;
  const box = byId("plane").firstChild.getBoundingClientRect(), px = (event.clientX - box.left) * 460 / box.width, py = (event.clientY - box.top) * 460 / box.height;
  const near = (v) => Math.max(0, Math.min(n - 1, Math.floor(v / step)));
  [byId("b1").value, byId("b2").value] = [near(px - 50), n - 1 - near(py - 10)];
  draw();
}
["pointerdown", "pointermove"].forEach((name) => byId("plane").firstChild.addEventListener(name, drag));
root.addEventListener("input", draw);
root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
draw();
}
