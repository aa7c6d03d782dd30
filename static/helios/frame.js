// What every page has: theme, dialogs, copy buttons, shortcuts, search. Each works on its own and every
// page works without them.
import "./theme.js";
import "./dialogs.js";
import "./copy.js";
import "./shortcuts.js";
import "./find.js";
import "./zone.js";
import "./updates.js";
import "./ago.js";
import "./notices.js";
import "./reveal.js";
import "./twins.js";

// A phone shows some of the tabs: the one in use is among them.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const { parentElement: row, offsetLeft, offsetWidth } = tab;
  row.scrollLeft = offsetLeft - row.offsetLeft - (row.clientWidth - offsetWidth) / 2;
}

// What is only for pages without scripts (class "no-script") goes away.
document.documentElement.dataset.script = "on";
