"""The explorer's page: one HTML document with sliders, Plotly and the data inside; no network."""

from __future__ import annotations

import json

SLIDERS = {"eta": "learning rate η", "gamma": "feedback strength γ",
           "angle": "first angle of student and AF vector (°)"}


def explorer_page(runs: list, choices: dict[str, list], first: dict[str, int], curves: list) -> str:
    """A whole document.

    runs: for every combination of `choices`, in the order of their product, [x, curve 1, ...].
    first: the index at which each slider stands. curves: dicts with name, color, dash, axis.
    """
    from plotly.offline import get_plotlyjs

    sliders = "".join(_slider(name, values, first[name]) for name, values in choices.items())
    data = json.dumps(dict(runs=runs, choices=choices, curves=curves), separators=(",", ":"))
    return _PAGE.replace("SLIDERS", sliders).replace("DATA", data).replace("PLOTLY", get_plotlyjs())


def _slider(name: str, values: list, index: int) -> str:
    return (f"<label for='{name}'><span>{SLIDERS[name]}: <output id='{name}-value'></output></span>"
            f"<input type='range' id='{name}' min='0' max='{len(values) - 1}' step='1' "
            f"value='{index}'></label>")


_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Explorer of PEPITA's ODE</title>
<style>
body { font: 15px/1.4 system-ui, sans-serif; margin: 0; color: #222; background: #fff; }
form { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; padding: .2rem .4rem; }
label { flex: 1 1 13rem; display: block; }
input { width: 100%; margin: .2rem 0; accent-color: #0072B2; height: 1.6rem; }
#said { margin: 0 .4rem; min-height: 2.8em; }
#plot { height: 500px; }
</style></head><body>
<form onsubmit="return false">SLIDERS</form>
<p id="said" role="status" aria-live="polite"></p>
<div id="plot" role="img" aria-describedby="said"></div>
<script>PLOTLY</script>
<script>
"use strict";
const all = DATA;
const names = Object.keys(all.choices);
const input = Object.fromEntries(names.map(n => [n, document.getElementById(n)]));
const chosen = () => names.map(n => Number(input[n].value));
const place = index => names.reduce((p, n, i) => p * all.choices[n].length + index[i], 0);
const layout = {
  margin: {l: 58, r: 12, t: 8, b: 44}, showlegend: true, hovermode: "x unified",
  legend: {orientation: "h", x: 0, y: -0.17, font: {size: 12}},
  xaxis: {type: "log", title: {text: "learning rate \\u00d7 time"}, range: [-1.3, 2.02],
          anchor: "y2"},
  yaxis: {type: "log", title: {text: "error"}, domain: [0.54, 1], range: [-5, 0.7],
          exponentformat: "power", dtick: 1},
  yaxis2: {title: {text: "angle (\\u00b0)"}, domain: [0, 0.46], range: [-5, 185], dtick: 45},
};
const traces = run => all.curves.map((c, i) => ({
  x: run[0], y: run[i + 1], name: c.name, yaxis: c.axis, mode: "lines",
  line: {color: c.color, dash: c.dash, width: 2}}));
function draw() {
  const index = chosen(), run = all.runs[place(index)];
  const still = all.runs[place(index.map((k, i) => names[i] === "gamma" ? 0 : k))];
  names.forEach((n, i) => {
    document.getElementById(n + "-value").textContent = all.choices[n][index[i]];
    input[n].setAttribute("aria-valuetext", all.choices[n][index[i]]);
  });
  const limit = {x: still[0], y: still[1], name: "error of AFA (\\u03b3 = 0)", mode: "lines",
                 line: {color: "#999999", dash: "dot", width: 1.5}};
  Plotly.react("plot", [limit, ...traces(run)], layout, {responsive: true, displayModeBar: false});
  const end = run[0].length - 1, whole = run[0].length === all.runs[0][0].length;
  document.getElementById("said").textContent = whole
    ? "Error at the end: " + run[1][end].toExponential(1) + "; angle of student and degenerate " +
      "solution " + run[3][end].toFixed(1) + "\\u00b0."
    : "Runs away at learning rate \\u00d7 time = " + run[0][end].toPrecision(2) + ".";
  document.body.dataset.curve = run[1].join(" ");
}
const fit = () => {  // inside a notebook's frame: no second scroll bar
  if (window.frameElement) frameElement.style.height = document.body.scrollHeight + 8 + "px";
};
names.forEach(n => input[n].addEventListener("input", draw));
draw();
fit();
addEventListener("resize", fit);
</script></body></html>
"""
