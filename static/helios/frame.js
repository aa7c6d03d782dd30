// What every page has: theme, dialogs, copy buttons, shortcuts. Each works on its own and every
// page works without them.
import "./theme.js";
import "./dialogs.js";
import "./copy.js";
import "./shortcuts.js";
import "./updates.js";
