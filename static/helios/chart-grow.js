// A figure goes on as epochs arrive. `layout.meta` says where it is: the last epoch, the axis, the
// smoothing; a trace says in `meta.column` what it plots. What changes the figure as a whole (a
// break in the work, a step of the learning rate) is drawn by the server: the figure is asked for.

// A point of the feed: number, training and validation gain, seconds, end, rate, gradient norm,
// hits, MB of memory.
const COLUMN = { training: 1, validation: 2, seconds: 3, learning_rate: 5, grad_norm: 6, hits: 7, memory: 8 };

function height(meta, column, point) {
  const value = point[COLUMN[column]];
  if (value === null || meta.delta || !(column in meta.chance)) return value;
  return meta.chance[column] - value;
}

function place(meta) {
  if (meta.axis === "epoch") return meta.last.number;
  return 1000 * (meta.axis === "time" ? meta.last.time : meta.base + meta.last.wall);
}

// The debiased exponential mean, one step further; the same as `smoothed` in Python.
function mean(trace, factor, value) {
  if (value === null) return null;
  const [sum, weight] = trace.meta.ema;
  trace.meta.ema = [factor * sum + (1 - factor) * value, factor * weight + 1 - factor];
  return trace.meta.ema[0] / trace.meta.ema[1];
}

// Appends the points after the last one that is there. Returns whether there were any, and whether
// the figure must be asked for anew.
export function grow(figure, points, best) {
  const { meta } = figure.layout;
  const fresh = points.filter(([number]) => number > meta.last.number);
  let redo = fresh.length > 0 && fresh[0][0] !== meta.last.number + 1;
  if (fresh.length) begin(figure.layout);
  for (const point of fresh) {
    const [number, , , seconds, wall, rate] = point;
    const begun = meta.last.number > 0;
    const broken = begun && wall - seconds - meta.last.wall > meta.rules.break;
    const step = begun && Math.abs(rate - meta.last.rate) > meta.rules.abrupt * meta.last.rate;
    redo ||= broken || step;
    const time = meta.last.time + (seconds ?? 0);
    meta.last = { number, time, wall, rate };
    for (const trace of figure.data) append(trace, meta, point, broken);
    if (best && number === best[0]) markBest(figure, best[1]);
  }
  meta.points += fresh.length;
  return { grew: fresh.length > 0, redo };
}

// Takes away what stood there instead of epochs.
function begin(layout) {
  if (layout.meta.last.number || !layout.annotations?.some(({ name }) => name === "empty")) return;
  layout.annotations = layout.annotations.filter(({ name }) => name !== "empty");
  for (const axis of [layout.xaxis, layout.yaxis]) {
    for (const key of ["range", "tickvals", "showticklabels"]) delete axis[key];
  }
}

function append(trace, meta, point, broken) {
  const { role, column } = trace.meta ?? {};
  if (role !== "curve" && role !== "raw") return;
  const value = height(meta, column, point);
  if (broken) {
    trace.x.push(null);
    trace.y.push(null);
  }
  trace.x.push(place(meta));
  trace.y.push(role === "curve" && meta.smooth ? mean(trace, meta.smooth, value) : value);
  if (trace.x.length <= meta.most) return;
  const places = thinned(trace.y, Math.round(meta.most * 0.7));
  trace.x = places.map((at) => trace.x[at]);
  trace.y = places.map((at) => trace.y[at]);
}

function markBest({ data, layout: { meta } }, gain) {
  const mark = data.find((trace) => trace.meta?.role === "best");
  if (!mark) return;
  mark.x = [place(meta)];
  mark.y = [meta.delta ? gain : meta.chance.validation - gain];
}

// The places of at most `most` values: first, last, each bucket's lowest and highest, every hole.
function thinned(values, most) {
  const buckets = (most - 2) / 2;
  const kept = new Set([0, values.length - 1]);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = 1 + Math.floor((bucket * (values.length - 2)) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * (values.length - 2)) / buckets);
    let [low, high] = [from, from];
    for (let at = from; at < to; at += 1) {
      if (values[at] === null) kept.add(at);
      else if (values[low] === null || values[at] < values[low]) low = at;
      if (values[at] !== null && (values[high] === null || values[at] > values[high])) high = at;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}
