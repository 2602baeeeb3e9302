"""Make the pictures of the documentation: ``python -m tests.screenshots [NAME ...]``, ``make pictures``.

Every page of a made-up census, on a desk and on a phone, light and dark, into ``docs/screenshots/``.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page

from modelcensus.operations.catalog import applying
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, HealthSettings, Settings, SourceSettings
from modelcensus.store.catalog.plans import PlanState
from modelcensus.wiring import open_census
from tests.browser import launched
from tests.builders import START
from tests.web.months import NOW, five_months
from tests.web.serving import QUIET, served
from tests.web.visiting import ADMIN, sign_in

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
_SCREENS = {"desk": (1280, 900), "phone": (390, 844)}
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
_PATHS = {
    "home": "/", "models": "/models", "model": "/models/openai/gpt-5-mini", "compare":
    "/compare?m=openai/gpt-5.1&m=anthropic/claude-sonnet-4.5&m=google/gemini-3-pro", "changes": "/changes",
    "providers": "/providers", "provider": "/providers/openai", "trends": "/trends", "sources": "/sources",
    "source": "/sources/openrouter", "entity": "/entity/openai/gpt-5-mini", "docs": "/docs", "help": "/help",
    "login": "/login",
}  # fmt: skip
_OFFICE = {
    "health": "/admin", "syncs": "/admin/syncs", "plans": "/admin/plans", "plan": "/admin/plans/{plan}",
    "admin-models": "/admin/models", "admin-model": "/admin/models/openai/gpt-5.1", "names": "/admin/names",
    "disagreements": "/admin/disagreements", "admin-sources": "/admin/sources", "drift": "/admin/drift",
    "quality": "/admin/quality", "tokens": "/admin/tokens", "notices": "/admin/notices", "audit": "/admin/audit",
}  # fmt: skip


class Look(NamedTuple):
    """A way to look at a page."""

    screen: str
    scheme: Literal["light", "dark"]


LOOKS = tuple(Look(screen, scheme) for screen in _SCREENS for scheme in _SCHEMES)


@contextmanager
def five_months_served(url: str) -> Iterator[tuple[Census, str]]:
    """The made-up census as it was at its own time, and the address where it is served."""
    settings = Settings(
        database_url=url, access=AccessSettings(admin_token=ADMIN), api=QUIET,
        # A clock of five months ago and a small catalog are what these pictures are of.
        health=HealthSettings(clock_seconds=10**9, min_models=20),
        sources={name: SourceSettings(enabled=False) for name in ("genai-prices", "huggingface", "litellm")},
    )  # fmt: skip
    with open_census(settings) as census:
        five_months(census)
    with (
        open_census(settings, now=lambda: START + timedelta(hours=NOW)) as census,
        served(census, settings) as address,
    ):
        yield census, address


def pictures(browser: Browser, address: str, plan: str, names: Sequence[str]) -> None:
    """Take the pictures whose names are asked for; all without names."""
    for look in LOOKS:
        width, height = _SCREENS[look.screen]
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=look.scheme)
        context.clock.set_fixed_time(START + timedelta(hours=NOW))
        page = context.new_page()
        _take(page, address, _PATHS, look, names)
        sign_in(page, address)
        _take(page, address, {name: path.format(plan=plan) for name, path in _OFFICE.items()}, look, names)
        context.close()


def _take(page: Page, address: str, paths: dict[str, str], look: Look, names: Sequence[str]) -> None:
    for name, path in paths.items():
        if names and name not in names:
            continue
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        page.screenshot(path=FOLDER / f"{name}-{look.screen}-{look.scheme}.png", animations="disabled")


def main() -> None:
    """Take them."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        five_months_served(f"sqlite:///{folder}/census.db") as (census, address),
        launched() as browser,
    ):
        (plan,) = applying.stored_plans(census.store, state=PlanState.OPEN, limit=1)
        pictures(browser, address, plan.plan.digest, sys.argv[1:])


if __name__ == "__main__":
    main()
