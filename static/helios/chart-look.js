// How a figure looks: the figure as Python built it, in the colours and at the width of the page.

const TALL = 340;
const FLAT = 260; // on a phone
const NARROW = 480;
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
  const names = width < NARROW ? [] : lineNames(data, zoom, layout.yaxis?.type === "log");
  return {
    data,
    layout: {
      ...layout,
      datarevision: revision,
      shapes: (layout.shapes ?? []).map((shape) => drawnShape(shape, text)),
      annotations: [...(layout.annotations ?? []), ...names],
      width,
      height: layout.height ?? (width < NARROW ? FLAT : TALL),
      margin: { l: 56, r: names.length ? 76 : 16, t: 8, b: layout.xaxis?.title?.text ? 44 : 28 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: text },
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      hovermode: "x unified",
      hoverlabel: { bgcolor: colour("--surface"), bordercolor: line, font: { color: colour("--text") } },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, uirevision: "kept", ...layout.legend },
      xaxis: { ...axis, ...(width < NARROW ? FEW : {}), ...layout.xaxis, ...ranged(zoom ?? whole) },
      yaxis: { ...axis, ...layout.yaxis, fixedrange: true, ...(heights ? { range: heights } : {}) },
      transition: { duration: 0 },
    },
  };
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

// Each curve's name where it ends (in what is seen), the upper one above its end, the lower below.
function lineNames(data, window, log) {
  const ends = ({ x, y }) =>
    y.findLastIndex((height, at) => height !== null && (!window || (x[at] >= window[0] && x[at] <= window[1])));
  const curves = data
    .filter((trace) => trace.meta?.role === "curve" && !trace.meta.quiet)
    .map((trace) => ({ trace, end: ends(trace) }))
    .filter(({ end }) => end >= 0);
  const heights = curves.map(({ trace, end }) => trace.y[end]);
  return curves.map(({ trace, end }, place) => ({
    text: trace.name,
    x: trace.x[end],
    y: log ? Math.log10(heights[place]) : heights[place],
    xanchor: "left",
    yanchor: heights[place] === Math.max(...heights) ? "bottom" : "top",
    xshift: 4,
    showarrow: false,
    font: { color: trace.line.color },
  }));
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
