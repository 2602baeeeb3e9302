// The catalog: what is typed or chosen shows at once, and models to compare are kept while one looks around.
import { tellAges } from "./page.js";

const form = document.getElementById("filters");
const results = document.getElementById("results");
const compare = document.getElementById("compare");
const STILL_MS = 120; // so long after the last key
const MOST = 6;
let asking = null;
let timer = 0;

/** What the form asks for, as short as it can be said: nothing that is empty, nothing that is so anyway. */
function wanted() {
  const said = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value.trim() && name !== "col" && !(name === "sort" && value === form.dataset.sort)) said.append(name, value.trim());
  }
  const columns = [...form.querySelectorAll("[name=col]:checked")].map((each) => each.value);
  if (columns.join(" ") !== form.dataset.columns) columns.forEach((each) => said.append("col", each));
  return said;
}

async function show() {
  clearTimeout(timer);
  asking?.abort();
  const mine = (asking = new AbortController());
  const said = wanted();
  const query = said.toString();
  if (query === location.search.slice(1)) return results.removeAttribute("aria-busy");
  results.setAttribute("aria-busy", "true");
  said.append("part", "rows");
  try {
    const answer = await fetch(`${form.action}?${said}`, { signal: mine.signal });
    if (!answer.headers.get("content-type")?.startsWith("text/html")) throw new Error(answer.statusText);
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!found.querySelector("#rows")) throw new Error(answer.statusText);
    swap(found);
    history.replaceState(null, "", query ? `?${query}` : location.pathname);
  } catch (error) {
    if (error.name === "AbortError") return;
    lost();
  }
  if (asking === mine) results.removeAttribute("aria-busy");
}

/** Put each part that came in the place of the one that was. */
function swap(found) {
  for (const part of found.querySelectorAll("[data-swap]")) {
    document.getElementById(part.id)?.replaceChildren(...part.childNodes);
  }
  const faults = found.getElementById("notes").dataset.faults.split(" ");
  for (const each of form.elements) {
    if (faults.includes(each.name)) each.setAttribute("aria-invalid", "true");
    else each.removeAttribute("aria-invalid");
  }
  for (const each of form.querySelectorAll(".wrong")) each.remove();
  for (const pick of form.querySelectorAll(".pick")) count(pick);
  tellAges(results);
  tick();
}

/** How much is chosen in a pick, beside its name. */
function count(pick) {
  const of = pick.querySelector(".picked");
  if (pick.querySelector("[name=col]")) return;
  const chosen = [...pick.querySelectorAll("input, select")].filter((each) =>
    each.type === "checkbox" ? each.checked : each.value).length;
  of.textContent = chosen ? ` ${chosen}` : "";
  of.parentElement.classList.toggle("on", chosen > 0);
}

function lost() {
  const said = document.createElement("p");
  said.className = "told bad";
  said.setAttribute("role", "alert");
  said.textContent = "The census does not answer. What is below is what it said last; it is asked again as soon as you choose something.";
  document.getElementById("notes").replaceChildren(said);
}

form.addEventListener("input", (event) => {
  clearTimeout(timer);
  timer = setTimeout(show, event.target.matches("[type=search], [type=text]") ? STILL_MS : 0);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

// A pick closes with Escape, and where something else is pressed.
document.addEventListener("keydown", (event) => {
  const open = form.querySelector(".pick[open]");
  if (event.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("pointerdown", (event) => {
  for (const open of form.querySelectorAll(".pick[open]")) if (!open.contains(event.target)) open.open = false;
});

// From the search down into the models, and up and down among them.
document.addEventListener("keydown", (event) => {
  if ((event.key !== "ArrowDown" && event.key !== "ArrowUp") || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...results.querySelectorAll("tbody th a:first-child")];
  const inSearch = event.target === form.elements.q;
  const at = inSearch ? -1 : links.indexOf(event.target);
  if (at < 0 && !inSearch) return;
  const next = event.key === "ArrowDown" ? at + 1 : at - 1;
  const goal = next < 0 ? (inSearch ? null : form.elements.q) : links[next];
  if (!goal) return;
  event.preventDefault();
  goal.focus();
});

// Models to compare: kept for this window, at most six.
const chosen = new Set(JSON.parse(sessionStorage.getItem("compare") ?? "[]"));

/** Tick what is chosen; what is chosen and not on this page goes along unseen. */
function tick() {
  const seen = new Set();
  for (const box of results.querySelectorAll("input[name=m][type=checkbox]")) {
    box.checked = chosen.has(box.value);
    box.disabled = !box.checked && chosen.size >= MOST;
    seen.add(box.value);
  }
  for (const each of compare.querySelectorAll("input")) each.remove();
  for (const id of chosen) {
    if (seen.has(id)) continue;
    const unseen = Object.assign(document.createElement("input"), { type: "hidden", name: "m", value: id });
    compare.append(unseen);
  }
  const button = compare.querySelector("button");
  button.disabled = chosen.size < 2;
  button.querySelector(".picked").textContent = chosen.size ? ` ${chosen.size}` : "";
  button.title = chosen.size < 2 ? "Choose two to six models" : "";
}

results.addEventListener("change", (event) => {
  if (!event.target.matches("input[name=m]")) return;
  if (event.target.checked) chosen.add(event.target.value);
  else chosen.delete(event.target.value);
  sessionStorage.setItem("compare", JSON.stringify([...chosen]));
  tick();
});
addEventListener("pageshow", tick);
tick();
