// A notification of the browser when a session of one's own ends: the chip of the frame says so, on
// whatever page is open. Asked for in the settings; each end is told once in this browser.

const KEY = "helios.noticed";

function tell() {
  const chip = document.getElementById("notices");
  if (!chip?.dataset.tell || !("Notification" in window) || Notification.permission !== "granted") return;
  if (Number(localStorage.getItem(KEY) ?? 0) >= Number(chip.dataset.newest)) return;
  localStorage.setItem(KEY, chip.dataset.newest);
  new Notification("Helios", { body: chip.dataset.tell, tag: "helios-end" });
}

// The buttons of the settings: permission is asked for by a person, never on load.
for (const button of document.querySelectorAll("[data-test-notification]")) {
  button.hidden = !("Notification" in window);
  button.addEventListener("click", async () => {
    const allowed = (await Notification.requestPermission()) === "granted";
    document.getElementById(button.dataset.testNotification).textContent = allowed
      ? "Sent: your system shows it."
      : "This browser blocks notifications of this site; allow them in its settings.";
    if (allowed) new Notification("Helios", { body: "This is a test: notifications arrive." });
  });
}

document.addEventListener("htmx:afterSwap", ({ target }) => target.id === "now-chip" && tell());
tell();
