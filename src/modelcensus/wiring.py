"""Where it all meets: settings become an open census with its sources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from modelcensus.core.errors import NotFound, SettingsError
from modelcensus.operations.census import Census, Source
from modelcensus.settings import Loaded, Settings, SourceSettings, load
from modelcensus.sources.registry import ADAPTERS
from modelcensus.store.engine import open_store

if TYPE_CHECKING:
    from modelcensus.sources.http import HttpClient


def utc_now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


def settings_here() -> Loaded:
    """The settings that apply in the current folder."""
    return load(Path.cwd(), os.environ)


@contextmanager
def open_census(settings: Settings, *, create: bool = True, now: Callable[[], datetime] = utc_now) -> Iterator[Census]:
    """An open census. Raises ``SettingsError`` and ``StoreError``."""
    sources = configured_sources(settings)
    store = open_store(settings.database_url, timeout_seconds=settings.database_timeout, create=create)
    try:
        yield Census(store=store, sources=sources, now=now, metric_days=settings.metric_days)
    finally:
        store.close()


def configured_sources(settings: Settings) -> dict[str, Source]:
    """Every adapter's own source, and those that the settings add or change."""
    names = {**{name: SourceSettings() for name in ADAPTERS}, **settings.sources}
    return {name: _source(name, given, settings) for name, given in names.items()}


def _source(name: str, given: SourceSettings, settings: Settings) -> Source:
    adapter_name = given.adapter or name
    if adapter_name not in ADAPTERS:
        known = ", ".join(ADAPTERS)
        raise SettingsError(
            f"the source '{name}' has no adapter '{adapter_name}'", f"set sources.{name}.adapter to one of: {known}"
        )
    adapter = ADAPTERS[adapter_name]
    base_url = given.base_url or adapter.base_url

    def connect() -> HttpClient:
        # Imported here: most commands never ask an upstream, and the HTTP stack is a third of their start-up.
        from modelcensus.sources.connect import connect as connected

        limits = msgspec.structs.asdict(settings.http)
        return connected(base_url, key=given.key, key_header=adapter.key_header, proxy=given.proxy, limits=limits)

    return Source(
        name=name,
        adapter=adapter,
        base_url=base_url,
        has_key=bool(given.key),
        enabled=given.enabled,
        options=given.options,
        connect=connect,
    )


def source_named(census: Census, name: str) -> Source:
    """A configured source. Raises ``NotFound``."""
    if name not in census.sources:
        raise NotFound(f"there is no source '{name}'", f"the sources are: {', '.join(census.sources)}")
    return census.sources[name]
