// <button data-copy="id"> copies the text of the element with that id, <button data-copy-address> the
// address of the page as it is now.
import { announce } from "./announce.js";

document.addEventListener("click", async (event) => {
  const address = event.target.closest("[data-copy-address]");
  if (address) copyAddress(address);
  const button = event.target.closest("[data-copy]");
  const source = button && document.getElementById(button.dataset.copy);
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    announce("Copied.");
    flash(button, "Copied");
  } catch {
    // No permission, or plain http on another host: select the text, so that Ctrl-C works.
    window.getSelection().selectAllChildren(source);
    flash(button, "Selected");
  }
});

async function copyAddress(button) {
  try {
    await navigator.clipboard.writeText(location.href);
    announce("Copied.");
    flash(button, "Copied");
  } catch {
    flash(button, "Copy it from the address bar");
  }
}

function flash(button, words) {
  const label = button.querySelector("[data-label]") ?? button;
  const before = label.textContent;
  if (before === words) return;
  label.textContent = words;
  setTimeout(() => { label.textContent = before; }, 1500);
}
