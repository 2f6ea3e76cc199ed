// noise: [xi_1, ..., xi_L], xi_l of B rows and n_{l-1} columns, every column of mean 0.
learn.mirror = function ({weights, factors, noise, rate, decay, spread}) {
  const {outer, times, transposed, zip} = learn;
  const moved = factors.map((B, l) => zip(
    (b, step) => (1 - rate * decay) * b + rate * step,
    B, outer(noise[l], times(noise[l], transposed(weights[l])))));
  const ratio = (spread / learn.deviation(learn.product(moved))) ** (1 / moved.length);
  return moved.map((B) => zip((b) => b * ratio, B, B));
};
