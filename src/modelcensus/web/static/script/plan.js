// The review of a plan by keyboard, and how many steps are selected. Everything works without it.

const form = document.querySelector("#decide");
const boxes = () => [...(form?.querySelectorAll("input[name='only']") ?? [])];

function count() {
  const chosen = boxes().filter((box) => box.checked).length;
  const shown = form?.querySelector("[data-count]");
  if (shown) shown.textContent = chosen || "";
  return chosen;
}

function tell() {
  const chosen = count();
  const place = form?.querySelector("[data-told]");
  if (place) place.textContent = `${chosen} selected`;
}

/** The steps that can be seen, in their order. */
function steps() {
  return [...document.querySelectorAll("[data-step]")].filter((step) => step.getClientRects().length > 0);
}

function go(by) {
  const all = steps();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement?.closest?.("[data-step]"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

const KEYS = {
  j: () => go(1),
  k: () => go(-1),
  x: (step) => step?.querySelector("input[name='only']")?.click(),
  o: (step) => step?.querySelector("details.rest > summary")?.click(),
  "?": () => {
    const help = document.querySelector("main details.help");
    help.open = !help.open;
    help.querySelector("summary").focus();
  },
};

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.closest("input:not([type='checkbox']), textarea, select, [contenteditable]");
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : undefined;
  if (typing || !act) return;
  event.preventDefault();
  act(document.activeElement?.closest?.("[data-step]"));
});

form?.addEventListener("change", (event) => {
  if (event.target.name === "only") tell();
});
// Enter in a reason must not apply everything.
form?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input")) event.preventDefault();
});

for (const button of form?.querySelectorAll("[data-all]") ?? []) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const mine = [...button.closest(".lab").querySelectorAll("input[name='only']")];
    const all = mine.every((box) => box.checked);
    for (const box of mine) box.checked = !all;
    tell();
  });
}
// A browser that comes back to the page keeps what was ticked.
count();
addEventListener("pageshow", count);
