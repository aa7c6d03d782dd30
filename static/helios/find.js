// The search field of the frame: arrows go through what htmx puts below it, Escape closes it.
// Without this module the field is a form that leads to the results.
import { announce } from "./announce.js";

const box = document.querySelector(".find");
const field = box?.querySelector("[data-find]");
const list = document.getElementById("suggestions");

function places() {
  return [field, ...list.querySelectorAll("a")];
}

box?.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    list.replaceChildren();
    field.focus();
    event.preventDefault();
    return;
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  const all = places();
  const next = all[all.indexOf(document.activeElement) + by];
  next?.focus();
  event.preventDefault();
});

list?.addEventListener("htmx:afterSwap", () => {
  const words = list.querySelector("[data-say]")?.textContent;
  if (words) announce(words);
});
