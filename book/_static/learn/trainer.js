// One network trained by one rule: what is drawn, one step, what is measured.

// Uniform numbers in [0, 1): "mulberry32" (T. Ettinger, public domain), 32 bits of state. Every
// purpose has a generator of its own, so that all rules start from the same weights.
learn.purposes = ["weights", "feedback", "order", "mirroring"];
learn.generator = function (seed, purpose) {
  let state = Math.imul(seed + 1, 1000003) + learn.purposes.indexOf(purpose) | 0;
  return function () {
    state = state + 0x6D2B79F5 | 0;
    let z = Math.imul(state ^ state >>> 15, 1 | state);
    z = z + Math.imul(z ^ z >>> 7, 61 | z) ^ z;
    return ((z ^ z >>> 14) >>> 0) / 4294967296;
  };
};

// Gaussian entries by Box and Muller.
learn.gaussian = function (rows, cols, deviation, draw) {
  const c = learn.matrix(rows, cols);
  return learn.zip(() => deviation * Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw()), c, c);
};
// He's initialisation: U(+-sqrt(6 / fan_in)).
learn.he = function (rows, cols, fanIn, draw) {
  const c = learn.matrix(rows, cols), bound = Math.sqrt(6 / fanIn);
  return learn.zip(() => bound * (2 * draw() - 1), c, c);
};

learn.product = (matrices) => matrices.reduceRight((right, left) => learn.times(left, right));
learn.deviation = function (a) {
  const n = a.data.length, mean = a.data.reduce((sum, v) => sum + v, 0) / n;
  return Math.sqrt(a.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
};
learn.usesF = (rule) => ["pepita", "hebbian", "afa"].includes(rule);

// settings: {rule, sizes: [D, n_1, ..., C], seed, scale, lr, momentum, mirroring}.
// F = B_1 B_2 ... B_L has the standard deviation scale sqrt(2 / D).
learn.network = function (settings) {
  const {rule, sizes, seed, scale} = settings, hidden = sizes.slice(1, -1), C = sizes[sizes.length - 1];
  const first = learn.generator(seed, "weights"), draw = learn.generator(seed, "feedback");
  const weights = sizes.slice(1).map((n, l) => learn.he(n, sizes[l], sizes[l], first));
  const spread = scale * Math.sqrt(2 / sizes[0]);
  const each = (spread / Math.sqrt(hidden.reduce((p, n) => p * n, 1))) ** (1 / weights.length);
  const net = {...settings, weights, spread, noise: learn.generator(seed, "mirroring"),
               velocities: weights.map((w) => learn.matrix(w.rows, w.cols))};
  if (learn.usesF(rule)) {
    net.factors = weights.map((w) => learn.gaussian(w.cols, w.rows, each, draw));
    net.feedback = learn.product(net.factors);
  }
  if (rule === "fa") net.feedback = weights.slice(1).map((w) => learn.he(w.rows, w.cols, w.cols, draw));
  if (rule === "dfa") net.feedback = hidden.map((n) => learn.he(C, n, n, draw));
  return net;
};

// V <- momentum V + G,  W <- W - lr V, on the rows x and their one-hot targets; returns G.
learn.step = function (net, x, target) {
  const G = learn.rules[net.rule]({...net, x, target});
  net.velocities.forEach(function (v, l) {
    const w = net.weights[l].data;
    for (let i = 0; i < w.length; i++) {
      v.data[i] = net.momentum * v.data[i] + G[l].data[i];
      w[i] -= net.lr * v.data[i];
    }
  });
  return G;
};

// One step of weight mirroring, on noise of standard deviation 0.1; F keeps its own.
learn.mirrorStep = function (net, rows = 64) {
  const noise = net.weights.map((w) => learn.centred(learn.gaussian(rows, w.cols, 0.1, net.noise)));
  net.factors = learn.mirror({...net, noise, rate: 0.1, decay: 0.5});
  net.feedback = learn.product(net.factors);
};
learn.centred = function (xi) {
  const means = learn.outer(learn.matrix(xi.rows, 1, new Float64Array(xi.rows).fill(1)), xi).data;
  return learn.matrix(xi.rows, xi.cols, xi.data.map((v, i) => v - means[i % xi.cols]));
};

// How far the way of the error is from its gradient's: the angle of W_1 F and (W_L ... W_2)^T, of
// B_2 and W_2 for FA, of B_1 and W_L ... W_2 for DFA. BP has none.
learn.alignment = function ({rule, weights, feedback}) {
  const above = learn.product(weights.slice(1).reverse());  // W_L ... W_2
  if (learn.usesF(rule)) return learn.angle(learn.times(weights[0], feedback), learn.transposed(above));
  if (rule === "fa") return learn.angle(feedback[0], weights[1]);
  return rule === "dfa" ? learn.angle(feedback[0], above) : NaN;
};

// |F e| / |x| over the rows of x: how loud the modulation is.
learn.loudness = function ({weights, feedback}, x, target) {
  const e = learn.minus(learn.forward(weights, x)[weights.length], target);
  return learn.norm(learn.times(e, learn.transposed(feedback))) / learn.norm(x);
};
