// What the page shows of the rules: their names and colours, and the signals of one image.
learn.page.rules = [["bp", "BP", "#0072B2", ""], ["fa", "FA", "#E69F00", "7 3"], ["dfa", "DFA", "#CC79A7", "2 3"],
  ["pepita", "PEPITA", "#D55E00", ""], ["hebbian", "PEPITA-Hebbian", "#009E73", "9 3 2 3"], ["afa", "AFA", "#56B4E9", "4 2"]]
  .map(([key, name, color, dash]) => ({key, name, color, dash}));
learn.page.look = (key) => learn.page.rules.find((rule) => rule.key === key);
learn.page.first = {lr: 0.1, scale: 0.1, units: 64};

{
const page = learn.page;
// The signals of one image, in the order in which they arise.
page.signals = function (told, lr, options = {}) {
  const key = told.rule, ink = {...options, ink: true}, both = told.mod ? Math.max(...told.h[1].data, ...told.mod[1].data) : 0;
  const moved = (G) => ({...G, data: G.data.map((v) => -lr * v)});
  const found = [["x", "the image", page.image(told.x.data, {...ink, scale: 1})],
    ["h₁", "first hidden layer", page.units(told.h[1].data, {...ink, scale: both})],
    ["y", "output", told.h[told.h.length - 1].data], ["e = y − t", "error", told.e.data]];
  if (told.mod && key !== "afa") found.push(["F e", "error, sent to the input", page.image(told.Fe.data, options)],
    ["x′ = x − F e", "second input", page.image(told.shown.data, {...ink, scale: 1})],
    ["h₁′", "second pass", page.units(told.mod[1].data, {...ink, scale: both})],
    ["h₁ − h₁′", "what the layer learns from", page.units(learn.minus(told.h[1], told.mod[1]).data, options)]);
  else found.push([key === "afa" ? "e (W₁F)ᵀ ⊙ φ′" : "δ₁", "what the layer learns from", page.units(page.delta(told), options)]);
  const last = told.G.length;
  return [...found, ["−ηG₁", "update of W₁, one tile per unit", page.layer(moved(told.G[0]), 0, options)],
    [`−ηG${"₀₁₂₃"[last]}`, `update of W${"₀₁₂₃"[last]}, one row per digit`, page.layer(moved(told.G[last - 1]), last - 1, options)]];
};
// For one image G_1 = delta_1^T x, so delta_1 = G_1 x / |x|^2.
page.delta = ({G, x}) => learn.times(G[0], learn.transposed(x)).data.map((v) => v / learn.norm(x) ** 2);
}
