// "5 min ago" stays true on a page that is left open. The words are those of `time` in
// helios_site/templatetags/helios.py; the server's clock counts, not this computer's.
import { paused } from "./updates.js";

const EVERY = 10_000; // ms
const UNITS = [["s", 1, 60], ["min", 60, 3600], ["h", 3600, 86_400], ["d", 86_400, 2_592_000]];
const ahead = Date.now() - 1000 * Number(document.documentElement.dataset.now);

function words(moment) {
  const seconds = Math.round((Date.now() - ahead - moment) / 1000);
  const far = Math.abs(seconds);
  if (far < 2) return "now";
  const [unit, length] = UNITS.find(([, , limit]) => far < limit) ?? [];
  if (!unit) return null; // a date by now: the next look at the page says which
  const amount = `${Math.floor(far / length)}\u00a0${unit}`;
  return seconds > 0 ? `${amount} ago` : `in ${amount}`;
}

setInterval(() => {
  if (document.hidden || paused()) return;
  for (const one of document.querySelectorAll("time[data-ago]")) {
    const now = words(Date.parse(one.dateTime));
    if (now && now !== one.textContent) one.textContent = now;
  }
}, EVERY);
