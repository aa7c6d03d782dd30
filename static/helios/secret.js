// A form carries the secret that its browser has now, not the one of when the page was loaded:
// whoever signs in again, here or in another tab, gets a new one.

const name = `${document.documentElement.dataset.secret}=`;

function secret() {
  return document.cookie.split("; ").find((each) => each.startsWith(name))?.slice(name.length);
}

document.addEventListener("submit", ({ target }) => {
  const field = target.elements.csrfmiddlewaretoken;
  if (field) field.value = secret() ?? field.value;
}, { capture: true });

document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (secret()) detail.headers["X-CSRFToken"] = secret();
});
