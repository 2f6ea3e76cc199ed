// Matrices of doubles, row by row: {rows, cols, data}. A row is a sample, as in the book.
// Everything the worker needs hangs on `learn` and uses nothing else: see worker.js.
var learn = {rules: {}};

learn.matrix = function (rows, cols, data) {
  return {rows, cols, data: data || new Float64Array(rows * cols)};
};

// Entry by entry: f(a, b).
learn.zip = function (f, a, b) {
  const c = learn.matrix(a.rows, a.cols);
  for (let i = 0; i < c.data.length; i++) c.data[i] = f(a.data[i], b.data[i]);
  return c;
};
learn.minus = (a, b) => learn.zip((p, q) => p - q, a, b);

// a b
learn.times = function (a, b) {
  const c = learn.matrix(a.rows, b.cols), A = a.data, B = b.data, C = c.data, n = b.cols;
  for (let i = 0, k = 0; i < a.rows; i++) {
    for (let m = 0; m < a.cols; m++, k++) {
      const f = A[k];
      if (f !== 0) for (let j = i * n, p = m * n; p < m * n + n; j++, p++) C[j] += f * B[p];
    }
  }
  return c;
};

learn.transposed = function (a) {
  const c = learn.matrix(a.cols, a.rows);
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < a.cols; j++) c.data[j * a.rows + i] = a.data[i * a.cols + j];
  }
  return c;
};

// post^T pre / B: the mean over the B rows of what is active after times what is active before.
learn.outer = function (post, pre) {
  const c = learn.times(learn.transposed(post), pre);
  for (let i = 0; i < c.data.length; i++) c.data[i] /= post.rows;
  return c;
};

learn.norm = (a) => Math.sqrt(a.data.reduce((sum, v) => sum + v * v, 0));

// Angle in degrees between two matrices taken as vectors.
learn.angle = function (a, b) {
  const inner = a.data.reduce((sum, v, i) => sum + v * b.data[i], 0);
  const cosine = inner / (learn.norm(a) * learn.norm(b));
  return Math.acos(Math.max(-1, Math.min(1, cosine))) * 180 / Math.PI;
};
