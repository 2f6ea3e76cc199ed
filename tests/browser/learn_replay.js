// What the tests ask of the page's code, in Node and in the page.
const from = (rows) => learn.matrix(rows.length, rows[0].length, Float64Array.from(rows.flat()));
const fromEither = (f) => f && (typeof f[0][0] === "number" ? from(f) : f.map(from));
const distance = (found, expected) => Math.max(...found.map((a, l) =>
  Math.max(...a.data.map((v, i) => Math.abs(v - expected[l].flat()[i])))));

// golden: {rule, weights, feedback, factors, gradients, steps: [{x, target, noise}], ...}, written
// by the library. The largest distances from it: of the gradients and, after all steps, of the
// weights, F and the angle.
function replay(golden) {
  const {rule, lr, momentum, spread, rate, decay, steps} = golden;
  const weights = golden.weights.map(from), feedback = fromEither(golden.feedback);
  const net = {rule, lr, momentum, spread, weights, feedback,
               velocities: weights.map((w) => learn.matrix(w.rows, w.cols))};
  const first = {x: from(steps[0].x), target: from(steps[0].target)};
  const found = {gradients: distance(learn.rules[rule]({...net, ...first}), golden.gradients)};
  if (golden.factors) net.factors = golden.factors.map(from);
  for (const {x, target, noise} of steps) {
    learn.step(net, from(x), from(target));
    if (!noise) continue;
    net.factors = learn.mirror({...net, noise: noise.map(from), rate, decay});
    net.feedback = learn.product(net.factors);
  }
  found.weights = distance(net.weights, golden.after.weights);
  if (noiseIn(golden)) found.feedback = distance([net.feedback], [golden.after.feedback]);
  if (learn.usesF(rule)) found.angle = Math.abs(learn.alignment(net) - golden.after.angle);
  return found;
}
const noiseIn = (golden) => Boolean(golden.steps[0].noise);

// Accuracies in percent after `epochs` epochs, one list a seed, one number a rule.
function train({settings, seeds, epochs}) {
  const data = learn.unpack(learn.digits);
  return seeds.map(function (seed) {
    const course = learn.course({...settings, seed}, data);
    while (learn.epochs(course) < epochs) learn.advance(course);
    learn.measure(course);
    return course.points[0].nets.map((net) => net.accuracy);
  });
}

const lists = (a) => Array.from({length: a.rows}, (_, i) => [...a.data.subarray(i * a.cols, (i + 1) * a.cols)]);
function digits() {
  const {x, testX, labels, testLabels} = learn.unpack(learn.digits);
  return {x: lists(x), testX: lists(testX), labels: [...labels], testLabels: [...testLabels]};
}
const sizes = (hidden) => [64, ...hidden, 10];
// The first weights of every rule, for every seed.
const starts = ({rules, seeds}) => seeds.map((seed) => rules.map((rule) =>
  learn.network({rule, seed, sizes: sizes([5]), scale: 0.1}).weights.map(lists)));
// Standard deviations of W_1, W_2, ... and of F.
function spreads({hidden, scale}) {
  const net = learn.network({rule: "pepita", seed: 1, sizes: sizes(hidden), scale});
  return [net.weights.map(learn.deviation), learn.deviation(net.feedback)];
}
