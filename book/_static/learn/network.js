// The network: no biases, ReLU in the hidden layers, softmax at the output.
// weights: [W_1, ..., W_L], W_l of n_l rows and n_{l-1} columns.

// [h_0, h_1, ..., h_L]: h_0 = x, h_l = relu(h_{l-1} W_l^T), and y = h_L = softmax(h_{L-1} W_L^T).
learn.forward = function (weights, x) {
  const h = [x];
  weights.forEach(function (w, l) {
    const a = learn.times(h[l], learn.transposed(w));
    if (l < weights.length - 1) for (let i = 0; i < a.data.length; i++) a.data[i] = Math.max(0, a.data[i]);
    else learn.softmax(a);
    h.push(a);
  });
  return h;
};

// Row by row, in place.
learn.softmax = function (a) {
  for (let i = 0; i < a.rows; i++) {
    const row = a.data.subarray(i * a.cols, (i + 1) * a.cols), top = Math.max(...row);
    let sum = 0;
    for (let j = 0; j < a.cols; j++) sum += row[j] = Math.exp(row[j] - top);
    for (let j = 0; j < a.cols; j++) row[j] /= sum;
  }
};

// What an error may move: signal * phi'(a), the slope of ReLU being 1 where the unit is active.
learn.gated = (signal, h) => learn.zip((s, active) => (active > 0 ? s : 0), signal, h);

// Share of the rows whose largest output is the label's.
learn.accuracy = function (weights, x, labels) {
  const y = learn.forward(weights, x)[weights.length];
  let right = 0;
  for (let i = 0; i < y.rows; i++) {
    let best = 0;
    for (let j = 1; j < y.cols; j++) if (y.data[i * y.cols + j] > y.data[i * y.cols + best]) best = j;
    right += best === labels[i];
  }
  return right / y.rows;
};
