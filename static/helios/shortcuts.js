// Single keys for what links and buttons do. They never fire inside a field or with a modifier,
// and `helios_shortcuts=off` in the cookies switches them off (WCAG 2.1.4).

const PLACES = { o: "/", t: "/train/", m: "/models/", c: "/compare/", j: "/journal/", r: "/reflection/", d: "/draws/" };
const PAIR_WITHIN = 1200;
let goSince = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.key === "Enter") {
    event.target.closest("form[data-ctrl-enter]")?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog[open]")) return;
  if (document.cookie.includes("helios_shortcuts=off")) return;
  if (press(event.key)) event.preventDefault();
});

function press(key) {
  if (goSince && Date.now() - goSince < PAIR_WITHIN) {
    goSince = 0;
    return PLACES[key] ? visit(PLACES[key]) : false;
  }
  if (key === "g") {
    goSince = Date.now();
    return true;
  }
  if (key === "?") return help();
  if (key === "n") return visit("/train/");
  if (key === "/") return focus("[data-key-focus]");
  // [data-key="p"] names the link or button that a key stands for on this page.
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  target?.click();
  return Boolean(target);
}

function visit(path) {
  window.location.assign(path);
  return true;
}

function focus(selector) {
  const field = document.querySelector(selector);
  field?.focus();
  return Boolean(field);
}

function help() {
  const dialog = document.getElementById("shortcuts");
  dialog?.showModal();
  return Boolean(dialog);
}
