// On every page: "/" goes to the search box; times say how long ago they are.

addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const box = document.querySelector("main [data-key='/']") ?? document.querySelector("[data-key='/']");
  if (box) {
    event.preventDefault();
    box.focus();
    box.select();
  }
});

// Where a row of links is wider than the screen, the one of this page is in sight.
for (const each of document.querySelectorAll("nav [aria-current]")) {
  const row = each.closest("nav");
  const left = each.getBoundingClientRect().left - row.getBoundingClientRect().left;
  row.scrollLeft += left - (row.clientWidth - each.offsetWidth) / 2;
}

const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** How long ago a time is, such as "3 hours ago". */
export function age(then, now = Date.now()) {
  const seconds = Math.max(0, (now - then) / 1000);
  for (const [unit, length] of UNITS) {
    const count = Math.floor(seconds / length);
    if (count >= 1) return `${count} ${unit}${count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

/** Bring every <time data-age> below a node up to date. A page that was kept ready does not know how old it is. */
export function tellAges(root = document) {
  for (const each of root.querySelectorAll("time[data-age]")) {
    each.textContent = age(Date.parse(each.dateTime));
  }
}

tellAges();
setInterval(tellAges, 30_000);
