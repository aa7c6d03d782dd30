// Draws every <figure class="chart" data-figure="id of a JSON script"> with the plotly.js of this
// host, loaded only where there is a figure. A figure with data-live grows as epochs arrive; one
// with a form shows what the form says, and that is in the address (?x=time&smooth=0.6&z=10-60).
import { dressed, heightsOf } from "./chart-look.js";
import { grow } from "./chart-grow.js";
import { plotly } from "./chart-library.js";
import { savePicture } from "./chart-picture.js";

const REDRAW = 250; // ms: at most four redraws a second
const CALM = 1000; // of what stands beside the main figure
const NARROW = 480;
const SETTLED = 200; // ms after the last touch of a control
const TAIL = 2000; // newest points kept for a figure that is on its way
const CHOICES = ["x", "smooth", "log", "delta"];
const OPTIONS = { displaylogo: false, displayModeBar: false, scrollZoom: false, doubleClick: "autosize" };

const tail = [];
const charts = [];

class Chart {
  constructor(element) {
    this.element = element;
    this.figure = JSON.parse(document.getElementById(element.dataset.figure).textContent);
    this.pad = element.querySelector(".chart-pad");
    this.form = element.querySelector("form[data-chart-form]");
    this.zoom = this.form ? typedZoom(this.form) : element.dataset.follow ? (main()?.zoom ?? null) : null;
    this.spacing = this.form ? REDRAW : CALM;
    this.drawn = -Infinity;
    this.revision = 0;
    this.visible = true;
    if (this.form) this.followForm();
    element.querySelector("[data-picture]")?.addEventListener("click", () => this.picture());
    const more = this.form?.closest("details");
    if (more && element.clientWidth < NARROW && !location.search) more.open = false;
    new ResizeObserver(() => this.fit()).observe(this.pad);
    new IntersectionObserver(([entry]) => this.see(entry.isIntersecting)).observe(this.pad);
  }

  // --- drawing ----------------------------------------------------------------
  async draw() {
    const Plotly = await plotly();
    this.width = this.pad.clientWidth;
    if (!this.width) return; // inside something closed: drawn when it opens
    const zoom = this.zoom?.map((end) => this.toAxis(end)) ?? null;
    const { data, layout } = dressed(this.figure, {
      width: this.width,
      zoom,
      whole: this.whole,
      heights: heightsOf(this.figure, zoom),
      revision: (this.revision += 1),
    });
    this.pad.querySelector(".sketch")?.remove();
    this.pad.setAttribute("role", "img");
    this.pad.setAttribute("aria-label", this.element.querySelector("figcaption")?.innerText ?? "");
    this.drawn = performance.now();
    await Plotly.react(this.pad, data, layout, OPTIONS);
    if (this.listening) return;
    this.listening = true;
    this.pad.on("plotly_relayout", (change) => this.onDrag(change));
  }

  async picture() {
    const title = this.element.dataset.title || document.title;
    await savePicture(await plotly(), this.pad, title);
  }

  drawSoon() {
    if (this.timer || document.hidden || !this.visible) return;
    const pause = Math.max(0, this.drawn + this.spacing - performance.now());
    this.timer = setTimeout(() => {
      this.timer = 0;
      this.draw();
    }, pause);
  }

  fit() {
    if (this.width !== undefined && this.pad.clientWidth !== this.width) this.draw();
  }

  see(visible) {
    const came = visible && !this.visible;
    this.visible = visible;
    if (came && this.grew) this.drawSoon();
  }

  // --- zoom: in epochs, or in seconds on the axes of time -----------------------
  toAxis(value) {
    const { axis, base } = this.figure.layout.meta ?? {};
    if (axis === "time") return 1000 * value;
    return axis === "wall" ? 1000 * (base + value) : value;
  }

  fromAxis(value) {
    const { axis, base } = this.figure.layout.meta ?? {};
    if (axis !== "time" && axis !== "wall") return Number(value);
    const at = typeof value === "number" ? value : Date.parse(`${value.replace(" ", "T")}Z`);
    return at / 1000 - (axis === "wall" ? base : 0);
  }

  // Where the figure begins and ends.
  get ends() {
    const { last, axis } = this.figure.layout.meta;
    return [axis === "epoch" ? 1 : 0, axis === "epoch" ? last.number : axis === "time" ? last.time : last.wall];
  }

  // All of the axis, with a little air; before the first epoch those that are planned, if any.
  get whole() {
    if (!this.figure.layout.meta?.last?.number) return this.figure.layout.xaxis?.range ?? null;
    const [first, last] = this.ends.map((end) => this.toAxis(end));
    const air = (last - first || 1) * 0.015;
    return [first - air, last + air];
  }

  // Plotly tells of its own changes too; those of a person name the ends one by one.
  onDrag(change) {
    const [from, to] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (from !== undefined) this.show([this.fromAxis(from), this.fromAxis(to)]);
    else if (change["xaxis.autorange"] && this.zoom) this.show(null);
  }

  // Shows a part, or all of it; every chart beside this one follows.
  show(zoom) {
    const decimals = this.figure.layout.meta?.axis === "epoch" ? 1 : 1000;
    const part = zoom?.map((end) => Math.max(0, Math.round(end * decimals) / decimals));
    this.zoom = part && part[0] < part[1] ? part : null;
    if (this.form) {
      for (const field of [this.form.elements.from, this.form.elements.to]) delete field.dataset.typed;
      this.remember();
      for (const chart of charts) if (chart.element.dataset.follow) chart.show(this.zoom);
    }
    this.draw();
  }

  // Narrower (factor below 1), wider, or moved by a share of what is seen.
  turn(factor, shift = 0) {
    const [first, last] = this.zoom ?? this.ends;
    const middle = (first + last) / 2 + shift * (last - first);
    const half = ((last - first) / 2) * factor;
    const [low, high] = this.ends;
    const wanted = [Math.max(low, middle - half), Math.min(high, middle + half)];
    this.show(wanted[0] <= low && wanted[1] >= high ? null : wanted);
  }

  // --- its form -----------------------------------------------------------------
  followForm() {
    const { from, to, smooth } = this.form.elements;
    this.showZoom();
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (from.value || to.value) this.show([Number(from.value || 0), Number(to.value || this.ends[1])]);
    });
    this.form.addEventListener("input", (event) => {
      if (event.target === smooth) smooth.nextElementSibling.textContent = Number(smooth.value).toFixed(2);
      if (event.target === smooth) this.chooseSoon();
      if (event.target === from || event.target === to) event.target.dataset.typed = "";
    });
    this.form.addEventListener("change", (event) => {
      if (event.target !== from && event.target !== to) this.chooseSoon();
      else if (from.value && to.value) this.show([Number(from.value), Number(to.value)]);
      else if (!from.value && !to.value) this.show(null); // with one of them: wait for the other
    });
    this.form.addEventListener("click", ({ target }) => {
      const act = target.closest("[data-zoom]")?.dataset.zoom;
      if (act === "in") this.turn(0.5);
      if (act === "out") this.turn(2);
      if (act === "all") this.show(null);
    });
    this.pad.tabIndex = 0;
    this.pad.addEventListener("keydown", (event) => {
      const acts = { ArrowLeft: [1, -0.2], ArrowRight: [1, 0.2], "+": [0.5], "-": [2], 0: [1e9] };
      if (!acts[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      this.turn(...acts[event.key]);
    });
  }

  chooseSoon() {
    clearTimeout(this.choosing);
    this.choosing = setTimeout(() => this.choose(), SETTLED);
  }

  choose() {
    const { x } = this.form.elements;
    if (x.value !== this.figure.layout.meta.axis) this.zoom = null; // it was in other units
    this.remember();
    this.ask();
    for (const chart of charts) if (chart.element.dataset.follow) chart.zoom = this.zoom, chart.ask();
  }

  get choices() {
    const form = main()?.form;
    return new URLSearchParams(form ? [...new FormData(form)].filter(([name]) => CHOICES.includes(name)) : "");
  }

  remember() {
    const address = new URL(location);
    const chosen = this.choices;
    for (const name of [...CHOICES, "z", "from", "to"]) address.searchParams.delete(name);
    if (chosen.get("x") !== "epoch") address.searchParams.set("x", chosen.get("x"));
    if (this.touched || chosen.get("smooth") !== this.form.elements.smooth.defaultValue) {
      this.touched = true;
      address.searchParams.set("smooth", chosen.get("smooth"));
    }
    if (chosen.has("log")) address.searchParams.set("log", "1");
    if (chosen.get("delta") === "0") address.searchParams.set("delta", "0");
    if (this.zoom) address.searchParams.set("z", this.zoom.join("-"));
    history.replaceState(history.state, "", address);
    this.showZoom();
  }

  showZoom() {
    const { from, to } = this.form.elements;
    const unit = this.form.elements.x.value === "epoch" ? "epoch" : "second";
    this.form.querySelector("[data-unit]").textContent = unit;
    for (const [place, field] of [from, to].entries()) {
      if (field === document.activeElement || "typed" in field.dataset) continue; // somebody types
      field.value = this.zoom?.[place] ?? "";
    }
    this.form.querySelector("[data-zoom=all]").disabled = !this.zoom;
  }

  // --- the server's figure ------------------------------------------------------
  // Asked for when the form changes, and when the work broke off: the newest answer counts.
  async ask() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    const address = new URL(this.element.dataset.source, location);
    for (const [name, value] of this.choices) address.searchParams.set(name, value);
    let answer;
    try {
      answer = await (await fetch(address, { headers: { Accept: "application/json" } })).json();
    } catch {
      return; // the server is away: what is shown stays
    }
    if (asked !== this.asked || !answer.figure) return;
    this.figure = answer.figure;
    const remarks = this.element.querySelector("[data-remarks]");
    if (remarks) remarks.textContent = answer.remarks;
    const log = this.form?.elements.log;
    if (log) log.disabled = !answer.logIsPossible && !log.checked;
    grow(this.figure, tail, null);
    this.draw();
  }

  add(points, best) {
    const { grew, redo } = grow(this.figure, points, best);
    if (redo && this.element.dataset.source) {
      clearTimeout(this.asking);
      this.asking = setTimeout(() => this.ask(), CALM);
    }
    if (!grew) return;
    this.grew = true;
    this.drawSoon();
  }
}

// The chart with the form; the others beside it follow.
function main() {
  return charts.find((chart) => chart.form);
}

function typedZoom(form) {
  const { from, to } = form.elements;
  return from.value && to.value ? [Number(from.value), Number(to.value)] : null;
}

function begin(root) {
  for (const element of root.querySelectorAll("figure.chart[data-figure]:not([data-begun])")) {
    element.dataset.begun = "";
    const chart = new Chart(element);
    charts.push(chart);
    if (element.dataset.live) grow(chart.figure, tail, null);
    chart.draw().catch((error) => {
      chart.pad.textContent = `This figure cannot be drawn: ${error.message}. The table has its numbers.`;
    });
  }
}

function feed() {
  const source = document.getElementById("feed");
  if (!source) return;
  const points = JSON.parse(source.dataset.points || "[]");
  const newest = tail.at(-1)?.[0] ?? 0;
  tail.push(...points.filter(([number]) => number > newest));
  tail.splice(0, tail.length - TAIL);
  const { best, bestGain } = source.dataset;
  for (const chart of charts) {
    if (chart.element.dataset.live) chart.add(points, best && [Number(best), Number(bestGain)]);
  }
}

function redress() {
  for (const chart of charts) chart.draw();
}

begin(document);
document.addEventListener("htmx:afterSwap", (event) => begin(event.target));
document.addEventListener("helios:feed", feed);
document.addEventListener("helios:theme", redress);
document.addEventListener("visibilitychange", () => document.hidden || redress());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redress);
