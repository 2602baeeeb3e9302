"""The catalog's page in a real browser on a census of 7,000 models: the browser's own timings; needs Chromium."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page

from bench.load import serving
from bench.measure import python
from bench.report import Report, arguments
from bench.served import settings, sync
from modelcensus.wiring import open_census
from tests.browser import launched

FIRST_BYTE_MS = 50.0
INTERACTIVE_MS = 1000.0
WEIGHT_KB = 300.0
_WATCH = """
window.seen = {shift: 0, tasks: []};
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) if (!each.hadRecentInput) seen.shift += each.value;
}).observe({type: "layout-shift", buffered: true});
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) seen.tasks.push([each.startTime, each.duration]);
}).observe({type: "longtask", buffered: true});
"""
_TIMES = """() => {
  const page = performance.getEntriesByType("navigation")[0];
  const painted = performance.getEntriesByName("first-contentful-paint")[0];
  const ends = seen.tasks.map(([start, length]) => start + length);
  const loaded = performance.getEntriesByType("resource").map((each) => [each.name, each.transferSize]);
  return {
    first_byte: page.responseStart - page.requestStart, ready: page.domContentLoadedEventEnd,
    painted: painted ? painted.startTime : 0, interactive: Math.max(page.domContentLoadedEventEnd, ...ends),
    tasks: seen.tasks.reduce((sum, each) => sum + each[1], 0), shift: seen.shift,
    loaded: [[page.name, page.transferSize], ...loaded], nodes: document.getElementsByTagName("*").length,
  };
}"""
_TURNED = """() => {
  window.turned = new Promise((done) => {
    let began = 0;
    addEventListener("keydown", (event) => { began = event.timeStamp; }, {once: true});
    new MutationObserver((_, watch) => {
      watch.disconnect();
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    }).observe(document.getElementById("rows"), {childList: true});
  });
}"""
_KINDS = {".css": "style", ".js": "script", ".svg": "image"}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--models", type=int, default=7000, help="default: %(default)s")
    parser.add_argument("--times", type=int, default=7, help="the median of so many visits (default: %(default)s)")
    parser.add_argument("--folder", help="keep the census there, and use it again")
    given = parser.parse_args()
    report = Report(
        f"/models of {given.models:,} models, headless Chromium, loopback",
        ("visit", "first byte ms", "painted ms", "content ready ms", "interactive ms", "long tasks ms", "shift"),
        passed=True,
    )
    with TemporaryDirectory(prefix="modelcensus-bench-") as made:
        folder = given.folder or made
        _fill(folder, given.models)
        with serving(python("bench.served", folder, str(given.models))) as server, launched() as browser:
            _visits(browser, server.url, given.times, report)
            _typing(browser, server.url, report)
    return report.show(as_json=given.json)


def _fill(folder: str, models: int) -> None:
    """Two revisions, so that every price has a way."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    if (Path(folder) / "filled").exists():
        return
    with open_census(settings(folder)) as census:
        for turn in range(2):
            sync(census, models, turn)
    (Path(folder) / "filled").touch()


def _visits(browser: Browser, url: str, times: int, report: Report) -> None:
    """Visits of a browser that knows nothing yet: to an answer that has to be made, and to one that is ready."""
    _visit(browser, f"{url}/models")  # the server's own first request reads the edition
    made = [_visit(browser, f"{url}/models?min_context={number}") for number in range(1, times + 1)]
    ready = [_visit(browser, f"{url}/models") for _ in range(times)]
    for name, found in (("made for it", made), ("from memory", ready)):
        report.rows.append((
            name, *(_median(found, member) for member in ("first_byte", "painted", "ready", "interactive", "tasks")),
            max(each["shift"] for each in found),
        ))  # fmt: skip
    weight: Counter[str] = Counter()
    for name, size in ready[-1]["loaded"]:
        weight[next((kind for end, kind in _KINDS.items() if end in name), "page")] += size
    whole = sum(weight.values()) / 1000
    parts = ", ".join(f"{kind} {size / 1000:.1f}" for kind, size in weight.most_common())
    report.notes.append(f"sent over the wire: {whole:.1f} kB ({parts}), in {ready[-1]['nodes']:,} elements")
    first, at_ease = _median(ready, "first_byte"), _median(ready, "interactive")
    report.notes.append(
        f"targets: first byte from memory under {FIRST_BYTE_MS:.0f} ms, interactive under {INTERACTIVE_MS:.0f} ms, "
        f"under {WEIGHT_KB:.0f} kB, no shift"
    )
    report.require(first < FIRST_BYTE_MS and at_ease < INTERACTIVE_MS and whole < WEIGHT_KB)
    report.require(all(each["shift"] == 0 for each in (*made, *ready)))


def _visit(browser: Browser, address: str) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(_WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(300)
    found: dict[str, Any] = page.evaluate(_TIMES)
    page.close()
    return found


def _typing(browser: Browser, url: str, report: Report) -> None:
    """From a key to new rows on the screen; of the time some is the wait for a next key."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script(_WATCH)
    page.goto(f"{url}/models", wait_until="load")
    page.get_by_label("Search models").focus()
    taken = [_typed(page, key) for key in "model-12"]
    shift = page.evaluate("seen.shift")
    report.notes.append(
        f"from a key to new rows: median {statistics.median(taken):.0f} ms, at most {max(taken):.0f} ms "
        f"(120 ms of it the wait for a next key); shift {shift:.3g}"
    )
    page.close()


def _typed(page: Page, key: str) -> float:
    page.evaluate(_TURNED)
    page.keyboard.press(key)
    return float(page.evaluate("turned"))


def _median(found: list[dict[str, Any]], member: str) -> float:
    return float(statistics.median(each[member] for each in found))


if __name__ == "__main__":
    sys.exit(main())
