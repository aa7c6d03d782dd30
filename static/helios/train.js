// Conveniences of the Train form; each does what typing does.
const form = document.getElementById("train-form");

function put(id, value) {
  const field = document.getElementById(id);
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", ({ target }) => {
  const filler = target.closest("[data-fill]");
  if (filler) put(filler.dataset.fill, filler.dataset.value);
  const dice = target.closest("[data-random]");
  if (dice) put(dice.dataset.random, String(crypto.getRandomValues(new Uint32Array(1))[0]));
});

// The summary is made anew while somebody types; what was opened in it stays open.
const summary = document.getElementById("summary");
let opened = false;
summary?.addEventListener("htmx:beforeSwap", () => { opened = Boolean(summary.querySelector("details[open]")); });
summary?.addEventListener("htmx:afterSwap", () => { summary.querySelector("details")?.toggleAttribute("open", opened); });

// A slider in powers of ten beside a number, each following the other.
for (const slider of document.querySelectorAll("[data-powers]")) {
  const field = document.getElementById(slider.dataset.powers);
  const follow = () => { if (Number(field.value) > 0) slider.value = Math.log10(Number(field.value)); };
  slider.hidden = false;
  slider.addEventListener("input", () => put(field.id, Number((10 ** Number(slider.value)).toPrecision(2))));
  field.addEventListener("input", follow);
  follow();
}

// A form is sent once; the server would know the second one by its key as well.
form?.addEventListener("submit", (event) => {
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => { delete form?.dataset.sent; });
