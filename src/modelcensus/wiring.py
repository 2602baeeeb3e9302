"""Where it all meets: settings become an open census with its sources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import msgspec
from stamina.instrumentation import set_on_retry_hooks

from modelcensus.core.errors import NotFound, SettingsError
from modelcensus.operations.census import Census, Source
from modelcensus.settings import Loaded, Settings, SourceSettings, load
from modelcensus.sources.http import HttpClient, HttpLimits
from modelcensus.sources.registry import ADAPTERS
from modelcensus.store.engine import open_store


def utc_now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


def settings_here() -> Loaded:
    """The settings that apply in the current folder."""
    return load(Path.cwd(), os.environ)


@contextmanager
def open_census(settings: Settings, *, create: bool = True, now: Callable[[], datetime] = utc_now) -> Iterator[Census]:
    """An open census. Raises ``SettingsError`` and ``StoreError``."""
    # The retry library would log each retry to the terminal; what matters of it is in the sync's error.
    set_on_retry_hooks([])
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
    key = given.key or ""
    limits = HttpLimits(**msgspec.structs.asdict(settings.http))

    def connect() -> HttpClient:
        return HttpClient(
            base_url if base_url.endswith("/") else f"{base_url}/",
            headers=_key_header(adapter.key_header, key),
            limits=limits,
            proxy=given.proxy or _proxy_of_the_environment(base_url),
            secrets=[key] if key else [],
        )

    return Source(
        name=name,
        adapter=adapter,
        base_url=base_url,
        has_key=bool(key),
        enabled=given.enabled,
        options=given.options,
        connect=connect,
    )


def _proxy_of_the_environment(base_url: str) -> str | None:
    """What HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY say about an address; none for this machine itself."""
    address = urlsplit(base_url)
    host = address.hostname or ""
    if host in ("localhost", "127.0.0.1", "::1") or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(address.scheme) or proxies.get("all")


def _key_header(header: str | None, key: str) -> Mapping[str, str]:
    if not header or not key:
        return {}
    return {header: f"Bearer {key}" if header == "Authorization" else key}


def source_named(census: Census, name: str) -> Source:
    """A configured source. Raises ``NotFound``."""
    if name not in census.sources:
        raise NotFound(f"there is no source '{name}'", f"the sources are: {', '.join(census.sources)}")
    return census.sources[name]
