// The filter box of the API's documentation, and anchors that open what they lead to.

const filter = document.querySelector("[data-filter]");
const box = filter.querySelector("input");
const count = document.querySelector("[data-count]");
const none = document.querySelector("[data-none]");
const operations = [...document.querySelectorAll(".operation")].map((node) => ({
  node,
  text: node.querySelector("summary").textContent.toLowerCase(),
}));
const rooms = [...document.querySelectorAll(".room")];

function narrow() {
  const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { node, text } of operations) {
    node.hidden = !wanted.every((word) => text.includes(word));
    shown += node.hidden ? 0 : 1;
  }
  for (const room of rooms) room.hidden = !room.querySelector(".operation:not([hidden])");
  none.hidden = shown > 0;
  count.textContent = wanted.length ? `${shown} of ${operations.length}` : "";
}

function open() {
  const wanted = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!wanted?.matches(".operation")) return;
  if (wanted.hidden) {
    box.value = "";
    narrow();
  }
  wanted.open = true;
  wanted.scrollIntoView();
}

filter.hidden = false;
box.addEventListener("input", narrow);
addEventListener("hashchange", open);
open();
