// One polite live region per page, present from the first paint. The settings say how much of it
// somebody wants to hear: all, milestones (no progress and no new best), or nothing but failures.

const QUIET = 30_000;
const wanted = document.documentElement.dataset.announce ?? "all";
let last = 0;

export function announce(words) {
  if (wanted !== "off") document.getElementById("announcer").textContent = words;
}

// For progress: at most one announcement in thirty seconds.
export function announceNowAndThen(words) {
  const now = Date.now();
  if (wanted !== "all" || now - last < QUIET) return;
  last = now;
  announce(words);
}

export function alarm(words) {
  document.getElementById("alarm").textContent = words;
}
