"""A census with a clock of its own, whose one source fails and recovers as a test says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import msgspec

from modelcensus.core.health import Health, Severity
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect
from modelcensus.operations.noticing.noticing import Told, tell
from modelcensus.settings import NoticeSettings, RuleSettings, Settings, SourceSettings
from modelcensus.wiring import utc_now
from tests.builders import census_at

NOBODY = "http://127.0.0.1:9"
"""An address of this machine at which nobody listens."""
SYNCS = {"all": RuleSettings(on=["sync-failed", "sync-recovered"], times=3)}


class Scene:
    """The census, its settings, and what happens to it."""

    def __init__(self, census: Census, settings: NoticeSettings, **more: Any) -> None:
        self.ahead = timedelta()
        self.census = msgspec.structs.replace(census, now=self.now)
        self.settings = Settings(notices=settings, **more)

    def now(self) -> datetime:
        """The time, which ``wait`` moves."""
        return utc_now() + self.ahead

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**time)

    def fail(self, times: int = 1) -> None:
        """Let the source fail."""
        source = self.census.sources["openrouter"]
        for _ in range(times):
            collect(self.census, source, category="model")

    def tell(self, *, at_once: bool = True, health: Severity = Severity.OK) -> Told:
        """Tell what happened; health is what the test says."""
        known = Health(at=self.census.clock(), severity=health, findings=())
        return tell(self.census, self.settings, at_once=at_once, look=lambda *_: known)


@contextmanager
def scene(url: str, settings: NoticeSettings, **more: Any) -> Iterator[Scene]:
    """A census at a database, closed at the end, that was looked at once before anything happened."""
    with census_at(url, openrouter=SourceSettings(base_url=NOBODY)) as census:
        found = Scene(census, settings, **more)
        found.tell()
        yield found
