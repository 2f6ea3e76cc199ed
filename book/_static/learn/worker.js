// What runs in the worker: trains in slices of time and posts a picture of the state after each.

learn.slice = 25;       // ms of training between two pictures
learn.everySteps = 11;  // steps between two points of the curves: half an epoch
learn.lastEpoch = 100;  // it pauses by itself

// A function that takes the page's orders: {start: settings}, {change: settings}, {run: true or
// false}, {once: true}, {watch: rule}, the rule whose signals are told. post(state) is called whenever there is something to see.
learn.serve = function (post) {
  const data = learn.unpack(learn.digits);
  let course, sent, watched, running = false;
  function explain() {
    const net = course.nets.find(({rule}) => rule === watched);
    return net && learn.explain(net, data, course.image);
  }
  function show(told = explain()) {
    post({steps: course.steps, epoch: learn.epochs(course), image: course.image, running, sent,
          points: course.points.slice(sent), weights: course.nets.map((net) => net.weights), told});
    sent = course.points.length;
  }
  function train() {
    const end = Date.now() + learn.slice;
    while (running && Date.now() < end) {
      learn.advance(course);
      if (course.steps % learn.everySteps === 0) learn.measure(course);
      running = learn.epochs(course) < learn.lastEpoch;
    }
    show();
    if (running) setTimeout(train, 0);
  }
  return function ({start, change, run, once, watch}) {
    if (watch) watched = watch;
    if (start) {
      [course, sent, running] = [learn.course(start, data), 0, false];
      learn.measure(course);
      show();
    }
    if (change) Object.assign(course.settings, change);
    if (run !== undefined && run !== running) (running = run) ? train() : show();
    if (watch && !start && !running) show();
    if (once) {  // the next image alone; shown as it was before the step
      running = false;
      course.image = (course.image + 1) % data.x.rows;
      const told = explain();
      learn.learnRows(course, [course.image]);
      show(told);
    }
  };
};

// `learn` as source: a worker made of text also starts on a page opened from the file system.
learn.source = function (value) {
  if (typeof value === "function") return String(value);
  if (typeof value !== "object" || Array.isArray(value)) return JSON.stringify(value);
  const shared = Object.entries(value).filter(([name]) => name !== "page");
  return "{" + shared.map(([name, v]) => name + ": " + learn.source(v)).join(",\n") + "}";
};

// Starts the worker and returns the function that gives it orders.
learn.employ = function (post) {
  const text = "var learn = " + learn.source(learn) + ";\nconst obey = learn.serve(postMessage);\n"
    + "onmessage = (event) => obey(event.data);";
  try {
    const worker = new Worker(URL.createObjectURL(new Blob([text], {type: "text/javascript"})));
    worker.onmessage = (event) => post(event.data);
    return (order) => worker.postMessage(order);
  } catch (refused) {  // a browser that allows no worker here: train in the page
    return learn.serve(post);
  }
};
