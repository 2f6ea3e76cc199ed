// Line charts and pictures. Charts are texts of SVG, so that Node can write them too.
learn.page = {};

// axis: {label, low, high, log, ticks}; where a value falls in [0, 1], or null outside of a log axis.
learn.page.place = function (axis, v) {
  const f = axis.log ? Math.log10 : (u) => u;
  return (f(v) - f(axis.low)) / (f(axis.high) - f(axis.low));
};

// series: [{name, color, dash, points: [[x, y], ...]}]; extra: SVG drawn over the curves, given the
// functions X and Y from values to pixels.
learn.page.chart = function ({label, x, y, series, width = 400, height = 230, extra = () => ""}) {
  const left = 46, right = 12, top = 12, bottom = 38, w = width - left - right, h = height - top - bottom;
  const X = (v) => (left + w * learn.page.place(x, v)).toFixed(1);
  const Y = (v) => (top + h * (1 - Math.max(-0.02, Math.min(1.02, learn.page.place(y, v))))).toFixed(1);
  const text = (v, axis) => axis.log && (v < 0.01 || v >= 1000) ? "10" + learn.page.raised(Math.round(Math.log10(v))) : v;
  const grid = y.ticks.map((v) => `<path d="M${left} ${Y(v)}H${left + w}" opacity=".25"/>`
    + `<text x="${left - 6}" y="${+Y(v) + 4}" text-anchor="end">${text(v, y)}</text>`)
    + x.ticks.map((v) => `<path d="M${X(v)} ${top + h}v4"/>`
    + `<text x="${X(v)}" y="${top + h + 17}" text-anchor="middle">${text(v, x)}</text>`);
  const curves = series.map(({color, dash, points}) => `<polyline fill="none" stroke="${color}" stroke-width="2" `
    + `stroke-dasharray="${dash || ""}" points="${points.filter((p) => p[1] === p[1])
      .map(([u, v]) => X(u) + "," + Y(v)).join(" ")}"/>`);
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}" class="learn-chart" fill="currentColor">
<g stroke="currentColor" stroke-width="1" fill="none"><path d="M${left} ${top}V${top + h}H${left + w}"/></g>
<g stroke="none" font-size="12" font-family="system-ui, sans-serif">${grid.replace(/<path/g, '<path stroke="currentColor"').replace(/>,</g, "><")}
<text x="${left + w / 2}" y="${height - 5}" text-anchor="middle">${x.label}</text>
<text transform="translate(11 ${top + h / 2}) rotate(-90)" text-anchor="middle">${y.label}</text></g>
${curves.join("\n")}${extra(X, Y)}</svg>`;
};
learn.page.raised = (n) => String(n).replace(/./g, (c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]);

// The names of curves, each with its stroke.
learn.page.legend = (series) => `<ul class="learn-legend">` + series.map(({name, color, dash}) =>
  `<li><svg width="26" height="8" aria-hidden="true"><path d="M0 4H26" stroke="${color}" stroke-width="3"
  stroke-dasharray="${dash || ""}"/></svg> ${name}</li>`).join("") + "</ul>";

// Bars from -1 to 1, one a class.
learn.page.bars = (values, label) => `<svg viewBox="0 0 100 64" width="100" height="64" role="img" aria-label="${label}" fill="currentColor">`
  + Array.from(values, (v, i) => `<rect x="${i * 10 + 1}" width="8" y="${28 - 26 * Math.max(0, v)}" height="${26 * Math.abs(v) + 0.5}"
  fill="${v < 0 ? "#0072B2" : "#D55E00"}"/><text x="${i * 10 + 5}" y="63" font-size="8" text-anchor="middle">${i}</text>`).join("")
  + "</svg>";

// --- pictures ---------------------------------------------------------------------------------
// A picture is {width, height, data: RGBA}. Ink: what is positive dark, as on paper; signed: blue
// below zero, orange above. `dark`: on a dark page zero is dark.

// 511 colours for values from -1 to 1, as the four bytes of a pixel.
learn.page.ramps = {};
learn.page.ramp = function (ink, dark) {
  const name = [ink, dark].join(), ground = dark ? [34, 36, 40] : [250, 250, 250];
  const below = [0, 114, 178], above = !ink ? [213, 94, 0] : dark ? [240, 240, 240] : [20, 20, 20];
  return learn.page.ramps[name] ||= Array.from({length: 511}, function (_, i) {
    const share = Math.abs(i - 255) / 255, end = i < 255 ? below : above;
    const [r, g, b] = ground.map((c, k) => Math.round(c + share * (end[k] - c)));
    return (255 << 24 | b << 16 | g << 8 | r) >>> 0;
  });
};

// values of tiles of tile.w x tile.h pixels, `across` of them in a row, with a line between.
learn.page.tiles = function (values, tile, across, {ink = false, dark = false, scale} = {}) {
  const size = tile.w * tile.h, count = values.length / size, down = Math.ceil(count / across);
  const gap = size > 1 && count > 1 ? 1 : 0, ramp = learn.page.ramp(ink, dark);
  const width = across * (tile.w + gap) - gap, height = down * (tile.h + gap) - gap;
  const pixels = new Uint32Array(width * height);
  let top = scale || 0;
  if (!scale) for (const v of values) top = Math.max(top, Math.abs(v));
  for (let i = 0; i < values.length; i++) {
    const k = Math.floor(i / size), p = i % size, share = Math.max(-1, Math.min(1, values[i] / (top || 1)));
    const col = (k % across) * (tile.w + gap) + p % tile.w;
    const row = Math.floor(k / across) * (tile.h + gap) + Math.floor(p / tile.w);
    pixels[row * width + col] = ramp[Math.round(255 + 255 * share)];
  }
  return {width, height, data: new Uint8ClampedArray(pixels.buffer)};
};
learn.page.image = (values, options) => learn.page.tiles(values, {w: 8, h: 8}, 1, options);
learn.page.across = (n) => 2 ** Math.ceil(Math.log2(n) / 2);
learn.page.units = (values, options) => learn.page.tiles(values, {w: 1, h: 1}, learn.page.across(values.length), options);
// A layer's weights: the first one tile a hidden unit, the others as a matrix.
learn.page.layer = ({rows, cols, data}, l, options) => l === 0
  ? learn.page.tiles(data, {w: 8, h: 8}, learn.page.across(rows), options)
  : learn.page.tiles(data, {w: cols, h: rows}, 1, options);

// Numbers of a file beside the page, two characters each (topdown_book.figures._packed).
learn.page.unpacked = function ({low, high, text}) {
  const steps = 90 * 90 - 2;
  return Float64Array.from({length: text.length / 2}, function (_, i) {
    const whole = (text.charCodeAt(2 * i) - 35) * 90 + text.charCodeAt(2 * i + 1) - 35;
    return whole > steps ? NaN : low + (high - low) * whole / steps;
  });
};
learn.page.slider = (name, text, last, at) => `<label>${text} <output id="explore-${name}-said"></output>
<input type="range" id="explore-${name}" min="0" max="${last}" step="1" value="${at}"></label>`;
