// Several networks, one for each rule, that see the same mini-batches of the digits.

// {x, target, labels, testX, testLabels} from learn.digits; pixels as in the library: in 255ths.
learn.unpack = function ({train, labels, pixels}) {
  const grey = Float64Array.from(pixels, (c) => Math.floor(((c.charCodeAt(0) - 97) * 255 + 8) / 16) / 255);
  const all = Uint8Array.from(labels), target = learn.matrix(train, 10);
  for (let i = 0; i < train; i++) target.data[i * 10 + all[i]] = 1;
  return {x: learn.matrix(train, 64, grey.subarray(0, train * 64)), target, labels: all.subarray(0, train),
          testX: learn.matrix(all.length - train, 64, grey.subarray(train * 64)), testLabels: all.subarray(train)};
};

learn.rows = function (a, places) {
  const c = learn.matrix(places.length, a.cols);
  places.forEach((p, i) => c.data.set(a.data.subarray(p * a.cols, (p + 1) * a.cols), i * a.cols));
  return c;
};

// settings: {rules, hidden: [n_1, ...], seed, scale, lr, momentum, mirroring}; the last three may
// change on the way.
learn.course = function (settings, data) {
  const sizes = [data.x.cols, ...settings.hidden, data.target.cols];
  const nets = settings.rules.map((rule) => learn.network({...settings, rule, sizes}));
  return {settings, data, nets, steps: 0, image: 0, batch: 64, points: [],
          draw: learn.generator(settings.seed, "order"), order: []};
};

// A new order of the training set every epoch; the last rows, less than a batch, are left out.
learn.nextRows = function (course) {
  const perEpoch = Math.floor(course.data.x.rows / course.batch), place = course.steps % perEpoch;
  if (place === 0) course.order = learn.permutation(course.data.x.rows, course.draw);
  return course.order.slice(place * course.batch, (place + 1) * course.batch);
};
learn.permutation = function (n, draw) {  // Fisher and Yates
  const order = Array.from({length: n}, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(draw() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
};
learn.epochs = ({steps, data, batch}) => steps / Math.floor(data.x.rows / batch);

// One mini-batch for every network.
learn.advance = function (course) {
  learn.learnRows(course, learn.nextRows(course));
  course.steps++;
};
learn.learnRows = function ({nets, data, settings}, places) {
  const x = learn.rows(data.x, places), target = learn.rows(data.target, places);
  for (const net of nets) {
    Object.assign(net, {lr: settings.lr, momentum: settings.momentum});
    learn.step(net, x, target);
    if (settings.mirroring && net.factors) learn.mirrorStep(net);
  }
};

// What the curves show, now, of every network: accuracy on the test images, angle, |F e| / |x|.
learn.measure = function (course) {
  const {x, target, testX, testLabels} = course.data, some = Array.from({length: 64}, (_, i) => i);
  course.points.push({epoch: learn.epochs(course), nets: course.nets.map((net) => ({
    accuracy: 100 * learn.accuracy(net.weights, testX, testLabels), angle: learn.alignment(net),
    loudness: learn.usesF(net.rule) ? learn.loudness(net, learn.rows(x, some), learn.rows(target, some)) : NaN}))});
};

// What a rule does to one image: every signal of its two passes, and its update of every layer.
learn.explain = function (net, {x: images, target: targets}, image) {
  const {times, transposed, minus, forward} = learn;
  const x = learn.rows(images, [image]), target = learn.rows(targets, [image]);
  const h = forward(net.weights, x), e = minus(h[net.weights.length], target);
  const told = {rule: net.rule, x, h, e, target, G: learn.rules[net.rule]({...net, x, target})};
  if (!learn.usesF(net.rule)) return told;
  const Fe = times(e, transposed(net.feedback)), shown = minus(x, Fe);
  return {...told, Fe, shown, mod: forward(net.weights, shown)};
};
