"""The library: an open census as one object, for programs and notebooks. See ``docs/library.md``.

It does what the command line does, by the same verbs and the same settings; nothing here computes. Times are aware
``datetime``s, or text as the command line takes it: ``2026-03-01``, ``now``, an age such as ``7d``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType

import msgspec

from modelcensus.core.catalog.cost import Usage
from modelcensus.core.catalog.model import Disagreement, Plan
from modelcensus.core.catalog.portrait import Entry, Portrait
from modelcensus.core.catalog.resolving import Resolution
from modelcensus.core.change import ChangeKind
from modelcensus.core.errors import InvalidInput
from modelcensus.core.records import Change, SyncRecord, Version
from modelcensus.core.run import Trigger
from modelcensus.core.times import parse_time, to_micros
from modelcensus.operations import browse
from modelcensus.operations.catalog import access, applying, browsing, catalog, linking, pricing
from modelcensus.operations.catalog.pricing import Bill
from modelcensus.operations.census import Census, silent
from modelcensus.operations.collect import collect_all
from modelcensus.operations.triggering.holding import held
from modelcensus.settings import load
from modelcensus.store.catalog.revisions import Revision
from modelcensus.store.history import FOREVER
from modelcensus.wiring import open_census, source_named, utc_now

When = datetime | str
"""A time: an aware datetime, or text such as ``2026-03-01``, ``now`` or ``7d``."""


def open(  # noqa: A001  # modelcensus.open reads like open()
    url: str | None = None,
    *,
    config_dir: str | Path | None = None,
    create: bool = True,
    now: Callable[[], datetime] = utc_now,
) -> Library:
    """Open a census: ``sqlite:///PATH`` or ``postgresql://USER@HOST/NAME``; None is what the settings say.

    The settings (sources, their keys) are read as the command line reads them, from the environment and from ``.env``
    and ``modelcensus.toml`` in ``config_dir`` (the current folder). Raises ``SettingsError``, ``StoreError``, and
    ``NotFound`` for a database that is not there if not ``create``.
    """
    settings = load(Path(config_dir) if config_dir is not None else Path.cwd(), os.environ).settings
    if url is not None:
        settings = msgspec.structs.replace(settings, database_url=url)
    stack = ExitStack()
    census = stack.enter_context(open_census(settings, create=create, now=now))
    return Library(census, stack)


class Library:
    """An open census. A context manager; or call ``close()``. Every error is a ``CensusError`` with a hint."""

    def __init__(self, census: Census, resources: ExitStack) -> None:
        self._census = census
        self._store = census.store
        self._resources = resources

    def __enter__(self) -> Library:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._resources.close()

    def sync(self, *sources: str, accept_smaller: bool = False) -> list[SyncRecord]:
        """Read the named sources now, or all that are ready, and record what they say.

        A source that fails gives a record that says so. Raises ``NotFound`` for a source that nobody knows, and
        ``AlreadyRunning`` if one of them is being synced by somebody else.
        """
        census = self._census
        chosen = [source_named(census, name) for name in dict.fromkeys(sources)]
        ready = chosen or [source for source in census.sources.values() if source.ready]
        if not ready:
            return []
        with held(census, ready, trigger=Trigger.LIBRARY, actor="library") as holding:
            found = collect_all(census, ready, accept_smaller=accept_smaller, progress=holding.progress(silent))
            return list(holding.noted(found))

    def models(self, *, match: str = "", archived: bool = False, as_of: When | None = None) -> list[Entry]:
        """The published models by id, each with what people own of it; overrides are laid over the fields.

        ``match`` is a part of the id or name, whatever its case; ``as_of`` reads the catalog as published then.
        """
        then = self._time(as_of) if as_of is not None else None
        return browsing.entries(self._store, now=self._census.clock(), match=match, archived=archived, as_of=then)

    def model(self, model_id: str) -> Portrait:
        """All about one model: its entry, names, offerings, benchmarks, disagreements. Raises ``NotFound``."""
        precedence = self._census.catalog.precedence
        return browsing.portrait(self._store, model_id, now=self._census.clock(), precedence=precedence)

    def allowed(self, tier: str) -> list[str]:
        """Ids of the models that callers of a tier (free, pro, enterprise) may use. Raises ``InvalidInput``."""
        return access.get_user_allowed_models(self._store, tier)

    def resolve(self, name: str) -> Resolution:
        """Which model a name means, by what evidence; ``model_id`` is None for a name that means none."""
        return linking.resolve(self._store, name, anchors=self._census.catalog.anchors)

    def disagreements(self, field: str | None = None, *, limit: int = 100) -> list[tuple[str, Disagreement]]:
        """(model id, disagreement) where sources say different things of a field or group such as ``price``."""
        return catalog.disagreements(self._store, field=field, limit=limit)

    def price(self, model: str, usage: Usage, *, at: When = "now", region: str | None = None) -> Bill:
        """What a use of a model cost at a time; ``model`` is an id or any name of it.

        ``bill.cost.total`` is an exact ``Decimal`` in USD, or None where a price is not known. Raises ``NotFound``.
        """
        return pricing.price(self._census, model, usage, self._time(at), region=region)

    def plan(self) -> Plan:
        """What would make the catalog what the sources say, kept as an open plan; no model changes by it."""
        now = self._census.clock()
        catalog.refresh(self._census, now=now)
        return catalog.current_plan(self._census, now=now)

    def apply(
        self,
        digest: str,
        *,
        actor: str,
        only: Collection[str] | None = None,
        released: Mapping[str, str] | None = None,
    ) -> Revision:
        """Publish exactly this plan, but for what guards hold; ``only`` names the models whose steps are taken.

        ``released`` lets held things through, each with a reason: ``lab/one`` or ``lab/one#price.input``. Raises
        ``StalePlan``, ``AlteredPlan``, ``NotFound``, ``InvalidInput``.
        """
        return applying.apply(self._store, digest, actor, self._census.clock(), only=only, released=released)

    def reject(self, digest: str, *, actor: str, reason: str) -> None:
        """Say no to an open plan. Raises ``NotFound``, ``InvalidInput``."""
        applying.reject(self._store, digest, actor, reason, self._census.clock())

    def history(self, key: str, *, source: str | None = None, category: str | None = None) -> list[Version]:
        """All recorded versions of an entity, tombstones included, oldest first. Raises ``NotFound``."""
        return browse.history(self._store, key, source=source, category=category)

    def as_of(self, time: When, *, source: str | None = None, category: str | None = None) -> list[Version]:
        """Every live entity as it was at a time, by source, category and key."""
        return list(browse.as_of(self._store, self._time(time), source=source, category=category))

    def changes(
        self,
        *,
        since: When | None = None,
        until: When | None = None,
        source: str | None = None,
        category: str | None = None,
        key: str | None = None,
        kind: ChangeKind | None = None,
        limit: int | None = None,
    ) -> Iterator[Change]:
        """What happened in (since, until], newest first, field by field."""
        return browse.changes(
            self._store,
            since=self._time(since) if since is not None else 0,
            until=self._time(until) if until is not None else FOREVER,
            source=source,
            category=category,
            key=key,
            kind=kind,
            limit=limit,
        )

    def _time(self, time: When) -> int:
        if isinstance(time, str):
            return parse_time(time, self._census.now())
        if time.tzinfo is None:
            raise InvalidInput("the time has no zone", "pass datetime(..., tzinfo=UTC), or text")
        return to_micros(time)
