// "Pause updates" (WCAG 2.2.2): stops what this view shows, not the training. Fragments that htmx
// fetches inside [data-updates] and those that come by a socket are held back; a new connection
// brings what was missed. live.js asks `paused()`.

const KEY = "helios.updates";
const LONGEST = 8000; // ms between two attempts to connect
let held = sessionStorage.getItem(KEY) === "paused";
let socket = null; // htmx's, of this page

export let nextAttempt = 0; // when a lost socket is tried again

// Soon at first, then ever more patiently, and never all pages at the same moment.
htmx.config.wsReconnectDelay = (attempt) => {
  const delay = Math.min(LONGEST, 500 * 2 ** attempt) * (0.5 + Math.random() / 2);
  nextAttempt = Date.now() + delay;
  return delay;
};

export function paused() {
  return held;
}

// A page with much that changes has the button beside it; the one in the footer is for all others.
function show() {
  const buttons = [...document.querySelectorAll("[data-pause-updates]")];
  for (const button of buttons) {
    button.hidden = buttons.length > 1 && Boolean(button.closest("footer"));
    button.textContent = held ? "Resume updates" : "Pause updates";
    button.setAttribute("aria-pressed", String(held));
  }
}

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-pause-updates]")) return;
  held = !held;
  sessionStorage.setItem(KEY, held ? "paused" : "live");
  show();
  if (!held) socket?.reconnect();
  document.dispatchEvent(new CustomEvent("helios:updates", { detail: { paused: held } }));
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const polled = event.target.matches("[data-updates]");
  if (polled && (held || document.hidden || isUsed(event.target))) event.preventDefault();
});

// What has the focus, or holds something that somebody opened, is not replaced under their hands.
function isUsed(part) {
  return part.contains(document.activeElement) || Boolean(part.querySelector("details[open]"));
}

document.addEventListener("htmx:wsOpen", (event) => { socket = event.detail.socketWrapper; });
document.addEventListener("htmx:wsBeforeMessage", (event) => { if (held) event.preventDefault(); });

show();
