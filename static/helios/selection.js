// The bar below a list whose rows can be ticked: says how many are, and offers only what fits: a
// button with data-most takes two to so many rows, one with data-states needs a row in one of them.
// Without JavaScript every button is there and the server says what does not fit.

for (const form of document.querySelectorAll("form[data-selection]")) {
  const most = Number(form.dataset.selection);
  const count = form.querySelector("[data-count]");
  const idle = count.textContent;
  const buttons = [...form.querySelectorAll("button[name=act]")];
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];

  const stateOf = (box) => box.closest("tr").querySelector("[data-state]")?.dataset.state;
  const fits = ({ dataset }, chosen) => {
    if (dataset.most && (chosen.length < 2 || chosen.length > most)) return false;
    const states = dataset.states?.split(" ");
    return chosen.length > 0 && (!states || chosen.some((box) => states.includes(stateOf(box))));
  };

  const show = () => {
    const chosen = boxes.filter((box) => box.checked);
    count.parentElement.toggleAttribute("data-used", chosen.length > 0);
    count.textContent = chosen.length ? `${chosen.length} selected:` : idle;
    for (const button of buttons) button.disabled = !fits(button, chosen);
    for (const box of boxes) box.closest("tr").classList.toggle("chosen-row", box.checked);
  };
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show); // a page from the history keeps its ticks
  document.addEventListener("htmx:oobAfterSwap", show); // a row went on
  show();
}
