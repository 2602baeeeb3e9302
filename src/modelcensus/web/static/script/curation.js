// Curation: rows by keyboard, ticked models counted, names and fields proposed. Nothing here is needed to get on.

const table = document.querySelector("form[data-bulk]");
const asks = document.querySelector("[data-rows]");
const isTyping = (target) => target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");

/** What of each row takes the focus: a model's link, or the first candidate's button. */
function stops() {
  if (table) return [...table.querySelectorAll("tbody th a")];
  if (!asks) return [];
  return [...asks.children].map(first);
}

/** What answers a name: the first candidate, else the way to another model, else (who may only look) its page. */
function first(row) {
  return row.querySelector("[data-first]") ?? row.querySelector(".other > summary") ?? row.querySelector("a");
}

function step(by) {
  const all = stops();
  const rowOf = (node) => node?.closest("tr, .ask");
  const here = all.findIndex((each) => rowOf(each) === rowOf(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  next?.focus();
  rowOf(next)?.scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const row = document.activeElement?.closest("tr, .ask");
  // A key that is held down must not decide name after name.
  if (event.key === "Enter" && event.repeat && row) event.preventDefault();
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (event.key === "x" && row?.querySelector("input[name=id]")) row.querySelector("input[name=id]").click();
  else if (event.key === "e" && bar) {
    bar.open = true;
    bar.querySelector("select").focus();
  } else if (event.key === "o" && row?.querySelector(".other")) {
    const other = row.querySelector(".other");
    other.open = true;
    other.querySelector("input[name=model_id]").focus();
  } else return;
  event.preventDefault();
});

const bar = document.querySelector("[data-bulk-bar]");
if (bar) {
  const boxes = [...table.querySelectorAll("input[name=id]")];
  const head = table.querySelector("thead .tick");
  const whole = Object.assign(document.createElement("input"), { type: "checkbox" });
  whole.setAttribute("aria-label", "Tick all on this page");
  head.replaceChildren(whole);
  const told = bar.querySelector("[data-ticked]");
  let last = null;
  const count = () => {
    const ticked = boxes.filter((each) => each.checked).length;
    told.textContent = ticked ? `${ticked} ticked` : "";
    whole.checked = ticked === boxes.length;
    whole.indeterminate = ticked > 0 && ticked < boxes.length;
  };
  whole.addEventListener("change", () => {
    for (const each of boxes) each.checked = whole.checked;
    count();
  });
  table.addEventListener("click", (event) => {
    const at = boxes.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      for (const each of boxes.slice(Math.min(at, last), Math.max(at, last) + 1)) each.checked = event.target.checked;
    }
    last = at;
    count();
  });
  addEventListener("pageshow", count);
  count();
}

// After a name is decided the next one stands in its place.
const place = /^#n\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
// The browser itself takes the focus away when it goes to the place, so this comes after that.
if (place) addEventListener("pageshow", () => setTimeout(() => first(place).focus()));

// Ids of models, asked for once, when somebody is about to type one.
const ids = document.querySelector("#model-ids");
if (ids) {
  addEventListener("focusin", async function load(event) {
    if (event.target.getAttribute("list") !== ids.id) return;
    removeEventListener("focusin", load);
    const answer = await fetch(ids.dataset.from).catch(() => null);
    if (answer?.ok) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      ids.replaceChildren(...page.querySelectorAll("option"));
    }
  });
}

const field = document.querySelector("select[data-field]");
field?.addEventListener("change", () => {
  const chosen = field.selectedOptions[0];
  field.form.elements.value.value = chosen.dataset.written ?? "";
  document.querySelector("#how").textContent = chosen.dataset.hint ?? "";
});
