"""Where it all meets: settings become an open census with its sources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from modelcensus.core.catalog.guards import Thresholds
from modelcensus.core.catalog.merging import precedence
from modelcensus.core.catalog.planning import Policy
from modelcensus.core.errors import InvalidInput, NotFound, SettingsError, StoreError
from modelcensus.core.times import to_micros
from modelcensus.logs.telling import Telling
from modelcensus.operations.catalog.policy import CatalogPolicy
from modelcensus.operations.census import Census, Source
from modelcensus.settings import HttpSettings, Loaded, Settings, SourceSettings, key_setting, load, secrets_of
from modelcensus.sources.masking import masked
from modelcensus.sources.registry import installed
from modelcensus.store.buckets import take
from modelcensus.store.engine import Store, open_store

if TYPE_CHECKING:
    from modelcensus.sources.adapter import Adapter
    from modelcensus.sources.http import HttpClient
    from modelcensus.sources.http.gate import Gate

_ASKING = ("concurrency", "host_concurrency", "host_requests_per_second")
"""The HTTP settings that are no limits of a single request."""


def utc_now() -> datetime:
    """The one clock."""
    return datetime.now(UTC)


def settings_here() -> Loaded:
    """The settings that apply in the current folder."""
    return load(Path.cwd(), os.environ)


@contextmanager
def open_census(settings: Settings, *, create: bool = True, now: Callable[[], datetime] = utc_now) -> Iterator[Census]:
    """An open census. Raises ``SettingsError`` and ``StoreError``."""
    hosts = HostGates(settings.http)
    sources = configured_sources(settings, hosts)
    store = hosts.store = open_store(settings.database_url, timeout_seconds=settings.database_timeout, create=create)
    try:
        yield Census(
            store=store,
            sources=sources,
            now=now,
            metric_days=settings.metric_days,
            parallel=settings.parallel,
            journals=_journals(settings, store) if settings.resume_minutes else None,
            resume_microseconds=int(settings.resume_minutes * 60_000_000),
            catalog=catalog_policy(settings),
            keep=settings.keep,
        )
    finally:
        store.close()


def plan_of_logs(settings: Settings, *, serving: bool = False) -> Telling:
    """Where lines go. A command that ends by itself shows warnings only, and not those that its tables tell, unless
    everything is to be told."""
    logs = settings.logs
    tables = not serving and logs.level != "debug"
    return Telling(
        level=logs.level,
        shown="warning" if tables and logs.level == "info" else logs.level,
        quiet=frozenset({"modelcensus.sync"}) if tables else frozenset(),
        mode="json" if settings.api.log == "json" else logs.format,
        folder=Path(logs.folder) if logs.folder else None,
        max_bytes=logs.max_mb * 1_000_000,
        old=logs.old,
        secrets=secrets_of(settings),
    )


def catalog_policy(settings: Settings) -> CatalogPolicy:
    """How the catalog is made, by the settings. Raises ``SettingsError``."""
    given = settings.catalog
    try:
        thresholds = msgspec.convert(given.thresholds, Thresholds, strict=False)
        order = precedence(given.precedence)
    except (msgspec.ValidationError, InvalidInput) as error:
        raise SettingsError(f"the setting catalog is wrong: {error}", "see docs/howto/review-a-plan.md") from error
    unknown = given.thresholds.keys() - set(Thresholds.__struct_fields__)
    if unknown:
        known = ", ".join(Thresholds.__struct_fields__)
        raise SettingsError(f"there is no threshold '{min(unknown)}' (catalog.thresholds)", f"there are: {known}")
    return CatalogPolicy(
        automatic=given.automatic,
        precedence=order,
        thresholds=thresholds,
        review=Policy({name: each.policy for name, each in settings.sources.items() if each.policy}, given.policy),
        own_facts=Path(settings.native_facts) if settings.native_facts else None,
        own_filter=Path(settings.native_filter) if settings.native_filter else None,
    )


def _journals(settings: Settings, store: Store) -> Path:
    if settings.journal_folder:
        return Path(settings.journal_folder)
    return (store.file.parent if store.file else Path("data")) / "journals"


def configured_sources(settings: Settings, hosts: HostGates | None = None) -> dict[str, Source]:
    """Every adapter's own source, and those that the settings add or change. Raises ``SettingsError``."""
    own = {name: SourceSettings() for name, adapter in installed().adapters.items() if adapter.own_source}
    hosts = hosts or HostGates(settings.http)
    return {name: _source(name, given, settings, hosts) for name, given in {**own, **settings.sources}.items()}


def _source(name: str, given: SourceSettings, settings: Settings, hosts: HostGates) -> Source:
    adapter = _adapter(name, given)
    base_url = given.base_url or adapter.base_url or ""
    concurrency = given.concurrency or adapter.concurrency or settings.http.concurrency

    def connect() -> HttpClient:
        # Imported here: most commands never ask an upstream, and the HTTP stack is a third of their start-up.
        from modelcensus.sources.connect import connect as connected
        from modelcensus.sources.http.gate import Gate

        rate = given.requests_per_second or adapter.requests_per_second
        limits = {each: value for each, value in msgspec.structs.asdict(settings.http).items() if each not in _ASKING}
        return connected(
            adapter, base_url, key=given.key, proxy=given.proxy, limits=limits,
            gates=(Gate(concurrency, rate), hosts.of(urlsplit(base_url).netloc)),
        )  # fmt: skip

    return Source(
        name=name,
        adapter=adapter,
        base_url=masked(base_url),
        has_key=bool(given.key),
        enabled=given.enabled,
        options={**adapter.defaults, **given.options},
        connect=connect,
        concurrency=concurrency,
        key_setting=key_setting(name),
        region=given.region,
        schedule=given.schedule,
    )


def _adapter(name: str, given: SourceSettings) -> Adapter:
    found, wanted = installed(), given.adapter or name
    adapter = found.adapters.get(wanted)
    if adapter is None:
        problem = next((f": {each.problem}" for each in found.rejected if each.name == wanted), "")
        raise SettingsError(
            f"the source '{name}' has no adapter '{wanted}'{problem}",
            f"set sources.{name}.adapter to one of: {', '.join(found.adapters)}",
        )
    options = {option.name for option in adapter.options}
    for option in given.options:
        if option not in options:
            known = f"it has: {', '.join(sorted(options))}" if options else "it has none"
            raise SettingsError(f"the adapter {adapter.name} has no option '{option}' (sources.{name}.options)", known)
    return adapter


class HostGates:
    """The gates of all hosts, made when a source first connects.

    With a ``store`` every process on it keeps to ``http.host_requests_per_second`` together with the others.
    """

    def __init__(self, http: HttpSettings) -> None:
        self.store: Store | None = None
        self._http = http
        self._lock = Lock()
        self._gates: dict[str, Gate] = {}

    def of(self, host: str) -> Gate:
        """The gate of a host, by its name and port."""
        from modelcensus.sources.http.gate import Gate  # as in connect: not before the first request

        with self._lock:
            if host not in self._gates:
                rate = self._http.host_requests_per_second
                self._gates[host] = Gate(self._http.host_concurrency, rate, shared=partial(self._turn, host, rate))
            return self._gates[host]

    def _turn(self, host: str, per_second: float | None) -> float | None:
        if self.store is None or per_second is None:
            return None
        try:
            return take(self.store, host, per_second, to_micros(utc_now()))
        except StoreError:
            return None


def source_named(census: Census, name: str) -> Source:
    """A configured source. Raises ``NotFound``."""
    if name not in census.sources:
        raise NotFound(f"there is no source '{name}'", f"the sources are: {', '.join(census.sources)}")
    return census.sources[name]
