// plotly.js of this host, as the Python package carries it: loaded once, and only where there is a figure.
const PLOTLY = new URL("../plotly/plotly.min.js", import.meta.url).href;

let library;

export function plotly() {
  library ??= load();
  return library;
}

// The page is painted before the library runs, which takes half a second.
async function load() {
  await painted();
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = PLOTLY;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => reject(new Error("the drawing library cannot be loaded"));
    document.head.append(script);
  });
}

function painted() {
  const told = window.PerformanceObserver?.supportedEntryTypes?.includes("paint");
  if (!told || document.hidden || performance.getEntriesByType("paint").length) return null;
  return new Promise((resolve) => new PerformanceObserver(resolve).observe({ type: "paint" }));
}
