"""Explain an entity: is it kept, where is it in its life, what does it cost, and who says so.

Snapshots stay what upstream said. Facts files, announced dates and the filter are laid over them when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from modelcensus.core import canonical
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.native import (
    Difference,
    Explanation,
    Facts,
    Filter,
    Held,
    Lifecycle,
    Limit,
    Ruling,
    lifecycle,
    limits,
    ruling,
)
from modelcensus.core.records import SyncRecord, Version
from modelcensus.core.times import to_micros
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.suggest import suggest
from modelcensus.sources import native

HOWTO = "docs/howto/native-prices.md"
"""Where it is told how files are written."""
_SYNCS = 20
"""So many of a source's latest syncs are looked through for the latest one of each kind."""
_HELD = 500
"""So many quarantined things of one sync are looked through."""
_WITH_PRICES = ("model", "endpoint")


def explain(
    census: Census,
    key: str,
    *,
    own_facts: Path | None,
    own_filter: Path | None,
    now: datetime,
    source: str | None = None,
    category: str | None = None,
) -> list[Explanation]:
    """What can be said of a key, for each source that has it, vanished or in quarantine too.

    ``own_facts`` is a folder with the user's own facts files, ``own_filter`` a file with the user's own rules.
    Raises ``NotFound`` naming close keys, and ``SettingsError`` for a file that is wrong.
    """
    if source is not None:
        _known(census, source)
    desk = _Desk(census, own_facts, own_filter, now)
    held = {name: found for name in _sources(census, source) if (found := _held(census, name, key))}
    try:
        entities = browse.show(census.store, key, source=source, category=category)
    except NotFound as error:
        if not held:
            close = ", ".join(suggest(census.store, key))
            raise NotFound(error.message, f"did you mean: {close}" if close else error.hint) from None
        return [_only_held(name, desk.adapter(name), key, found) for name, found in held.items()]
    explanations = []
    for entity in entities:
        version = entity.version
        gone = None if entity.live else _vanished_at(census, version)
        explanations.append(desk.explain(version, gone, held.get(version.source, ())))
    return explanations


def explain_all(
    census: Census,
    *,
    own_facts: Path | None,
    own_filter: Path | None,
    now: datetime,
    source: str | None = None,
    excluded_only: bool = False,
) -> Iterator[Explanation]:
    """Every live model of a source, or of all native listings, in the order of their keys.

    Raises ``NotFound`` for a source that nobody knows, ``SettingsError`` for a file that is wrong.
    """
    if source is not None:
        _known(census, source)
    desk = _Desk(census, own_facts, own_filter, now)
    names = [source] if source is not None else [name for name in census.sources if desk.provider(name)]
    for name in names:
        for version in browse.as_of(census.store, to_micros(now), source=name, category="model"):
            explanation = desk.explain(version, None, ())
            if explanation.excluded or not excluded_only:
                yield explanation


def compare(census: Census, provider: str, *, own_facts: Path | None, now: datetime) -> list[Difference]:
    """Each price of a provider's facts files that a recorded catalog states differently.

    Raises ``InvalidInput`` for a provider without a file, ``NotFound`` if no catalog with prices is recorded.
    """
    shelves = native.shelves(provider, own_facts, today=now.astimezone(UTC).date())
    if not shelves.entries:
        raise InvalidInput(f"there is no facts file for '{provider}'", f"try: {', '.join(native.PROVIDERS)}")
    found: list[Difference] = []
    compared = 0
    for name, source in census.sources.items():
        if source.adapter.name not in native.CATALOGS:
            continue
        live = browse.as_of(census.store, to_micros(now), source=name, category="model")
        wanted = {native.key_in(source.adapter.name, provider, each): each for each in _names(shelves)}
        for version in live:
            compared += 1
            if version.key in wanted:
                theirs = native.prices_in(source.adapter.name, _entity(version))
                found += _differing(shelves.find(wanted[version.key]), wanted[version.key], theirs, name)
    if not compared:
        raise NotFound(
            "no catalog with prices is recorded", f"sync one first: modelcensus sync {native.CATALOGS[0]}"
        )  # fmt: skip
    return sorted(found, key=lambda each: (each.name, each.price, each.catalog))


def _names(shelves: native.Shelves) -> set[str]:
    return {name for facts in shelves.entries for name in facts.ids if not name.endswith("*")}


def _differing(facts: Facts | None, name: str, theirs: Mapping[str, Any], catalog: str) -> Iterator[Difference]:
    ours = facts.rates.known() if facts else {}
    for price, value in theirs.items():
        if price in ours and ours[price] != value:
            yield Difference(name=name, price=price, ours=ours[price], theirs=value, catalog=catalog)


class _Desk:
    """The files, each read once, and what they say of an entity."""

    def __init__(self, census: Census, own_facts: Path | None, own_filter: Path | None, now: datetime) -> None:
        self._census = census
        self._own_facts = own_facts
        self._own_filter = own_filter
        self._today = now.astimezone(UTC).date()
        self._shelves: dict[str, native.Shelves] = {}
        self._filter: Filter | None = None

    def adapter(self, source: str) -> str | None:
        """The adapter of a source, None if it is configured no longer."""
        configured = self._census.sources.get(source)
        return configured.adapter.name if configured else None

    def provider(self, source: str) -> str | None:
        """Whose facts are for the models of a source."""
        return native.provider_of(self.adapter(source), source)

    def explain(self, version: Version, vanished_at: int | None, held: tuple[Held, ...]) -> Explanation:
        """What can be said of one version of an entity."""
        adapter, entity = self.adapter(version.source), _entity(version)
        provider = self.provider(version.source) if version.category == "model" else None
        shared: dict[str, Any] = {
            "source": version.source, "adapter": adapter, "category": version.category, "key": version.key,
            "name": native.display_name(entity), "observed_at": version.observed_at, "vanished_at": vanished_at,
            "quarantined": held,
        }  # fmt: skip
        if provider is None:
            prices = native.own_prices(adapter, entity)
            return Explanation(**shared, price=_own_words(version.category, prices), upstream_prices=prices)
        name = native.model_name(provider, version.key)
        shelves = self._of(provider)
        facts = shelves.find(name)
        listed, stage, found = self._laid_over(provider, name, entity, facts, live=vanished_at is None)
        return Explanation(
            **shared,
            ruling=listed,
            lifecycle=stage,
            facts=facts,
            priced=facts is not None and facts.priced(self._today),
            limits=tuple(found),
            price=_price_words(facts, name, shelves, provider, self._today),
        )

    def _laid_over(
        self, provider: str, name: str, entity: Mapping[str, Any], facts: Facts | None, *, live: bool
    ) -> tuple[Ruling, Lifecycle, list[Limit]]:
        if self._filter is None:
            self._filter = native.load_filter(self._own_filter)
        said = native.said(provider, entity)
        return (
            ruling(self._filter, provider, name, entity),
            lifecycle(said, facts, live=live, today=self._today),
            limits(said, facts),
        )

    def _of(self, provider: str) -> native.Shelves:
        if provider not in self._shelves:
            self._shelves[provider] = native.shelves(provider, self._own_facts, today=self._today)
        return self._shelves[provider]


def _price_words(facts: Facts | None, name: str, shelves: native.Shelves, provider: str, today: date) -> str:
    if facts and facts.priced(today):
        return f"USD per million tokens, from {facts.origin}, checked {facts.checked}: {facts.source}"
    held = ""
    if facts and facts.rates.known():
        held = f" (the one in {facts.origin} held until {facts.until})"
    place = shelves.own_file or f"{provider}.toml in a folder of your own, and set native_facts to that folder"
    return f"no price is known{held}; to add one, write an entry for '{name}' into {place}: see {HOWTO}"


def _own_words(category: str, prices: tuple[tuple[str, Any], ...]) -> str:
    if prices:
        return "the source states it itself, in its own units"
    if category not in _WITH_PRICES:
        return "none: only models and endpoints have one"
    return "the source states none"


def _entity(version: Version) -> dict[str, Any]:
    value = canonical.decode(bytes(version.data)) if version.data is not None else {}
    return value if isinstance(value, dict) else {}


def _vanished_at(census: Census, version: Version) -> int:
    past = browse.history(census.store, version.key, source=version.source, category=version.category)
    return past[-1].observed_at


def _sources(census: Census, source: str | None) -> list[str]:
    return [source] if source is not None else list(census.sources)


def _known(census: Census, source: str) -> None:
    if source not in census.sources and not browse.syncs(census.store, source=source, limit=1):
        raise NotFound(f"there is no source '{source}'", f"the sources are: {', '.join(census.sources)}")


def _held(census: Census, source: str, key: str) -> tuple[Held, ...]:
    """What the latest sync of each document could not understand of a key."""
    latest: dict[str, SyncRecord] = {}
    for sync in browse.syncs(census.store, source=source, limit=_SYNCS):
        latest.setdefault(sync.document, sync)
    return tuple(
        Held(each.sync_id, each.category, each.fault, each.place, each.hint)
        for sync in latest.values()
        if sync.quarantined
        for each in browse.quarantine_list(census.store, source=source, sync_id=sync.id, limit=_HELD)
        if each.key == key
    )


def _only_held(source: str, adapter: str | None, key: str, held: tuple[Held, ...]) -> Explanation:
    return Explanation(
        source=source, adapter=adapter, category=held[0].category or "unknown", key=key, name=None, observed_at=None,
        vanished_at=None, price="nothing could be read of it", quarantined=held,
    )  # fmt: skip
