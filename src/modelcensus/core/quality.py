"""Whether entities are of use: what ``core.check`` declares, evaluated; findings, and the score of a catalog."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from itertools import islice, takewhile
from typing import Any

import msgspec

from modelcensus.core.check import AtMost, Check, Date, Limit, Price, Refers, Required, Severity, Unique
from modelcensus.core.shape import element_path, member_path, safe, value_text

MAX_FINDINGS = 20
"""Findings that one check may have in one entity."""
_DETAIL_CHARS = 120
_FIRST, _LAST = datetime(2015, 1, 1, tzinfo=UTC), datetime(2101, 1, 1, tzinfo=UTC)
_MONTH = re.compile(r"\d{4}-\d{2}")
_STEPS = re.compile(r'\.?([^.\[\]"\s]+)|(\[\])|\["((?:[^"\\]|\\.)*)"\]')
_ABSENT = msgspec.UNSET


class FindingKind(StrEnum):
    """What a finding is about. The value is stored and shown."""

    REQUIRED = "required"
    PRICE = "price"
    LIMIT = "limit"
    DATE = "date"
    REFERENCE = "reference"
    DUPLICATE = "duplicate"
    QUARANTINE = "quarantine"


HINTS: dict[FindingKind, str] = {
    FindingKind.REQUIRED: "the entity is of little use without it; ask the upstream, or set it by an override",
    FindingKind.PRICE: "it counts as unknown, never as zero; report it to the upstream, or set it by an override",
    FindingKind.LIMIT: "a limit that cannot be meant; report it to the upstream, or set it by an override",
    FindingKind.DATE: "no date in use; see whether the upstream changed its format",
    FindingKind.REFERENCE: "it names what this source does not list; see whether the upstream forgot it or renamed it",
    FindingKind.DUPLICATE: "another entity has the same value; see whether one of them is an alias",
    FindingKind.QUARANTINE: "it could not be understood, its last good version stays; see 'modelcensus quarantine'",
}
_KINDS: dict[type, FindingKind] = {
    Required: FindingKind.REQUIRED, Price: FindingKind.PRICE, Limit: FindingKind.LIMIT, AtMost: FindingKind.LIMIT,
    Date: FindingKind.DATE, Refers: FindingKind.REFERENCE, Unique: FindingKind.DUPLICATE,
}  # fmt: skip


class Finding(msgspec.Struct, frozen=True):
    """One thing wrong with one entity: by which check, where, and the value in short, safe text."""

    rule: str
    path: str
    kind: FindingKind
    severity: Severity
    detail: str


class Link(msgspec.Struct, frozen=True):
    """A value that must be a key elsewhere, or unlike all others: judged over the whole category."""

    rule: str
    path: str
    said: str


class EntityFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is told. ``since_sync``: the sync from which on it holds."""

    source: str
    category: str
    key: str
    kind: FindingKind
    severity: Severity
    rule: str
    path: str
    detail: str
    hint: str
    since_sync: int
    observed_at: int


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """How good one category of a source was after one sync.

    ``errors`` and ``warnings`` count findings, ``flawed`` the entities with an error, ``doubtful`` those with warnings
    only. ``score`` is from 0 to 100, None where there is nothing to judge; ``change`` its step since the sync before.
    """

    source: str
    category: str
    sync_id: int
    observed_at: int
    entities: int
    errors: int
    warnings: int
    flawed: int
    doubtful: int
    score: float | None
    change: float | None = None


def score_tenths(entities: int, flawed: int, doubtful: int) -> int | None:
    """The score in tenths, rounded down: an entity counts 0 with an error, 3/4 with warnings only, 1 otherwise."""
    if entities <= 0:
        return None
    return max(0, 1000 * (4 * (entities - flawed) - doubtful) // (4 * entities))


@lru_cache(maxsize=1024)
def rule_name(check: Check) -> str:
    """What a check is called in findings: ``price(pricing.prompt)``. Stored; one for each check of a category."""
    name = type(check).__name__.lower()
    beside = {AtMost: "other", Refers: "category"}.get(type(check))
    return f"{name}({check.path}, {getattr(check, beside)})" if beside else f"{name}({check.path})"


def heads(check: Check) -> set[str]:
    """The members of an entity that a check looks into."""
    paths = [check.path, check.other] if isinstance(check, AtMost) else [check.path]
    return {str(_steps(path)[0]) for path in paths}


def finding_of(check: Refers | Unique, link: Link) -> Finding:
    """The finding of a link that the whole category proves wrong."""
    detail = f"no {check.category} {link.said}" if isinstance(check, Refers) else f"also elsewhere: {link.said}"
    return Finding(link.rule, link.path, _KINDS[type(check)], check.severity, safe(detail)[:_DETAIL_CHARS])


def findings(value: Any, checks: Iterable[Check]) -> list[Finding]:
    """What is wrong with one entity by itself, in the order of the checks."""
    found: list[Finding] = []
    for check in checks:
        if isinstance(check, (Refers, Unique)):
            continue
        names, plain = _lead(check.path)
        thing = value
        for name in names:
            thing = thing.get(name, _ABSENT) if isinstance(thing, dict) else _ABSENT
        if (thing is _ABSENT or thing is None) and not (plain and isinstance(check, Required)):
            continue
        places = ((check.path, (), thing),) if plain else _at(value, _steps(check.path))
        if not places:
            continue
        problems = _problems(places, value, check)
        for path, problem in islice(problems, MAX_FINDINGS):
            kind, rule = _KINDS[type(check)], rule_name(check)
            found.append(Finding(rule, path, kind, check.severity, problem[:_DETAIL_CHARS]))
    return found


def links(value: Any, checks: Iterable[Check]) -> list[Link]:
    """The values of one entity that must be judged over the whole category."""
    found: list[Link] = []
    for check in checks:
        if not isinstance(check, (Refers, Unique)):
            continue
        seen: dict[str, Link] = {}
        for path, _, thing in _at(value, _steps(check.path)):
            if thing is _ABSENT or thing is None:
                continue
            said = _said(thing)
            seen.setdefault(said, Link(rule_name(check), path, said))
            if len(seen) == MAX_FINDINGS:
                break
        found += seen.values()
    return found


def _said(thing: Any) -> str:
    """A value as text that tells it from every other: itself, or where it is long or odd, its beginning and hash."""
    text = thing if isinstance(thing, str) else value_text(thing, 2000)
    if len(text) <= 512 and "\0" not in text:
        return text
    return f"{safe(text[:100])}… sha256:{hashlib.sha256(text.encode('utf-8', 'backslashreplace')).hexdigest()}"


Place = tuple[str, tuple[str | int, ...], Any]
"""A field: its path, the names taken by ``*`` and ``[]`` on the way, its value; UNSET where it is absent."""


def _problems(places: Iterable[Place], entity: Any, check: Check) -> Iterator[tuple[str, str]]:
    """(path, what is wrong) of each place that fails the check."""
    for path, names, thing in places:
        problem: str | None = None
        if isinstance(check, Required):
            problem = _required(thing)
        elif thing is _ABSENT or thing is None:
            continue
        elif isinstance(check, Price):
            problem = _price_text(thing, check) if isinstance(thing, str) else _price(thing, check)
        elif isinstance(check, Limit):
            problem = _limit(thing, check)
        elif isinstance(check, AtMost):
            problem = _at_most(thing, entity, check, names)
        elif isinstance(check, Date):
            problem = _date(thing, check)
        if problem:
            yield path, problem


def _required(thing: Any) -> str | None:
    if thing is _ABSENT:
        return "absent"
    if thing is None:
        return "null"
    return "an empty text" if isinstance(thing, str) and not thing.strip() else None


@lru_cache(maxsize=16384)
def _price_text(thing: str, check: Price) -> str | None:
    return _price(thing, check)


def _price(thing: Any, check: Price) -> str | None:
    if check.tiered and isinstance(thing, dict):
        return None
    amount = _number(thing, text=True)
    if amount is None:
        return f"not a number: {_shown(thing)}"
    if check.variable is not None and amount == Decimal(check.variable):
        return None
    if amount < 0:
        return f"negative: {_shown(thing)}"
    return f"{_shown(thing)}, expected below {check.most}" if amount >= Decimal(check.most) else None


def _limit(thing: Any, check: Limit) -> str | None:
    number = _number(thing)
    if number is None or number != number.to_integral_value():
        return f"not a whole number: {_shown(thing)}"
    if number < check.least:
        return f"{_shown(thing)}, expected at least {check.least}"
    return f"{_shown(thing)}, expected at most {check.most}" if number > check.most else None


def _at_most(thing: Any, entity: Any, check: AtMost, names: Sequence[str | int]) -> str | None:
    amount = _number(thing, text=True)
    for path, at, other in _at(entity, _steps(check.other)):
        bound = _number(other, text=True)
        # Where both paths run through the same array or map, like is compared with like.
        if at == names[: len(at)] and amount is not None and bound is not None and amount > bound:
            return f"{_shown(thing)} is above {path}, {_shown(other)}"
    return None


def _date(thing: Any, check: Date) -> str | None:
    moment = _moment(thing, check.unix)
    if moment is None:
        return f"not {'seconds since 1970' if check.unix else 'a date'}: {_shown(thing)}"
    return None if _FIRST <= moment < _LAST else f"{_shown(thing)}, expected 2015 to 2100"


def _moment(thing: Any, unix: bool) -> datetime | None:
    try:
        if unix:
            number = _number(thing)
            return datetime.fromtimestamp(float(number), UTC) if number is not None else None
        if not isinstance(thing, str):
            return None
        moment = datetime.fromisoformat(f"{thing}-01" if _MONTH.fullmatch(thing) else thing)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    except (ValueError, OverflowError, OSError):
        return None


def _number(thing: Any, *, text: bool = False) -> Decimal | None:
    """A finite number, or decimal text where that will do; else None."""
    if isinstance(thing, bool) or not (isinstance(thing, (int, float, Decimal)) or (text and isinstance(thing, str))):
        return None
    if isinstance(thing, str) and (len(thing) > 100 or "_" in thing):
        return None
    try:
        number = Decimal(thing) if not isinstance(thing, float) else Decimal(repr(thing))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def _shown(thing: Any) -> str:
    return value_text(thing if not isinstance(thing, str) or thing.strip() else f'"{thing}"', 60)


Step = str | None
"""A member's name; ``*`` for every member; None for every element."""


@lru_cache(maxsize=1024)
def _steps(path: str) -> tuple[Step, ...]:
    return tuple(
        None if element else re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for plain, element, quoted in _STEPS.findall(path)
    )


@lru_cache(maxsize=1024)
def _lead(path: str) -> tuple[tuple[str, ...], bool]:
    """The names that a path begins with, up to the first ``*`` or ``[]``, and whether that is all of it."""
    steps = _steps(path)
    names = tuple(takewhile(lambda step: step not in (None, "*"), steps))
    return names, names == tuple(path.split("."))  # type: ignore[return-value]  # None is not among them


def _at(value: Any, steps: tuple[Step, ...]) -> Sequence[Place]:
    """Every field that the steps lead to; none where an array or map on the way is empty or something else."""
    path = ""
    for place, step in enumerate(steps):
        if step is None or step == "*":
            return list(_within(value, steps[place:], path, ()))
        value = value.get(step, _ABSENT) if isinstance(value, dict) else _ABSENT
        path = member_path(path, step)
    return ((path, (), value),)


def _within(value: Any, steps: tuple[Step, ...], path: str, names: tuple[str | int, ...]) -> Iterator[Place]:
    if not steps:
        yield path, names, value
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from _within(item, rest, element_path(path)[:-1] + f"{index}]", (*names, index))
    elif step == "*":
        for name, member in (value if isinstance(value, dict) else {}).items():
            yield from _within(member, rest, member_path(path, name), (*names, name))
    else:
        below = value.get(step, _ABSENT) if isinstance(value, dict) else _ABSENT
        yield from _within(below, rest, member_path(path, step), names)
