"""What every verb works on: an open store, the configured sources, and a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.times import to_micros
from modelcensus.sources.adapter import Adapter
from modelcensus.store.engine import Store

if TYPE_CHECKING:
    from modelcensus.sources.http import HttpClient

Progress = Callable[[str, int, int | None], None]
"""``progress(what, done, total)``; total is None where it is not known."""


def silent(what: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


class Source(msgspec.Struct, frozen=True):
    """A configured upstream catalog. ``connect`` opens an HTTP client for it."""

    name: str
    adapter: Adapter
    base_url: str
    has_key: bool
    enabled: bool
    options: Mapping[str, str]
    connect: Callable[[], HttpClient]

    @property
    def ready(self) -> bool:
        """Whether a sync can be tried: switched on, and with a key if it needs one."""
        return self.enabled and (self.has_key or not self.adapter.needs_key)


class Census(msgspec.Struct, frozen=True):
    """An open census. ``metric_days``: how long metric points are kept; 0 is for ever."""

    store: Store
    sources: Mapping[str, Source]
    now: Callable[[], datetime]
    metric_days: int = 0

    def clock(self) -> int:
        """Now, in microseconds since 1970."""
        return to_micros(self.now())
