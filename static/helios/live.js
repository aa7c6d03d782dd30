// A session's page while it trains: the socket brings fragments (htmx puts them in), this module
// says how the connection is, goes on after the last epoch it has, asks by HTTP while the socket
// fails, and tells what changes to the title and the announcer.
import { alarm, announce, announceNowAndThen } from "./announce.js";
import { paused } from "./updates.js";

const POLL = 3000; // ms
const live = document.getElementById("live");
const badge = document.getElementById("connection");
const title = document.title;
let connected = false;
let state = "";
let tenth = -1;

const seen = () => document.getElementById("feed")?.dataset.seq ?? "0";
const over = () => document.getElementById("feed")?.hasAttribute("data-over");

// The address of the page is as old as the page: every connection goes on after what is here.
htmx.createWebSocket = (address) => {
  const wanted = new URL(address);
  wanted.searchParams.set("after", seen());
  return new WebSocket(wanted);
};

function say(words, tone) {
  if (!badge) return;
  badge.hidden = false;
  badge.textContent = words;
  badge.dataset.tone = tone;
}

function connection() {
  if (over()) say("Finished", "quiet");
  else if (paused()) say("Paused by you", "quiet");
  else if (connected) say("Live", "ok");
  else say(`Polling every ${POLL / 1000} s`, "warn");
}

function tell() {
  const shown = document.getElementById("live-state");
  if (!shown) return;
  const { words, percent } = shown.dataset;
  document.title = over() ? `${words} ${title}` : `${percent} % ${title}`;
  if (shown.dataset.state !== state) {
    if (state) (shown.dataset.state === "failed" ? alarm : announce)(words);
    state = shown.dataset.state;
  } else if (Math.floor(percent / 10) !== tenth) {
    announceNowAndThen(words);
  }
  tenth = Math.floor(percent / 10);
  connection();
}

// The same fragments by HTTP: the answer's parts say themselves where they belong.
function ask() {
  const address = `${live.dataset.poll}?after=${seen()}`;
  return htmx.ajax("GET", address, { source: live, target: live, swap: "none" });
}

async function poll() {
  if (!connected && !paused() && !over() && !document.hidden) {
    await ask();
    document.dispatchEvent(new Event("helios:feed"));
    tell();
  }
  if (!over()) setTimeout(poll, POLL);
}

live.addEventListener("htmx:wsOpen", () => { connected = true; connection(); });
live.addEventListener("htmx:wsClose", () => { connected = false; connection(); });
live.addEventListener("htmx:wsError", () => { connected = false; connection(); });
live.addEventListener("htmx:wsBeforeMessage", (event) => { if (paused()) event.preventDefault(); });
live.addEventListener("htmx:wsAfterMessage", tell);
document.addEventListener("helios:updates", async () => {
  connection();
  if (paused()) return;
  await ask(); // what came by while the view was held
  document.dispatchEvent(new Event("helios:feed"));
  tell();
});

tell();
setTimeout(poll, POLL);
