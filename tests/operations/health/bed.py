"""A small census in good health, at a time that the test says, and what is found when it is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import text

from modelcensus.core.health import EXIT_CODES, Finding, Health
from modelcensus.core.times import to_micros
from modelcensus.operations.census import Census
from modelcensus.operations.health.looking import look
from modelcensus.settings import HealthSettings, LogSettings, Settings, SourceSettings
from modelcensus.sources.registry import installed
from modelcensus.store.engine import Store
from modelcensus.wiring import open_census
from tests.builders import QUICK, START, imported, model, openrouter
from tests.operations.catalog_world import applied, merged

HEALTHY = HealthSettings(min_models=1, disk_mb=0, clock_seconds=1e9)
"""One model is enough, no disk is too full, and the test's clock need not be that of the machine."""


class Bed:
    """A census and its clock, ``hours`` after ``START``."""

    def __init__(self, census: Census, settings: Settings) -> None:
        self.census = census
        self.settings = settings
        self.hours = 0.0

    @property
    def store(self) -> Store:
        """The census' database."""
        return self.census.store

    def look(self, **limits: Any) -> Health:
        """A look, by other limits than those of good health where they are named."""
        health = msgspec.structs.replace(self.settings.health, **limits)
        return look(self.census, msgspec.structs.replace(self.settings, health=health), patience=3.0)

    def one(self, check: str, **limits: Any) -> tuple[Finding, int]:
        """The worst finding of a check, and the exit code that it gives by itself."""
        found = next(each for each in self.look(**limits).findings if each.check == check)
        return found, EXIT_CODES[found.severity]

    def write(self, sql: str, **values: Any) -> None:
        """Write what no verb writes."""
        with self.store.noting() as tx:
            tx.execute(text(sql), values)


def settings_of(url: str, *, health: HealthSettings = HEALTHY, **sources: SourceSettings) -> Settings:
    """Settings of a census with these sources only."""
    off = {name: SourceSettings(enabled=False) for name, adapter in installed().adapters.items() if adapter.own_source}
    return Settings(database_url=url, http=QUICK, sources={**off, **sources}, health=health, logs=LogSettings())


@contextmanager
def in_bed(settings: Settings) -> Iterator[Bed]:
    """An open census whose clock stands at ``bed.hours``."""
    beds: list[Bed] = []
    clock: Callable[[], datetime] = lambda: START + timedelta(hours=beds[0].hours if beds else 0)  # noqa: E731  # short
    with open_census(settings, now=clock) as census:
        beds.append(Bed(census, settings))
        yield beds[0]


@contextmanager
def well(url: str) -> Iterator[Bed]:
    """A census in good health: openrouter was read now, and one model is published."""
    with in_bed(settings_of(url, openrouter=SourceSettings())) as bed:
        assert imported(bed.census, openrouter(model()), 0).error is None
        applied(bed.store, merged(), now=to_micros(START))
        yield bed


def at_hours(hours: float) -> int:
    """Microseconds of a time so many hours after ``START``."""
    return to_micros(START + timedelta(hours=hours))
