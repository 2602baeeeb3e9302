// The field that adds a model: its list holds what fits to what is typed. Without this script the form asks the server.

const field = document.querySelector("input[name='add']");
const list = document.getElementById("models");
let waiting = 0;
let asked = null;

async function suggest() {
  const text = field.value.trim();
  if (text.length < 2 || [...list.options].some((each) => each.value === text)) return;
  asked?.abort();
  asked = new AbortController();
  try {
    const query = new URLSearchParams({ q: text.slice(0, 200), fields: "id,name", limit: "20" });
    const answer = await fetch(`/api/models?${query}`, { signal: asked.signal });
    if (!answer.ok) return;
    const { data } = await answer.json();
    list.replaceChildren(...data.map((model) => new Option(model.name ?? "", model.id)));
  } catch {
    // The list stays what it was; the form finds the model all the same.
  }
}

field?.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(suggest, 150);
});
