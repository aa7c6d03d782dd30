// Draws every <figure class="chart" data-figure="id of a JSON script"> with the plotly.js of this
// host, loaded only where there is a figure. A figure with data-live="feed" grows as epochs arrive;
// a zoom is never lost, it is in the address (?z=10-60). Colours are those of the stylesheet.

const PLOTLY = new URL("../plotly/plotly.min.js", import.meta.url).href;
const REDRAW = 250; // ms: at most four redraws a second
const MOST = 1500; // points of one series
const OPTIONS = { displaylogo: false, displayModeBar: false, scrollZoom: false };
const TALL = 340;
const FLAT = 260; // on a phone

let library;

function plotly() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("the drawing library cannot be loaded"));
    document.head.append(script);
  });
  return library;
}

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// The figure as Python built it, in the colours of the page.
function dressed(figure, width) {
  const text = colour("--muted");
  const line = colour("--line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
  const layout = structuredClone(figure.layout);
  for (const shape of layout.shapes ?? []) shape.line = { color: text, ...shape.line };
  const data = figure.data.map(inked);
  const names = width < 480 ? [] : lineNames(data);
  return {
    data,
    layout: {
      ...layout,
      annotations: [...(layout.annotations ?? []), ...names],
      width,
      height: layout.height ?? (width < 480 ? FLAT : TALL),
      margin: { l: 56, r: names.length ? 72 : 16, t: 8, b: 44 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "system-ui, sans-serif", size: 12, color: text },
      hovermode: "x unified",
      hoverlabel: { bgcolor: colour("--surface"), bordercolor: line, font: { color: colour("--text") } },
      legend: { orientation: "h", y: 1.12, x: 0, ...layout.legend },
      xaxis: { ...axis, ...layout.xaxis },
      yaxis: { ...axis, ...layout.yaxis },
      uirevision: "kept",
    },
  };
}

// A trace says in `meta.series` which series of the stylesheet it is.
function inked(trace) {
  const series = trace.meta?.series;
  if (!series) return trace;
  const ink = colour(`--series-${series}`);
  const marker = { ...trace.marker, color: ink };
  const mode = trace.mode === "lines" && trace.x.length < 2 ? "markers" : trace.mode;
  return { ...trace, mode, line: { ...trace.line, color: ink }, marker };
}

// Each curve's name where it ends, the upper one above its end and the lower one below.
function lineNames(data) {
  const curves = data.filter((trace) => trace.meta?.role === "curve" && trace.x.length);
  const heights = curves.map((trace) => trace.y.at(-1));
  return curves.map((trace, place) => ({
    text: trace.name,
    x: trace.x.at(-1),
    y: heights[place],
    xanchor: "left",
    yanchor: heights[place] === Math.max(...heights) ? "bottom" : "top",
    xshift: 4,
    showarrow: false,
    font: { color: trace.line.color },
  }));
}

// The places of at most MOST values: first, last, and each bucket's lowest and highest.
function thinned(values) {
  const buckets = (MOST - 2) / 2;
  const kept = new Set([0, values.length - 1]);
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = 1 + Math.floor((bucket * (values.length - 2)) / buckets);
    const to = 1 + Math.floor(((bucket + 1) * (values.length - 2)) / buckets);
    let [low, high] = [from, from];
    for (let place = from; place < to; place += 1) {
      if (values[place] < values[low]) low = place;
      if (values[place] > values[high]) high = place;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

class Chart {
  constructor(element) {
    this.element = element;
    this.figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
    this.count = this.figure.layout.meta?.points ?? 0;
    this.last = this.figure.data[0]?.x?.at(-1) ?? 0;
    this.pad = document.createElement("div");
    this.pad.className = "chart-pad";
    element.prepend(this.pad);
    this.fields = element.querySelector("[data-zoom]");
    this.zoomed = element.dataset.live ? zoomOfAddress() : null;
    this.drawn = 0;
    new ResizeObserver(() => this.fit()).observe(this.pad);
  }

  async draw() {
    const Plotly = await plotly();
    this.width = this.pad.clientWidth;
    if (!this.width) return; // inside something closed: drawn when it opens
    const { data, layout } = dressed(this.figure, this.width);
    if (this.zoomed) layout.xaxis.range = [...this.zoomed];
    this.pad.setAttribute("role", "img");
    this.pad.setAttribute("aria-label", this.element.querySelector("figcaption")?.innerText ?? "");
    await Plotly.react(this.pad, data, layout, OPTIONS);
    this.sayCount();
    if (this.listening) return;
    this.listening = true;
    this.pad.on("plotly_relayout", (change) => this.onZoom(change));
    this.followFields();
  }

  fit() {
    if (this.width !== undefined && this.pad.clientWidth !== this.width) this.draw();
  }

  sayCount() {
    const words = this.element.querySelector("[data-points]");
    const shown = this.figure.data[0]?.x?.length ?? 0;
    if (!words || shown >= this.count) return;
    words.textContent = `${shown.toLocaleString("en")} of ${this.count.toLocaleString("en")} points are drawn.`;
  }

  // --- zoom -------------------------------------------------------------------
  onZoom(change) {
    const from = change["xaxis.range[0]"] ?? change["xaxis.range"]?.[0];
    const to = change["xaxis.range[1]"] ?? change["xaxis.range"]?.[1];
    if (change["xaxis.autorange"]) this.zoomed = null;
    else if (from !== undefined) this.zoomed = [from, to];
    else return;
    this.rememberZoom();
  }

  rememberZoom() {
    if (!this.element.dataset.live) return;
    const address = new URL(location);
    if (this.zoomed) address.searchParams.set("z", this.zoomed.map(Math.round).join("-"));
    else address.searchParams.delete("z");
    history.replaceState(history.state, "", address);
    this.showZoom();
  }

  showZoom() {
    if (!this.fields) return;
    const { from, to, all } = this.fields.elements;
    const shown = this.zoomed ? this.zoomed.map(Math.round) : ["", ""];
    for (const [place, field] of [from, to].entries()) {
      if (field !== document.activeElement) field.value = shown[place]; // somebody types there
    }
    all.disabled = !this.zoomed;
  }

  // The same without dragging: two numbers and a button (WCAG 2.5.7).
  followFields() {
    if (!this.fields) return;
    const { from, to } = this.fields.elements;
    this.fields.hidden = false;
    this.showZoom();
    this.fields.addEventListener("submit", (event) => event.preventDefault());
    this.fields.addEventListener("change", () => {
      const range = [Number(from.value || 0), Number(to.value || this.last)];
      if (range[0] < range[1]) window.Plotly.relayout(this.pad, { "xaxis.range": range });
    });
    this.fields.addEventListener("reset", () => {
      window.Plotly.relayout(this.pad, { "xaxis.autorange": true, "yaxis.autorange": true });
    });
  }

  // --- growing ----------------------------------------------------------------
  // points: [[epoch, training, validation], ...]; best: [epoch, validation] or nothing
  add(points, best) {
    const fresh = points.filter(([number]) => number > this.last);
    if (!fresh.length) return;
    const [validation, training, mark] = this.figure.data;
    for (const [number, train, gain] of fresh) {
      validation.x.push(number);
      validation.y.push(gain);
      training.x.push(number);
      training.y.push(train);
    }
    this.last = fresh.at(-1)[0];
    this.count += fresh.length;
    if (best) [mark.x, mark.y] = [[best[0]], [best[1]]];
    for (const trace of [validation, training]) {
      if (trace.x.length < 2 * MOST) continue;
      const places = thinned(trace.y);
      trace.x = places.map((place) => trace.x[place]);
      trace.y = places.map((place) => trace.y[place]);
    }
    this.drawSoon();
  }

  drawSoon() {
    if (this.timer || document.hidden) return;
    const pause = Math.max(0, this.drawn + REDRAW - performance.now());
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.drawn = performance.now();
      this.draw();
    }, pause);
  }
}

function zoomOfAddress() {
  const match = /^(-?\d+)-(\d+)$/.exec(new URLSearchParams(location.search).get("z") ?? "");
  return match && Number(match[1]) < Number(match[2]) ? [Number(match[1]), Number(match[2])] : null;
}

const charts = [];

function begin(root) {
  for (const element of root.querySelectorAll("figure.chart[data-figure]")) {
    if (element.querySelector(".chart-pad")) continue;
    const chart = new Chart(element);
    charts.push(chart);
    chart.draw().catch((error) => {
      chart.pad.textContent = `This figure cannot be drawn: ${error.message}. The table has its numbers.`;
    });
  }
}

function feed() {
  const source = document.getElementById("feed");
  if (!source) return;
  const points = JSON.parse(source.dataset.points || "[]");
  const { best, bestGain } = source.dataset;
  for (const chart of charts) {
    if (chart.element.dataset.live !== "feed") continue;
    chart.add(points, best && [Number(best), Number(bestGain)]);
  }
}

function redress() {
  for (const chart of charts) chart.draw();
}

begin(document);
document.addEventListener("htmx:afterSwap", (event) => begin(event.target));
document.addEventListener("helios:feed", feed);
document.addEventListener("helios:theme", redress);
document.addEventListener("visibilitychange", redress);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redress);
