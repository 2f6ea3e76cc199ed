learn.rules.afa = function ({weights, x, target, feedback}) {
  const {forward, gated, minus, outer, times, transposed} = learn;
  const [, h, y] = forward(weights, x);  // one hidden layer
  const e = minus(y, target);
  const adaptive = transposed(times(weights[0], feedback));
  return [outer(gated(times(e, adaptive), h), x), outer(e, h)];
};
