// The explorer of the ODE: sliders over solved runs. Numbers: topdown_book.figures.explorer.
{
const {choices, first, times, teacher, values} = learn.numbers, page = learn.page, root = document.getElementById("explore");
const curves = Object.fromEntries(Object.entries(values).map(([name, packed]) => [name, page.unpacked(packed)]));
const names = Object.keys(choices), said = {eta: "learning rate η", gamma: "feedback strength γ", angle: "first angle of student and AF vector (°)"};
const grey = "#999", blue = "#0072B2", green = "#009E73", orange = "#E69F00", light = "#56B4E9", purple = "#CC79A7", red = "#D55E00";
const x = {label: "learning rate × time", low: 0.05, high: 100, log: true, ticks: [0.1, 1, 10, 100]};

root.innerHTML = `<form class="learn-controls" aria-label="Choose a run"><div class="learn-sliders">`
  + names.map((name) => page.slider(name, said[name], choices[name].length - 1, choices[name].indexOf(first[name]))).join("")
  + page.slider("time", "time", times.length - 1, 22) + `</div></form><p id="explore-said" role="status" class="learn-small"></p>
<div class="learn-charts">${["error", "angles", "order", "directions", "map"].map((name) => `<figure id="explore-${name}"></figure>`).join("")}</div>`;
const byId = (name) => document.getElementById("explore-" + name), index = (name) => +byId(name).value;

// The numbers of a run: where it begins in every array.
const run = (at) => names.reduce((p, name) => p * choices[name].length + at[name], 0) * times.length;
const chosen = () => Object.fromEntries(names.map((name) => [name, index(name)]));
const curve = (name, at, f = (v) => v) => times.map((t, k) => [t, f(curves[name][run(at) + k])]);
// How many times the run lasts: less than all where it runs away.
const lasts = (at) => times.filter((_, k) => !Number.isNaN(curves.error[run(at) + k])).length;

function marks(at) {
  const end = lasts(at), k = Math.min(index("time"), end - 1);
  return (X, Y) => (end < times.length ? `<rect x="${X(times[end - 1])}" y="12" width="${388 - X(times[end - 1])}" height="180" fill="${red}" opacity=".15"/>
<text x="${+X(times[end - 1]) + 4}" y="26" font-size="11">runs away</text>` : "")
    + `<path d="M${X(times[k])} 12v180" stroke="currentColor" stroke-dasharray="3 3"/>`;
}

function chart(name, label, y, series, at) {
  byId(name).innerHTML = page.chart({label, x, y, series, extra: marks(at)}) + page.legend(series);
}

function draw() {
  const at = chosen(), still = {...at, gamma: 0}, end = lasts(at), k = Math.min(index("time"), end - 1), power = (v) => 10 ** v;
  chart("error", "Generalisation error against time", {label: "error", low: 1e-6, high: 10, log: true, ticks: [1e-6, 1e-4, 1e-2, 1]},
    [{name: "AFA (γ = 0)", color: grey, dash: "2 3", points: curve("error", still, power)}, {name: "PEPITA", color: blue, points: curve("error", at, power)}], at);
  chart("angles", "Angles of the directions against time", {label: "angle (°)", low: 0, high: 180, ticks: [0, 45, 90, 135, 180]},
    [{name: "student, teacher", color: blue, points: curve("student_teacher", at)}, {name: "student, degenerate", color: green, dash: "7 3", points: curve("student_degenerate", at)},
      {name: "AF, student", color: orange, dash: "2 3", points: curve("feedback_student", at)}], at);
  chart("order", "Order parameters against time", {label: "order parameter", low: -2, high: 2, ticks: [-2, -1, 0, 1, 2]},
    [["Q11", "Q₁₁", blue], ["Q22", "Q₂₂", light], ["Q12", "Q₁₂", purple, "2 3"], ["R11", "R₁₁", green], ["R22", "R₂₂", green, "7 3"], ["R12", "R₁₂", orange], ["R21", "R₂₁", orange, "7 3"]]
      .map(([name, shown, color, dash]) => ({name: shown, color, dash, points: curve(name, at)})), at);
  directions(at, k);
  map(at);
  const value = (name) => curves[name][run(at) + k];
  byId("said").textContent = `At ηt = ${times[k]}: error ${power(value("error")).toExponential(1)}, student and degenerate solution `
    + `${value("student_degenerate").toFixed(0)}° apart. ` + (end < times.length ? `The run runs away at ηt = ${times[end - 1]}.` : "The run stays finite.");
  root.dataset.curve = curve("error", at, power).map((p) => p[1].toPrecision(3)).join(" ");
  names.concat("time").forEach(function (name) {
    const shown = name === "time" ? times[index("time")] : choices[name][at[name]];
    byId(name + "-said").textContent = shown;
    byId(name).setAttribute("aria-valuetext", shown);
  });
}

// The output weights as arrows at one time: student, AF vector, teacher; dots: degenerate solutions.
function directions(at, k) {
  const unit = ([p, q]) => [p / Math.hypot(p, q), q / Math.hypot(p, q)], vector = (name) => unit([1, 2].map((i) => curves[name + i][run(at) + k]));
  const [p, q] = unit(teacher), all = [[p, q], [q, p]].flatMap(([u, v]) => [[u, v], [u, -v], [-u, v], [-u, -v]]);
  const dot = ([u, v], fill) => `<circle cx="${100 * u}" cy="${-100 * v}" r="5" fill="${fill}" stroke="${green}" stroke-width="2"/>`;
  const arrow = ([u, v], length, color) => `<path d="M0 0L${length * u} ${-length * v}" stroke="${color}" stroke-width="4" marker-end="url(#explore-tip)"/>`;
  const looks = [["teacher", unit(teacher), 96, "#00533C"], ["AF vector a", vector("a"), 82, orange], ["student v", vector("v"), 68, blue]];
  byId("directions").innerHTML = `<svg viewBox="-115 -115 230 230" class="learn-chart" style="max-width:18rem" role="img" aria-label="Directions of the output weights at the chosen time">
<defs><marker id="explore-tip" viewBox="0 0 6 6" refX="4" refY="3" markerWidth="3" markerHeight="3" orient="auto"><path d="M0 0L6 3L0 6z" fill="context-stroke"/></marker></defs>
<circle r="100" fill="none" stroke="currentColor" opacity=".4"/>${all.map((v) => dot(v, "none")).join("")}${dot(vector("copy"), green)}
${looks.map(([, v, length, color]) => arrow(v, length, color)).join("")}</svg>`
    + page.legend([...looks.map(([name, , , color]) => ({name, color})), {name: "degenerate solutions (filled: the nearest to the end)", color: green, dash: "4 22"}]);
}

// Which runs of this first angle run away; a cell chooses its run.
function map(at) {
  const cells = choices.eta.flatMap((eta, i) => choices.gamma.map(function (gamma, j) {
    const here = {...at, eta: i, gamma: j}, away = lasts(here) < times.length, on = i === at.eta && j === at.gamma;
    return `<g data-eta="${i}" data-gamma="${j}" style="cursor:pointer"><rect x="${60 + 46 * j}" y="${10 + 32 * (4 - i)}" width="44" height="30" fill="${away ? red : blue}" opacity="${away ? 0.75 : 0.25}"/>
<text x="${82 + 46 * j}" y="${29 + 32 * (4 - i)}" text-anchor="middle" font-size="10">${away ? "away" : ""}</text>${on ? `<rect x="${60 + 46 * j}" y="${10 + 32 * (4 - i)}" width="44" height="30" fill="none" stroke="currentColor" stroke-width="3"/>` : ""}</g>`;
  }));
  byId("map").innerHTML = `<svg viewBox="0 0 400 215" class="learn-chart" fill="currentColor" font-size="12" role="img" aria-label="Which learning rates and feedback strengths run away at this first angle">${cells.join("")}
${choices.eta.map((v, i) => `<text x="54" y="${30 + 32 * (4 - i)}" text-anchor="end">${v}</text>`).join("")}${choices.gamma.map((v, j) => `<text x="${82 + 46 * j}" y="186" text-anchor="middle">${v}</text>`).join("")}
<text x="220" y="208" text-anchor="middle">feedback strength γ</text><text transform="translate(14 90) rotate(-90)" text-anchor="middle">learning rate η</text></svg>`;
}

byId("map").addEventListener("click", function ({target}) {
  const cell = target.closest("g[data-eta]");
  if (!cell) return;
  [byId("eta").value, byId("gamma").value] = [cell.dataset.eta, cell.dataset.gamma];
  draw();
});
root.addEventListener("input", draw);
root.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
draw();
}
