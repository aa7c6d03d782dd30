// The bar below a list whose rows can be ticked: says how many are, and offers only what fits.
// Without JavaScript every button is there and the server says what does not fit.

for (const form of document.querySelectorAll("form[data-selection]")) {
  const most = Number(form.dataset.selection);
  const count = form.querySelector("[data-count]");
  const buttons = [...form.querySelectorAll("button[name=act]")];

  const show = () => {
    const chosen = form.querySelectorAll("input[name=m]:checked");
    count.parentElement.toggleAttribute("data-used", chosen.length > 0);
    count.textContent = chosen.length ? `${chosen.length} selected:` : "With the chosen models:";
    for (const button of buttons) {
      const fits = !button.dataset.most || (chosen.length >= 2 && chosen.length <= most);
      button.disabled = !chosen.length || !fits;
    }
    for (const box of form.querySelectorAll("input[name=m]")) {
      box.closest("tr").classList.toggle("chosen-row", box.checked);
    }
  };
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show); // a page from the history keeps its ticks
  show();
}
