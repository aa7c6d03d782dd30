// One polite live region per page, present from the first paint.

const QUIET = 30_000;
let last = 0;

export function announce(words) {
  document.getElementById("announcer").textContent = words;
}

// For progress: at most one announcement in thirty seconds.
export function announceNowAndThen(words) {
  const now = Date.now();
  if (now - last < QUIET) return;
  last = now;
  announce(words);
}

export function alarm(words) {
  document.getElementById("alarm").textContent = words;
}
