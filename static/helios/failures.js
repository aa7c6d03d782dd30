// What went wrong on the way is said where it was asked for: what happened, the reference, and a button
// to try again. What a page asks by itself is said once, in a line at the bottom, until an answer comes.

const PATIENCE = 2; // unanswered questions in a row
const KNEW_LAST = "This page shows what it knew last, and asks again by itself.";
const away = document.getElementById("away");
const awayWords = away?.querySelector("p");
const usualWords = awayWords?.textContent;
let unanswered = 0;

function isPolled({ target }) {
  return target.matches("[data-updates], [data-poll]");
}

function failed(event) {
  const status = event.detail.xhr?.status ?? 0;
  if (status === 401) return; // asked to sign in
  if (!isPolled(event)) tell(event);
  else if (!status || status >= 500) {
    unanswered += 1;
    if (!away) return;
    away.hidden = unanswered < PATIENCE;
    awayWords.textContent = status === 503 ? `${wordsOf(event.detail.xhr)} ${KNEW_LAST}` : usualWords;
  }
}

function tell({ target, detail }) {
  const { xhr, requestConfig: asked } = detail;
  const looks = asked.verb === "get";
  const place = looks ? detail.target : target.closest(".toolbar") ?? target;
  const block = describe(xhr, () => htmx.ajax(asked.verb, asked.path, { source: target, target: detail.target }));
  const before = looks ? place.lastElementChild : place.nextElementSibling;
  if (before?.matches(".failure")) before.remove();
  if (looks) place.append(block);
  else place.after(block);
}

function describe(xhr, repeat) {
  const block = document.createElement("div");
  block.className = "notice notice-bad failure";
  block.setAttribute("role", "alert");
  const words = document.createElement("p");
  const reference = xhr.status ? ` Reference ${xhr.getResponseHeader("X-Request-ID")}.` : "";
  words.textContent = wordsOf(xhr) + reference;
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button";
  again.textContent = "Try again";
  again.addEventListener("click", () => {
    block.remove();
    repeat().catch(() => {}); // said by the next block
  });
  block.append(words, again);
  return block;
}

// The page that a refusal is has its reason in a sentence, and what to look at below.
function wordsOf(xhr) {
  if (!xhr.status) return "Helios does not answer. Nothing was changed.";
  const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const words = [...page.querySelectorAll("main :is(.lead, .card > h1 + p, .lead + .facts dd)")];
  return words.map((each) => each.textContent.trim()).join(" ") || `The answer was ${xhr.status}.`;
}

for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, failed);
}
document.addEventListener("htmx:afterOnLoad", ({ detail }) => {
  if (!detail.successful) return;
  unanswered = 0;
  if (away) away.hidden = true;
});
