learn.rules.bp = function ({weights, x, target}) {
  const {forward, gated, minus, outer, times} = learn;
  const h = forward(weights, x), G = [];
  let delta = minus(h[weights.length], target);  // y - t
  for (let l = weights.length - 1; l >= 0; l--) {
    G[l] = outer(delta, h[l]);
    if (l > 0) delta = gated(times(delta, weights[l]), h[l]);
  }
  return G;
};
