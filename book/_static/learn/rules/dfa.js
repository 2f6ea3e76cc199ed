learn.rules.dfa = function ({weights, x, target, feedback}) {
  const {forward, gated, minus, outer, times} = learn;
  const h = forward(weights, x), e = minus(h[weights.length], target);
  const delta = feedback.map((B, l) => gated(times(e, B), h[l + 1]));
  return [...delta, e].map((post, l) => outer(post, h[l]));
};
