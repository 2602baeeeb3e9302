// The cost calculator answers while one types; without this script its button does.

const form = document.querySelector("[data-costs]");
const place = document.getElementById("costs");
const WAIT = 180;
let timer = 0;
let asked = 0;

async function work() {
  const number = ++asked;
  const query = new URLSearchParams();
  for (const field of form.elements) if (field.name && field.name !== "id") query.set(field.name, field.value);
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(`${form.dataset.costs}&${query}`, { headers: { accept: "text/html" } });
    if (number !== asked) return;
    if (!answer.ok) throw new Error(String(answer.status));
    const open = [...place.querySelectorAll("details")].map((each) => each.open);
    place.innerHTML = await answer.text();
    place.querySelectorAll("details").forEach((each, index) => { each.open = open[index] ?? false; });
  } catch {
    if (number !== asked) return;
    const note = document.createElement("p");
    note.className = "note warn";
    note.textContent = "No answer came. Press the button to try again.";
    place.replaceChildren(note);
  } finally {
    if (number === asked) place.removeAttribute("aria-busy");
  }
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(work, WAIT);
});
