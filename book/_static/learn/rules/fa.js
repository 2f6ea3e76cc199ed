learn.rules.fa = function ({weights, x, target, feedback}) {
  const {forward, gated, minus, outer, times} = learn;
  const h = forward(weights, x), G = [];
  let delta = minus(h[weights.length], target);  // y - t
  for (let l = weights.length - 1; l >= 0; l--) {
    G[l] = outer(delta, h[l]);
    if (l > 0) delta = gated(times(delta, feedback[l - 1]), h[l]);
  }
  return G;
};
