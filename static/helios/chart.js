// Draws every <figure class="chart" data-figure="id of a JSON script"> with the plotly.js of this
// host. A figure with data-live="feed" grows as epochs arrive; a zoom is never lost, it is in the
// address (?z=10-60). Colours are those of the stylesheet.

const PLOTLY = new URL("../plotly/plotly.min.js", import.meta.url).href;
const REDRAW = 250; // ms: at most four redraws a second
const OPTIONS = { responsive: true, displaylogo: false, displayModeBar: false, scrollZoom: false };
const TALL = 340;

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
function dressed(figure) {
  const text = colour("--muted");
  const line = colour("--line");
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, automargin: true };
  const layout = structuredClone(figure.layout);
  const data = figure.data.map((trace) => {
    const series = trace.meta?.series;
    if (!series) return trace;
    const ink = colour(`--series-${series}`);
    const marker = { ...trace.marker, color: ink };
    return { ...trace, line: { ...trace.line, color: ink }, marker };
  });
  for (const shape of layout.shapes ?? []) shape.line = { color: text, ...shape.line };
  return {
    data,
    layout: {
      ...layout,
      height: layout.height ?? TALL,
      margin: { l: 56, r: 16, t: 8, b: 44 },
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

class Chart {
  constructor(element) {
    this.element = element;
    this.figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
    this.pad = document.createElement("div");
    this.pad.className = "chart-pad";
    element.prepend(this.pad);
    this.waiting = [];
    this.drawn = 0;
    this.zoomed = zoomOfAddress();
  }

  async draw() {
    const Plotly = await plotly();
    const { data, layout } = dressed(this.figure);
    if (this.zoomed && this.element.dataset.live) layout.xaxis.range = this.zoomed;
    await Plotly.react(this.pad, data, layout, OPTIONS);
    if (this.listening) return;
    this.listening = true;
    this.pad.on("plotly_relayout", (change) => this.remember(change));
  }

  remember(change) {
    if (!this.element.dataset.live) return;
    const from = change["xaxis.range[0]"];
    const to = change["xaxis.range[1]"];
    if (change["xaxis.autorange"]) this.zoomed = null;
    else if (from !== undefined) this.zoomed = [from, to];
    else return;
    const address = new URL(location);
    if (this.zoomed) address.searchParams.set("z", this.zoomed.map((x) => Math.round(x)).join("-"));
    else address.searchParams.delete("z");
    history.replaceState(history.state, "", address);
  }

  // points: [[epoch, training, validation], ...]; best: number of the best epoch
  add(points, best) {
    const xs = this.figure.data[0].x;
    const last = Math.max(xs.at(-1) ?? 0, this.waiting.at(-1)?.[0] ?? 0);
    this.waiting.push(...points.filter(([number]) => number > last));
    this.best = best;
    if (!this.waiting.length || this.timer) return;
    const pause = Math.max(0, this.drawn + REDRAW - performance.now());
    this.timer = setTimeout(() => this.grow(), pause);
  }

  grow() {
    this.timer = 0;
    this.drawn = performance.now();
    const fresh = this.waiting.splice(0);
    const [validation, training, mark] = this.figure.data;
    for (const [number, train, gain] of fresh) {
      validation.x.push(number);
      validation.y.push(gain);
      training.x.push(number);
      training.y.push(train);
    }
    const place = validation.x.indexOf(this.best);
    if (mark && place >= 0) {
      mark.x = [this.best];
      mark.y = [validation.y[place]];
    }
    this.draw();
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
  for (const chart of charts) {
    if (chart.element.dataset.live === "feed") chart.add(points, Number(source.dataset.best));
  }
}

function redress() {
  for (const chart of charts) chart.draw();
}

begin(document);
document.addEventListener("htmx:afterSwap", (event) => begin(event.target));
document.addEventListener("htmx:wsAfterMessage", feed);
document.addEventListener("helios:feed", feed);
document.addEventListener("helios:theme", redress);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redress);
