learn.rules.pepita = function ({weights, x, target, feedback}) {
  const {forward, minus, outer, times, transposed} = learn;
  const L = weights.length, h = forward(weights, x);
  const e = minus(h[L], target);  // y - t
  const shown = minus(x, times(e, transposed(feedback)));
  const mod = forward(weights, shown);  // h', on x' = x - e F^T
  return weights.map((_, l) =>
    outer(l < L - 1 ? minus(h[l + 1], mod[l + 1]) : e, mod[l]));
};
