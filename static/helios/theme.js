// The theme buttons are forms; with this module the change shows without a page load.

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-switch]");
  if (!form || !event.submitter) return;
  event.preventDefault();
  const theme = event.submitter.value;
  document.documentElement.dataset.theme = theme;
  for (const button of document.querySelectorAll("[data-theme-switch] button")) {
    button.setAttribute("aria-pressed", String(button.value === theme));
  }
  // Kept for the account; the answer, a page, is not needed.
  fetch(form.action, { method: "POST", body: new FormData(form, event.submitter), redirect: "manual", keepalive: true });
  // Figures are drawn with the colours of the scheme: they listen and draw again.
  document.dispatchEvent(new CustomEvent("helios:theme", { detail: theme }));
});
