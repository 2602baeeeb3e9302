"""Make the pictures of the documentation: ``python -m tests.screenshots [NAME ...]``, ``make pictures``.

Every page of a made-up census, on a desk and on a phone, light and dark, into ``docs/screenshots/``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page

from modelcensus.operations.census import Census
from tests.browser import launched
from tests.builders import START
from tests.web.every import OFFICE, PUBLIC, of_a_thing
from tests.web.months import NOW
from tests.web.states import five_months_served, states_served
from tests.web.visiting import sign_in

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
_SCREENS = {"desk": (1280, 900), "phone": (390, 844)}
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Look(NamedTuple):
    """A way to look at a page."""

    screen: str
    scheme: Literal["light", "dark"]


LOOKS = tuple(Look(screen, scheme) for screen in _SCREENS for scheme in _SCHEMES)


def pictures(browser: Browser, census: Census, address: str, states: dict[str, str], names: Sequence[str]) -> None:
    """Take the pictures whose names are asked for; all without names."""
    things, office = of_a_thing(census)
    for look in LOOKS:
        width, height = _SCREENS[look.screen]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=look.scheme)
        context.clock.set_fixed_time(START + timedelta(hours=NOW))
        page = context.new_page()
        for name, path in {**PUBLIC, **things}.items():
            _take(page, address + path, name, look, names)
        sign_in(page, address)
        for name, path in {**OFFICE, **office}.items():
            _take(page, address + path, name, look, names)
        if not names or "review" in names:
            choose_for_review(page, address)
            _keep(page, "review", look)
        for name, state in states.items():
            if name != "lost":
                sign_in(page, state)
            _take(page, f"{state}/", name, look, names)
        context.close()


def choose_for_review(page: Page, address: str) -> None:
    """What a change of many models would do, before it is made."""
    page.goto(f"{address}/admin/models")
    for model in ("amazon/nova-premier-v1", "anthropic/claude-haiku-4.5", "google/gemini-2.5-flash"):
        page.get_by_label(f"Tick {model}").check()
    page.get_by_text("Edit models").click()
    page.locator(".bulk").get_by_label("Pro").select_option("yes")
    page.get_by_role("button", name="See what would change").click()
    page.locator("h1").get_by_text("would change").wait_for()


def _take(page: Page, url: str, name: str, look: Look, names: Sequence[str]) -> None:
    if not names or name in names:
        page.goto(url)
        _keep(page, name, look)


def _keep(page: Page, name: str, look: Look) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / f"{name}-{look.screen}-{look.scheme}.png", animations="disabled")


def main() -> None:
    """Take them."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        five_months_served(f"sqlite:///{folder}/census.db") as (census, address),
        states_served(Path(folder)) as states,
        launched() as browser,
    ):
        pictures(browser, census, address, states, sys.argv[1:])


if __name__ == "__main__":
    main()
