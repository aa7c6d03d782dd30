// "Pause updates" (WCAG 2.2.2): stops what this view shows, not the training. Whoever fetches
// fragments with htmx inside [data-updates] is held back; live.js asks `paused()`.

const KEY = "helios.updates";
let held = sessionStorage.getItem(KEY) === "paused";

export function paused() {
  return held;
}

function show() {
  for (const button of document.querySelectorAll("[data-pause-updates]")) {
    button.hidden = false;
    button.textContent = held ? "Resume updates" : "Pause updates";
    button.setAttribute("aria-pressed", String(held));
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pause-updates]")) return;
  held = !held;
  sessionStorage.setItem(KEY, held ? "paused" : "live");
  show();
  document.dispatchEvent(new CustomEvent("helios:updates", { detail: { paused: held } }));
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const polled = event.target.matches("[data-updates]");
  if (polled && (held || document.hidden)) event.preventDefault();
});

show();
