learn.rules.pepita = function ({weights, x, target, feedback}) {
  const {forward, minus, outer, times, transposed} = learn;
  const L = weights.length, h = forward(weights, x);
  const e = minus(h[L], target);                         // y - t
  const shown = minus(x, times(e, transposed(feedback)));  // x' = x - e F^T
  const mod = forward(weights, shown);                   // h', the second pass
  return weights.map((_, l) =>
    outer(l < L - 1 ? minus(h[l + 1], mod[l + 1]) : e, mod[l]));
};
