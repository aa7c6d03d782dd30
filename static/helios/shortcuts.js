// Single keys for what links and buttons do. They never fire while somebody types or with a
// modifier, and Settings switch them off (WCAG 2.1.4). /help/ and the dialog list them.

const PLACES = {
  o: "/", t: "/train/", m: "/models/", c: "/compare/", j: "/journal/", r: "/reflection/", d: "/draws/", s: "/settings/",
};
const PAIR_WITHIN = 1200;
const TYPING = "input:not([type=checkbox], [type=radio], [type=submit]), select, textarea, [contenteditable], dialog[open]";
const ROWS = "main :is([data-rows] > *, table.data tbody tr)";
let goSince = 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented) return;
  if (event.ctrlKey && event.key === "Enter") {
    // Of the form that has the focus; of the page's where nothing has it.
    const from = event.target === document.body ? "querySelector" : "closest";
    event.target[from]("form[data-ctrl-enter]")?.requestSubmit();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key === "k" && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    search();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") escape(event.target);
  if (event.target.closest(TYPING) || document.documentElement.dataset.shortcuts === "off") return;
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
  if (key === "/") return search();
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "x") return select();
  return act(key) || (key === "t" && turn());
}

function visit(path) {
  window.location.assign(path);
  return true;
}

// [data-key="p"] names the link, button or field that a key stands for on this page.
function act(key) {
  const target = document.querySelector(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  if (target?.matches("input, select")) target.focus();
  else target?.click();
  return Boolean(target);
}

function search() {
  const field = document.querySelector("[data-find]");
  if (!field?.offsetParent) return visit("/search/"); // a phone has a link instead
  field.focus();
  field.select();
  return true;
}

function help() {
  const dialog = document.getElementById("shortcuts");
  dialog?.showModal();
  return Boolean(dialog);
}

// The focus goes from row to row, so that Enter opens the row as it does with Tab. A row of a
// table leads somewhere; an entry of a list folds out.
function handle(row) {
  const link = row.querySelector("a[href]");
  const fold = row.querySelector("summary");
  return row.matches("tr") ? link ?? fold : fold ?? link;
}

function step(by) {
  // Not those of a table that is folded away: nothing there can have the focus.
  const rows = [...document.querySelectorAll(ROWS)].filter((row) => handle(row) && row.checkVisibility());
  if (!rows.length) return false;
  const here = rows.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, here + by));
  handle(rows[next]).focus();
  rows[next].scrollIntoView({ block: "nearest" });
  return true;
}

function select() {
  const row = [...document.querySelectorAll(ROWS)].find((each) => each.contains(document.activeElement));
  const box = row?.querySelector("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

// The figure with the focus, or the first one: its table, and back.
function turn() {
  const figure = document.activeElement?.closest("figure.chart") ?? document.querySelector("main figure.chart:has(details)");
  const summary = figure?.querySelector("details > summary");
  summary?.click();
  summary?.scrollIntoView({ block: "nearest" });
  return Boolean(summary);
}

function escape(target) {
  const menu = target.closest("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
}
