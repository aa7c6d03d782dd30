// <button data-dialog="id"> opens the native dialog with that id instead of submitting its form.
// Without JavaScript the button submits, which is always the harmless choice.
// <dialog data-type-to-confirm="name"> keeps its last button disabled until the name is typed.

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) {
    event.preventDefault();
    dialog.showModal();
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-close-on-submit]")) event.target.closest("dialog")?.close();
});

document.addEventListener("input", (event) => {
  const dialog = event.target.closest("dialog[data-type-to-confirm]");
  if (!dialog || !event.target.matches("[data-typed]")) return;
  const act = dialog.querySelector("[data-act]");
  act.disabled = event.target.value.trim() !== dialog.dataset.typeToConfirm;
});
