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
import "./secret.js";
import "./failures.js";

// The session ended: the dialog comes in the place of the redirection that htmx would follow.
document.addEventListener("htmx:beforeOnLoad", async (event) => {
  if (event.detail.xhr.status !== 401 || !document.getElementById("signed-out")) return;
  event.preventDefault();
  const { ask } = await import("./signed-out.js");
  ask({ bySomebody: !event.target.matches("[data-updates], [data-poll]") });
});

// A phone shows some of the tabs: the one in use is among them.
for (const tab of document.querySelectorAll(".tabs > [aria-current]")) {
  const { parentElement: row, offsetLeft, offsetWidth } = tab;
  row.scrollLeft = offsetLeft - row.offsetLeft - (row.clientWidth - offsetWidth) / 2;
}

// What is only for pages without scripts (class "no-script") goes away.
document.documentElement.dataset.script = "on";
