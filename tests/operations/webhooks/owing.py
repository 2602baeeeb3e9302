"""A census with webhooks, small and quick, and a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from modelcensus.core.webhook import Delivery, Filters
from modelcensus.operations.census import Census
from modelcensus.operations.webhooks import registering
from modelcensus.operations.webhooks.deliverer import Delivered, Deliverer
from modelcensus.operations.webhooks.registering import WebhookMade
from modelcensus.settings import AccessSettings, WebhookSettings
from tests.builders import census_at

QUICK = WebhookSettings(
    signing_key="a key for tests, long enough", allow_private=True, attempts=3, retry_seconds=10, timeout_seconds=5
)


@dataclass
class Owing:
    """A census whose clock is now and ``ahead``."""

    plain: Census
    settings: WebhookSettings = QUICK
    ahead: timedelta = field(default_factory=timedelta)

    @property
    def census(self) -> Census:
        """The census by the moved clock."""
        return msgspec.structs.replace(self.plain, now=lambda: datetime.now(UTC) + self.ahead)

    def add(self, url: str, **filters: Any) -> WebhookMade:
        """A new webhook."""
        return registering.create(
            self.census.store, self.settings, url, Filters(**filters), actor="ann", now=self.census.clock()
        )

    def deliver(self, *, after: float = 0) -> Delivered:
        """What is due so many seconds from now is sent."""
        self.ahead += timedelta(seconds=after)
        return Deliverer(self.census, AccessSettings(), self.settings).once()

    def deliveries(self, **only: Any) -> list[Delivery]:
        """What the outbox holds, newest first."""
        return registering.deliveries(self.census.store, **only)


@contextmanager
def owing_at(url: str, **settings: Any) -> Iterator[Owing]:
    """An empty census at a database."""
    with census_at(url) as census:
        yield Owing(census, msgspec.structs.replace(QUICK, **settings))
