// A session's page while it trains. The socket brings fragments and htmx puts them in; this module
// goes on after the last epoch that is here, asks by HTTP while the socket fails, says how the
// connection is, and tells what changes to the title and the announcer.
import { alarm, announce, announceNowAndThen } from "./announce.js";
import { nextAttempt, paused } from "./updates.js";

const POLL = 3000; // ms
const SILENCE = 4000; // ms without a word while somebody works: is the worker still there?
const SIGNED_OUT = 4403;
const DELETED = 4404;
const MAINTENANCE = 1013;

const live = document.getElementById("live");
const badge = document.getElementById("connection");
const title = document.title;

let connected = false;
let failures = 0;
let socket = null; // the newest
let ended = ""; // why there is nothing to come any more
let resting = false; // planned maintenance: told when the socket was closed
let state = "";
let best = "";
let tenth = -1;
let heard = Date.now();

const feed = () => document.getElementById("feed").dataset;
const over = () => "over" in feed();

// The address in the page is as old as the page: every connection goes on after what is here.
htmx.createWebSocket = (address) => {
  const wanted = new URL(address);
  wanted.searchParams.set("after", feed().seq);
  socket = new WebSocket(wanted);
  return socket;
};

function say(words, tone) {
  badge.hidden = false;
  if (badge.textContent !== words) badge.textContent = words;
  badge.dataset.tone = tone;
}

function sayConnection() {
  const seconds = Math.max(0, Math.ceil((nextAttempt - Date.now()) / 1000));
  if (over()) say("Finished", "quiet");
  else if (ended) say(ended, "warn");
  else if (paused()) say("Paused by you", "quiet");
  else if (connected) say("Live", "ok");
  else if (resting) say("Maintenance, connects again by itself", "warn");
  else if (failures > 1) say(`Polling every ${POLL / 1000} s`, "warn");
  else if (failures) say(`Reconnecting (${seconds} s)`, "warn");
  else say("Connecting", "quiet");
}

function sayState() {
  const shown = document.getElementById("live-state").dataset;
  const now = Math.floor(shown.percent / 10);
  const change = state && shown.state !== state;
  if (over()) {
    const asides = live.querySelectorAll("[data-pause-updates], [data-notify]");
    for (const button of asides) button.hidden = true; // nothing is to come
  }
  if (over()) document.title = `${shown.state === "completed" ? "Done" : shown.words}: ${title}`;
  else if ("lost" in shown) document.title = `no heartbeat: ${title}`;
  else if (shown.state === "training") document.title = `● ${shown.percent}% ${title}`;
  else document.title = `${shown.state}: ${title}`;
  if (change) (shown.state === "failed" ? alarm : announce)(shown.words);
  else if (best && feed().best !== best) announceNowAndThen(`New best epoch ${feed().best}.`);
  else if (tenth >= 0 && now !== tenth) announceNowAndThen(shown.words);
  if (change && over()) notify(shown.words);
  [state, best, tenth] = [shown.state, feed().best ?? "", now];
}

// The same fragments by HTTP; a long absence takes several.
async function ask() {
  let before;
  do {
    before = feed().seq;
    const address = `${live.dataset.poll}?after=${before}`;
    try {
      await htmx.ajax("GET", address, { source: live, target: live, swap: "none" });
    } catch {
      return; // the server is away: asked again soon
    }
    document.dispatchEvent(new Event("helios:feed"));
  } while ("more" in feed() && feed().seq !== before);
  sayState();
  sayConnection();
}

// Nothing is written when a worker dies, so nothing rings: silence is asked about.
function isSilent() {
  const { state: now } = document.getElementById("live-state").dataset;
  return ["training", "pausing", "stopping"].includes(now) && Date.now() - heard > SILENCE;
}

async function poll() {
  const alone = failures > 1 && !connected;
  if ((alone || isSilent()) && !paused() && !ended && !document.hidden) await ask();
  if (!over() && !ended) setTimeout(poll, POLL);
}

live.addEventListener("htmx:wsOpen", () => {
  connected = true;
  failures = 0;
  resting = false;
  sayConnection();
});
live.addEventListener("htmx:wsClose", (event) => {
  const { code, target } = event.detail.event;
  if (target !== socket) return; // one that was given up for a new one
  connected = false;
  failures += 1;
  if (code === SIGNED_OUT) ended = "Signed out: reload to sign in";
  resting ||= code === MAINTENANCE;
  if (code === DELETED) ended = "This session was deleted";
  sayConnection();
});
live.addEventListener("htmx:wsAfterMessage", () => {
  heard = Date.now();
  document.dispatchEvent(new Event("helios:feed"));
  sayState();
  sayConnection();
});

// What was asked for is said at once; the next message says how it is.
document.addEventListener("htmx:beforeRequest", ({ target }) => {
  if (!target.dataset.asks) return;
  document.getElementById("state-words").textContent = target.dataset.asks;
  announce(target.dataset.asks);
});
for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, ({ target }) => target.dataset.asks && ask());
}

// A notification of the browser, when the person asked for one by the button.
const wish = document.querySelector("[data-notify]");
wish.hidden = !("Notification" in window) || Notification.permission === "denied";
wish.addEventListener("click", async () => {
  const allowed = (await Notification.requestPermission()) === "granted";
  wish.disabled = true;
  wish.textContent = allowed ? "You will be notified" : "Notifications are blocked";
});

function notify(words) {
  if (wish.disabled && Notification.permission === "granted") new Notification(title, { body: words });
}

// Buttons are replaced only when they are others: nobody loses the one under the finger or the
// focus. When the focused button goes, the focus goes to what took its place.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const coming = detail.fragment.firstElementChild ?? detail.fragment;
  const { same } = detail.target.dataset;
  if ("held" in detail.target.dataset) detail.shouldSwap = false; // an older page of the table
  if (same === undefined) return;
  if (same === coming.dataset?.same) detail.shouldSwap = false;
  else if (detail.target.contains(document.activeElement)) {
    setTimeout(() => document.querySelector(`#${detail.target.id} :is(button, a)`)?.focus());
  }
});

document.addEventListener("helios:updates", () => {
  sayConnection();
  if (!paused() && !connected && !over() && !ended) ask();
});

sayState();
sayConnection();
setInterval(sayConnection, 1000);
setTimeout(poll, POLL);
