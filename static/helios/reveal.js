// <button data-reveal="id"> shows what is typed into a field for a password, and hides it again.

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-reveal]");
  const field = button && document.getElementById(button.dataset.reveal);
  if (!field) return;
  const shown = field.type === "password";
  field.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  button.textContent = shown ? "Hide the password" : "Show the password";
});
