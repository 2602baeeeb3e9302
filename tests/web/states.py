"""Censuses as they stand at different times, served: after five months, before the first sync, with a lost database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, HealthSettings, Settings, SourceSettings
from modelcensus.wiring import open_census
from tests.builders import START, census_at, genai_prices, model, openrouter, read
from tests.web.months import NOW, WEBHOOKS, five_months
from tests.web.serving import QUIET, ask, destroy, served
from tests.web.visiting import ADMIN, OPENED


@contextmanager
def five_months_served(url: str) -> Iterator[tuple[Census, str]]:
    """The made-up census as it was at its own time, and the address where it is served."""
    settings = Settings(
        database_url=url, access=AccessSettings(admin_token=ADMIN), api=QUIET, webhooks=WEBHOOKS,
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


@contextmanager
def states_served(folder: Path) -> Iterator[dict[str, str]]:
    """A census before its first sync, before its first plan, and lost: their addresses by the names of pictures."""
    with ExitStack() as open_ones:
        found: dict[str, str] = {}
        for name in ("first-run", "unpublished", "prices-only", "lost"):
            url = f"sqlite:///{folder / name}.db"
            census = open_ones.enter_context(census_at(url))
            if name == "unpublished":
                read(census, openrouter(*(model(f"lab/{letter}") for letter in "abcdef")))
            if name == "prices-only":
                read(census, genai_prices(lab=["a", "b"]), source="genai-prices")
            found[name] = open_ones.enter_context(served(census, OPENED))
            if name == "lost":
                assert ask(found[name], "/").status_code == 200
                destroy(url)
        yield found
