"""What is known of a model whose listing names no price: facts from files, its lifecycle, and whether it is a text LLM.

Nothing here changes what upstream said. Facts and rulings are worked out when somebody asks, and never stored.
Prices are USD per million tokens, limits are tokens, dates are days in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from modelcensus.core.change import at_path

PRICES = (
    "input", "cached_input", "cache_write", "cache_write_1h", "output", "input_audio", "output_audio", "batch_input",
    "batch_output",
)  # fmt: skip
"""Every price there can be, in the order in which they are shown."""
LIMITS = ("context", "max_input", "max_output")
"""Every limit: the whole window, what may be sent, what may come back."""


class Rates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """USD per million tokens. What is not known is None, never 0.

    ``cache_write`` is the price of the shortest life that a cache entry can have (Anthropic: five minutes).
    """

    input: Decimal | None = None
    cached_input: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    output: Decimal | None = None
    input_audio: Decimal | None = None
    output_audio: Decimal | None = None
    batch_input: Decimal | None = None
    batch_output: Decimal | None = None

    def known(self) -> dict[str, Decimal]:
        """The prices that are known, by name, in the order of ``PRICES``."""
        return {name: price for name in PRICES if (price := getattr(self, name)) is not None}


class Tier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Prices of a whole request that has more than ``above`` input tokens."""

    above: int
    rates: Rates


class Origin(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in which file something stands: the entry's number from 1 on, and its line where that is known."""

    file: str
    number: int
    line: int | None = None
    own: bool = False

    def __str__(self) -> str:
        return self.file + (f", line {self.line}" if self.line else f", entry {self.number}")


class Facts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of a facts file: what somebody looked up for these ids, when (``checked``), and where (``source``).

    An id may end in ``*``. After ``until`` the prices are not known any more. ``successor`` is what the provider
    names instead; ``lifecycle_source`` is where the days are announced, if not in ``source``.
    """

    ids: tuple[str, ...]
    source: str
    checked: date
    origin: Origin
    rates: Rates = Rates()
    tiers: tuple[Tier, ...] = ()
    free: bool = False
    context: int | None = None
    max_input: int | None = None
    max_output: int | None = None
    knowledge_cutoff: str | None = None
    reads: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    until: date | None = None
    deprecated: date | None = None
    retires: date | None = None
    successor: str | None = None
    lifecycle_source: str | None = None
    note: str | None = None

    def priced(self, today: date) -> bool:
        """Whether it has a price that holds today."""
        return bool(self.rates.known()) and not (self.until and today > self.until)


def found(entries: Iterable[Facts], name: str) -> Facts | None:
    """The entry for a model: one that names it, else the one with the longest beginning before its ``*``."""
    best, length = None, -1
    for entry in entries:
        for pattern in entry.ids:
            if pattern == name:
                return entry
            if pattern.endswith("*") and name.startswith(pattern[:-1]) and len(pattern) > length:
                best, length = entry, len(pattern)
    return best


class Stage(StrEnum):
    """Where in its life a model is; UNKNOWN where nothing says."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    RETIRED = "retired"
    UNKNOWN = "unknown"


class Day(msgspec.Struct, frozen=True):
    """A day that somebody announces: in which words, and where they can be read."""

    day: date
    words: str
    source: str | None = None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing itself says: explicit flags, and limits as (name, tokens, upstream's field)."""

    stage: Stage | None = None
    stage_words: str = ""
    deprecated: Day | None = None
    retires: Day | None = None
    limits: tuple[tuple[str, int, str], ...] = ()


class Lifecycle(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where in its life a model is, and each thing that says so."""

    stage: Stage
    evidence: tuple[str, ...]
    deprecated: date | None = None
    retires: date | None = None
    successor: str | None = None


def lifecycle(said: Said, facts: Facts | None, *, live: bool, today: date) -> Lifecycle:
    """A model's lifecycle from explicit flags alone; a model that vanished is not retired for that.

    The listing's own word counts most, then the dates: the listing's before the file's. A model is retired once the
    day has passed, and not on it.
    """
    own = _announced(facts) if facts else {}
    deprecated = said.deprecated or own.get("deprecated")
    retires = said.retires or own.get("retires")
    evidence = [said.stage_words] if said.stage_words else []
    marks = (said.deprecated, said.retires, own.get("deprecated"), own.get("retires"))
    evidence += [mark.words + (f" ({mark.source})" if mark.source else "") for mark in marks if mark]
    if said.stage is not None:
        stage = said.stage
        if retires and today > retires.day and stage is not Stage.RETIRED:
            evidence.append(f"{retires.day} has passed, but the listing does not call it retired")
    elif retires and today > retires.day:
        stage = Stage.RETIRED
    elif retires or (deprecated and today >= deprecated.day):
        stage = Stage.DEPRECATED
    elif live:
        stage = Stage.ACTIVE
        evidence.append("it is listed, and nothing says that it has ended")
    else:
        stage = Stage.UNKNOWN
        evidence.append("it is listed no more, and nothing says that it was retired")
    return Lifecycle(
        stage=stage,
        evidence=tuple(evidence),
        deprecated=deprecated.day if deprecated else None,
        retires=retires.day if retires else None,
        successor=facts.successor if facts else None,
    )


def _announced(facts: Facts) -> dict[str, Day]:
    source = facts.lifecycle_source or facts.source
    days = {"deprecated": facts.deprecated, "retires": facts.retires}
    return {
        name: Day(day, f"{facts.origin} says {name} = {day}", source) for name, day in days.items() if day is not None
    }


class Limit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A limit in tokens, who says so, and what else was said and does not count."""

    name: str
    tokens: int
    said_by: str
    instead_of: str | None = None


def limits(said: Said, facts: Facts | None) -> list[Limit]:
    """Each known limit; the listing's own word counts more than the file's.

    A listing that says how much may be sent thereby says the window too: the file's ``context`` gives way to it.
    """
    listed = {name: (tokens, field) for name, tokens, field in said.limits}
    noted = {name: tokens for name in LIMITS if facts and (tokens := getattr(facts, name)) is not None}
    window = noted.pop("context", None) if "max_input" in listed else None
    if window is not None:
        noted.setdefault("max_input", window)
    chosen = []
    for name in LIMITS:
        if name in listed:
            tokens, field = listed[name]
            other = f"{noted[name]:,} in {facts.origin}" if facts and noted.get(name, tokens) != tokens else None
            chosen.append(Limit(name=name, tokens=tokens, said_by=f"the listing ({field})", instead_of=other))
        elif facts and name in noted:
            chosen.append(Limit(name=name, tokens=noted[name], said_by=str(facts.origin)))
    return chosen


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the filter. It holds for a model if every condition that it names does.

    ``ids`` and ``providers``: one of them matches (``*`` stands for any text). ``field`` is a member of upstream's
    entity: it names one of ``contains``, and none of ``lacks``. An entity without the field meets neither.
    """

    name: str
    keep: bool
    why: str
    origin: Origin
    ids: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    field: str | None = None
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()


class Filter(msgspec.Struct, frozen=True):
    """Rules in order: the first one that holds decides, and ``otherwise_keep`` where none does."""

    rules: tuple[Rule, ...]
    otherwise_keep: bool
    file: str


class Ruling(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whether a model is kept as a text LLM: by which rule (None: no rule holds), from where, and why."""

    kept: bool
    why: str
    rule: str | None = None
    origin: Origin | None = None


def ruling(rules: Filter, provider: str, name: str, entity: Mapping[str, Any]) -> Ruling:
    """What the filter says of a model."""
    for rule in rules.rules:
        if _holds(rule, provider, name, entity):
            return Ruling(kept=rule.keep, why=rule.why, rule=rule.name, origin=rule.origin)
    return Ruling(kept=rules.otherwise_keep, why=f"no rule in {rules.file} speaks of it")


def _holds(rule: Rule, provider: str, name: str, entity: Mapping[str, Any]) -> bool:
    if rule.providers and not any(matches(pattern, provider) for pattern in rule.providers):
        return False
    if rule.ids and not any(matches(pattern, name) for pattern in rule.ids):
        return False
    if rule.field is None:
        return True
    value = at_path(entity, rule.field)
    words = {word for word in (value if isinstance(value, list) else [value]) if isinstance(word, str)}
    return bool(words) and (not rule.contains or bool(words & {*rule.contains})) and not words & {*rule.lacks}


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern says, whatever its case; ``*`` stands for any text. Takes linear time."""
    first, *rest = pattern.lower().split("*")
    text = text.lower()
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    place, end = len(first), len(text) - len(rest[-1])
    for part in rest[:-1]:
        place = text.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return place <= end and text.endswith(rest[-1])


class Held(msgspec.Struct, frozen=True):
    """Why the latest sync could not understand an entity, and what can be done."""

    sync_id: int
    category: str | None
    fault: str
    place: str
    hint: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said of one entity of one source, and who says so.

    ``vanished_at`` is set for one that is gone (the rest is what it was last). ``ruling``, ``lifecycle`` and ``facts``
    are for models of native listings. ``price`` is the sentence on where the price stands; ``upstream_prices`` are
    the source's own price fields as (path, value). Times are microseconds since 1970.
    """

    source: str
    adapter: str | None
    category: str
    key: str
    name: str | None
    observed_at: int | None
    vanished_at: int | None
    price: str
    ruling: Ruling | None = None
    lifecycle: Lifecycle | None = None
    facts: Facts | None = None
    priced: bool = False
    limits: tuple[Limit, ...] = ()
    upstream_prices: tuple[tuple[str, Any], ...] = ()
    quarantined: tuple[Held, ...] = ()

    @property
    def excluded(self) -> bool:
        """Whether a rule leaves it out."""
        return self.ruling is not None and not self.ruling.kept


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A price of a facts file that another catalog states differently."""

    name: str
    price: str
    ours: Decimal
    theirs: Decimal
    catalog: str


Finder = Callable[[str], Facts | None]
"""Facts by the name of a model."""


def first_of(shelves: Sequence[Sequence[Facts]]) -> Finder:
    """Looks in each file in turn: whatever the first one says of a model stands whole."""

    def find(name: str) -> Facts | None:
        return next((facts for shelf in shelves if (facts := found(shelf, name))), None)

    return find
