// The session ended while a page stood open: ask to sign in again in a dialog, so that what was typed
// stays. Loaded when the server answers 401 for the first time.

const dialog = document.getElementById("signed-out");
const problem = dialog.querySelector("[role=alert]");
let putAway = false; // by Escape: only what somebody does asks again

export function ask({ bySomebody }) {
  if (!dialog.open && (bySomebody || !putAway)) dialog.showModal();
}

dialog.addEventListener("cancel", () => { putAway = true; });

dialog.querySelector("[data-sign-in]")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  try {
    // The right password is answered by a redirection, the wrong one by the page again.
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
    if (answer.type === "opaqueredirect") goOn();
    else say(wordsOf(await answer.text()) || "That did not work.");
  } catch {
    say("Helios does not answer. Try again in a moment.");
  }
});

// For who signed in in another tab.
dialog.querySelector("[data-go-on]").addEventListener("click", async () => {
  try {
    const answer = await fetch(dialog.dataset.check, { headers: { "HX-Request": "true" } });
    if (answer.ok) goOn();
    else say("You are still signed out in this browser.");
  } catch {
    say("Helios does not answer. Try again in a moment.");
  }
});

function say(words) {
  problem.textContent = words;
  problem.hidden = false;
}

function wordsOf(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  return page.querySelector("[role=alert], .lead")?.textContent.trim();
}

// A page on which nothing was typed is loaded anew, with its live parts.
function goOn() {
  if ([...document.querySelectorAll("main :is(input, select, textarea)")].some(isTyped)) dialog.close();
  else window.location.reload();
}

function isTyped(field) {
  if (field.type === "hidden") return false;
  if (field.matches("select")) return [...field.options].some((each) => each.selected !== each.defaultSelected);
  return field.matches("[type=checkbox], [type=radio]")
    ? field.checked !== field.defaultChecked
    : field.value !== field.defaultValue;
}
