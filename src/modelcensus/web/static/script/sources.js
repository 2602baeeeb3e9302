// Forms that take a while are sent once; a new token's secret can be copied.

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    const button = form.querySelector("button:not([type=button])");
    const before = [...button.childNodes];
    button.setAttribute("aria-disabled", "true");
    button.replaceChildren(form.dataset.once);
    // The Back key may bring the page back as it was left.
    addEventListener("pageshow", () => {
      delete form.dataset.sent;
      button.removeAttribute("aria-disabled");
      button.replaceChildren(...before);
    }, { once: true });
  });
}

const secret = document.querySelector("[data-secret]");
const copy = document.querySelector("[data-copy]");
if (secret && copy) {
  const told = document.querySelector("[data-copied]");
  copy.hidden = false;
  secret.focus();
  secret.select();
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(secret.value);
      told.textContent = "Copied.";
    } catch {
      secret.focus();
      secret.select();
      told.textContent = "It is selected: copy it with the keyboard.";
    }
  });
}
