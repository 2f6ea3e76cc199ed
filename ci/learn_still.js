// Writes what stands in place of the page's widgets in print: node ci/learn_still.js > book/_static/learn/still.svg
const fs = require("fs"), path = require("path"), vm = require("vm");
const folder = path.join(__dirname, "..", "book", "_static", "learn");
for (const name of JSON.parse(fs.readFileSync(path.join(folder, "files.json")))) {
  vm.runInThisContext(fs.readFileSync(path.join(folder, name), "utf8"), {filename: name});
}

const EPOCHS = 30, page = learn.page, keys = page.rules.map((rule) => rule.key);

function trained() {
  const {lr, scale, units} = page.first, data = learn.unpack(learn.digits);
  const settings = {rules: keys, hidden: [units], seed: 0, scale, lr, momentum: 0.9, mirroring: false};
  const course = learn.course(settings, data);
  for (learn.measure(course); learn.epochs(course) < EPOCHS;) {
    learn.advance(course);
    if (course.steps % learn.everySteps === 0) learn.measure(course);
  }
  return course;
}

function chart({points}, field, label, low, ticks) {
  const series = keys.map((key, r) => ({...page.look(key), points: points.map((p) => [p.epoch, p.nets[r][field]])}));
  return page.chart({label, series, x: {label: "epoch", low: 0, high: EPOCHS, ticks: [0, 10, 20, 30]},
                     y: {label, low, high: ticks[ticks.length - 1], ticks}});
}

function pixels({width, height, data}, size) {
  const rects = [];
  for (let i = 0; i < width * height; i++) {
    rects.push(`<rect x="${i % width}" y="${Math.floor(i / width)}" width="1" height="1" fill="rgb(${[...data.subarray(4 * i, 4 * i + 3)]})"/>`);
  }
  return `<g transform="scale(${size / width})" shape-rendering="crispEdges">${rects.join("")}</g>`;
}

function poster() {
  const course = trained(), told = learn.explain(course.nets[keys.indexOf("pepita")], course.data, 0);
  const wanted = ["x", "F e", "x′ = x − F e", "h₁", "h₁′", "h₁ − h₁′"];
  const signals = page.signals(told, page.first.lr).filter(([name]) => wanted.includes(name))
    .sort((a, b) => wanted.indexOf(a[0]) - wanted.indexOf(b[0]));
  const ends = course.points[course.points.length - 1].nets.map((net) => net.accuracy);
  const names = page.rules.map(({name, color, dash}, r) => `<g transform="translate(${10 + 155 * r} 250)"><path d="M0 0H26" stroke="${color}"
 stroke-width="3" stroke-dasharray="${dash}"/><text x="32" y="4">${name} <tspan class="end">${ends[r].toFixed(1)}</tspan> %</text></g>`);
  const pictures = signals.map(([name, , picture], i) => `<g transform="translate(${20 + 155 * i} 275)"><text y="12">${name}</text>
<g transform="translate(0 22)">${pixels(picture, 110)}</g></g>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 950 420" width="950" height="420" fill="#222" font-family="system-ui, sans-serif" font-size="13">
<rect width="950" height="420" fill="#fff"/><g color="#222">${chart(course, "accuracy", "test accuracy (%)", 0, [0, 50, 90, 100])}</g>
<g transform="translate(480 0)" color="#222">${chart(course, "angle", "angle of W₁F and W₂ᵀ (°)", 0, [0, 45, 90, 135, 180])}</g>
${names.join("\n")}${pictures.join("\n")}</svg>`;
}
console.log(poster());
