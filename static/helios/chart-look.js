// How a figure looks: the figure as Python built it, in the colours and at the width of the page.

const TALL = 340;
const FLAT = 260; // on a phone
const NARROW = 480;
const LINE = 15; // px between two names at the ends of lines
const FEW = { nticks: 4, tickangle: 0 };

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// zoom: [first, last] on the x axis, or null; whole: its ends; heights: [lowest, highest] on the y
// axis. Where one is null Plotly finds it.
export function dressed(figure, { width, zoom, whole, heights, revision }) {
  const text = colour("--muted");
  const line = colour("--line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
  const { layout } = figure;
  const data = figure.data.map(inked);
  const tall = layout.height ?? (width < NARROW ? FLAT : TALL);
  const shown = zoom ?? whole;
  const foot = layout.xaxis?.title?.text ? 44 : 28;
  const names =
    width < NARROW ? [] : lineNames(data, { zoom, log: layout.yaxis?.type === "log", heights, tall: tall - foot });
  return {
    data,
    layout: {
      ...layout,
      datarevision: revision,
      shapes: (layout.shapes ?? []).map((shape) => drawnShape(shape, text)),
      annotations: [...(layout.annotations ?? []), ...names],
      width,
      height: tall,
      margin: { l: 56, r: names.length ? 76 : 16, t: 8, b: foot },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: text },
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      hovermode: "x unified",
      hoverlabel: { bgcolor: colour("--surface"), bordercolor: line, font: { color: colour("--text") } },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, uirevision: "kept", ...layout.legend },
      xaxis: { ...axis, ...(width < NARROW ? FEW : {}), ...layout.xaxis, ...counted(layout, shown), ...ranged(shown) },
      yaxis: { ...axis, ...layout.yaxis, fixedrange: true, ...(heights ? { range: heights } : {}) },
      transition: { duration: 0 },
    },
  };
}

// There is no epoch and a half.
function counted({ meta }, range) {
  return meta?.axis === "epoch" && range && range[1] - range[0] < 8 ? { dtick: 1 } : {};
}

function ranged(range) {
  return range ? { range: [...range], autorange: false } : { autorange: true };
}

// A trace says in `meta.series` which series of the stylesheet it is.
function inked(trace) {
  const { series, role } = trace.meta ?? {};
  if (!series) return trace;
  const ink = colour(`--series-${series}`);
  const marker = { ...trace.marker, color: ink };
  const mode = trace.mode === "lines" && trace.x.length < 2 ? "markers" : trace.mode;
  const fill = role === "band" ? { fillcolor: ink.replace("rgb(", "rgba(").replace(")", ", 0.14)") } : {};
  return { ...trace, ...fill, mode, line: { ...trace.line, color: ink }, marker };
}

function drawnShape(shape, text) {
  const look = { ...shape, line: { color: text, ...shape.line } };
  return shape.type === "rect" ? { ...look, fillcolor: text, opacity: 0.12 } : look;
}

// Each curve's name where it ends (in what is seen); names that would overlap are moved apart.
function lineNames(data, { zoom, log, heights, tall }) {
  const ends = ({ x, y }) =>
    y.findLastIndex((height, at) => height !== null && (!zoom || (x[at] >= zoom[0] && x[at] <= zoom[1])));
  const scaled = (height) => (log ? Math.log10(height) : height);
  const curves = data
    .filter((trace) => trace.meta?.role === "curve" && !trace.meta.quiet)
    .map((trace) => ({ trace, end: ends(trace) }))
    .filter(({ end }) => end >= 0)
    .map(({ trace, end }) => ({ trace, x: trace.x[end], y: scaled(trace.y[end]) }))
    .sort((a, b) => a.y - b.y);
  const [low, high] = heights ?? spanOf(data, scaled);
  const places = apart(curves.map(({ y }) => ((y - low) / (high - low || 1)) * tall), tall);
  return curves.map(({ trace, x, y }, at) => ({
    text: trace.name,
    x,
    y,
    xanchor: "left",
    yanchor: "middle",
    xshift: 4,
    yshift: Math.round(places[at] - ((y - low) / (high - low || 1)) * tall),
    showarrow: false,
    font: { color: trace.line.color },
  }));
}

function spanOf(data, scaled) {
  const known = data.flatMap(({ y }) => y ?? []).filter((y) => y !== null).map(scaled).filter(Number.isFinite);
  return [known.reduce((a, b) => Math.min(a, b), Infinity), known.reduce((a, b) => Math.max(a, b), -Infinity)];
}

// Heights in px, the lowest first, at least a line of text apart and inside the figure: neighbours
// that are too close share a place around the middle of where they belong.
export function apart(wanted, tall, gap = LINE) {
  const groups = [];
  for (const height of wanted) {
    let group = { middle: height, count: 1 };
    while (groups.length && touch(groups.at(-1), group, gap)) {
      const below = groups.pop();
      const count = below.count + group.count;
      group = { middle: (below.middle * below.count + group.middle * group.count) / count, count };
    }
    groups.push(group);
  }
  return groups.flatMap(({ middle, count }) => {
    const half = ((count - 1) / 2) * gap;
    const kept = Math.max(half, Math.min(tall - half, middle));
    return Array.from({ length: count }, (_, at) => kept - half + at * gap);
  });
}

function touch(below, above, gap) {
  return above.middle - below.middle < ((below.count + above.count) / 2) * gap;
}

// The lowest and the highest of what is seen, with chance, and a little air. For a logarithmic
// axis in powers of ten, as Plotly wants them. Of a figure that does not grow Plotly finds them.
export function heightsOf(figure, window) {
  if (!figure.layout.meta?.last) return null;
  const log = figure.layout.yaxis?.type === "log";
  const seen = (figure.layout.shapes ?? []).filter(({ name }) => name?.startsWith("chance")).map(({ y0 }) => y0);
  if (figure.layout.meta?.floor !== undefined) seen.push(figure.layout.meta.floor);
  let points = 0;
  for (const trace of figure.data) {
    if (trace.yaxis) continue; // of the foot of the figure
    for (const [place, y] of trace.y.entries()) {
      const x = trace.x[place];
      if (y === null || (window && (x < window[0] || x > window[1]))) continue;
      points += 1;
      seen.push(y);
    }
  }
  if (!points) return null;
  const known = log ? seen.filter((y) => y > 0).map(Math.log10) : seen;
  const low = known.reduce((a, b) => Math.min(a, b));
  const high = known.reduce((a, b) => Math.max(a, b));
  const air = (high - low || Math.abs(high) || 1) * 0.05;
  return [figure.layout.meta?.floor === low ? low : low - air, high + air];
}
