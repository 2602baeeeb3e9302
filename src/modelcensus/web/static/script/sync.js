// Runs that are under way, followed live. Without this script the page says how to look again.

const MOST = 4; // A browser keeps few connections to one host, and other tabs want some.
const AGAIN = 5000;
const sayable = new Intl.NumberFormat("en").format;

function told(progress) {
  if (progress.what === "catalog") return "Bringing the catalog up to date";
  const total = progress.total ? ` of ${sayable(progress.total)}` : "";
  return `Reading ${progress.what.slice(0, 80)}${progress.done ? `: ${sayable(progress.done)}${total}` : ""}`;
}

function say(node, text) {
  // A screen reader repeats what is written anew: only what is new is written.
  if (node.textContent !== text) node.textContent = text;
}

/** Follow the run of one card until it ends, whatever becomes of the connection meanwhile. */
function follow(card) {
  const bar = card.querySelector("progress");
  const phase = card.querySelector("[data-phase]");
  const state = card.querySelector("[data-state]");
  const stream = new EventSource(`/api/admin/syncs/${card.dataset.run}/events`);

  stream.addEventListener("open", () => say(state, "Followed live."));
  stream.addEventListener("progress", (event) => {
    const progress = JSON.parse(event.data);
    say(phase, told(progress));
    if (progress.total) {
      bar.max = progress.total;
      bar.value = Math.min(progress.done, progress.total);
    } else {
      bar.removeAttribute("value");
    }
  });
  stream.addEventListener("done", (event) => {
    stream.close();
    ended(card, JSON.parse(event.data), { bar, phase, state });
  });
  stream.addEventListener("error", () => {
    say(state, "Connection lost, trying again.");
    // It comes back by itself after a broken connection, but not after an answer that was no stream.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => follow(card), AGAIN);
  });
  addEventListener("pagehide", () => stream.close(), { once: true });
}

function ended(card, run, { bar, phase, state }) {
  if ("reload" in card.dataset) {
    location.reload();
    return;
  }
  const good = run.state === "done" && run.result?.success;
  bar.max = bar.value = 1;
  const badge = card.querySelector("[data-badge] .badge");
  badge.className = `badge ${good ? "good" : "warn"}`;
  badge.textContent = good ? "done" : run.state === "done" ? "done, with errors" : run.state;
  const result = run.result;
  phase.textContent = result
    ? `${sayable(result.total_processed)} read, ${sayable(result.added)} new, ${sayable(result.updated)} altered, ${sayable(result.marked_inactive)} gone`
    : "There is no word of its end.";
  const link = document.createElement("a");
  link.href = `/admin/syncs/${run.id}`;
  link.textContent = "See what came of it";
  state.replaceChildren("It is over. ", link);
  card.querySelector("[data-cancel]")?.remove();
}

for (const card of [...document.querySelectorAll("[data-run]")].slice(0, MOST)) follow(card);
// Back from the browser's memory, the page is as old as it was left.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
