// noise: [xi_1, ..., xi_L], B rows each, columns of mean 0.
learn.mirror = function (net) {
  const {weights, factors, noise, rate, decay, spread} = net;
  const {outer, times, transposed, zip} = learn;
  const moved = factors.map(function (B, l) {
    const out = times(noise[l], transposed(weights[l]));
    const step = outer(noise[l], out);  // xi^T (xi W_l^T) / B
    return zip((b, s) => (1 - rate * decay) * b + rate * s, B, step);
  });
  const scale = spread / learn.deviation(learn.product(moved));
  const each = scale ** (1 / moved.length);
  return moved.map((B) => zip((b) => b * each, B, B));
};
