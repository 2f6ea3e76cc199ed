learn.rules.hebbian = function ({weights, x, target, feedback}) {
  const {forward, minus, outer, times, transposed} = learn;
  const L = weights.length, h = forward(weights, x);
  const e = minus(h[L], target);  // y - t
  const shown = minus(x, times(e, transposed(feedback)));
  const mod = forward(weights, shown);  // h', on x' = x - e F^T
  return weights.map((_, l) => minus(
    outer(h[l + 1], h[l]),  // pass 1: anti-Hebbian
    outer(l < L - 1 ? mod[l + 1] : target, mod[l])));  // pass 2
};
