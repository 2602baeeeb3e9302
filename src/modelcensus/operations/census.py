"""What every verb works on: an open store, the configured sources, and a clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.times import to_micros
from modelcensus.operations.catalog.policy import CatalogPolicy
from modelcensus.settings import KeepSettings
from modelcensus.sources.adapter import Adapter
from modelcensus.store.engine import Store

if TYPE_CHECKING:
    from modelcensus.sources.http import HttpClient

Progress = Callable[[str, int, int | None], None]
"""``progress(what, done, total)``; total is None where it is not known."""


def silent(what: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A configured upstream catalog. ``connect`` opens an HTTP client for it.

    ``options`` are the adapter's own, defaults included; ``concurrency``: requests at once; ``key_setting`` says in
    words where its key is set; ``region`` and ``schedule`` are as set.
    """

    name: str
    adapter: Adapter
    base_url: str
    has_key: bool
    enabled: bool
    options: Mapping[str, str]
    connect: Callable[[], HttpClient]
    concurrency: int = 8
    key_setting: str = ""
    region: str | None = None
    schedule: str | None = None

    @property
    def ready(self) -> bool:
        """Whether a sync can be tried: switched on, and with a key if it needs one."""
        return self.enabled and (self.has_key or not self.adapter.needs_key)


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """An open census.

    ``metric_days``: how long metric points are kept; 0 is for ever. ``parallel``: sources read at once. ``journals``:
    the folder in which readings under way are kept for ``resume_microseconds``, so that they can be resumed; None
    keeps none. ``catalog``: how the catalog is made. ``keep``: how finely metrics are kept.
    """

    store: Store
    sources: Mapping[str, Source]
    now: Callable[[], datetime]
    metric_days: int = 0
    parallel: int = 16
    journals: Path | None = None
    resume_microseconds: int = 3_600_000_000
    catalog: CatalogPolicy = CatalogPolicy()
    keep: KeepSettings = KeepSettings()

    def clock(self) -> int:
        """Now, in microseconds since 1970."""
        return to_micros(self.now())
