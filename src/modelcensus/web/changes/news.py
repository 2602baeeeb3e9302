"""An event as a newspaper tells it: what it means for a reader, one sentence each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

import msgspec

from modelcensus.core.catalog.event import Event, Moved
from modelcensus.core.catalog.model import StepKind
from modelcensus.web.changes import facets, prices
from modelcensus.web.changes.words import Move, Telling, joined
from modelcensus.web.rendering.shown import amount, brief, money, number


class Section(StrEnum):
    """Under which heading a story stands, in the order of a page."""

    NEW = "new"
    BACK = "back"
    CHEAPER = "cheaper"
    DEARER = "dearer"
    REPRICED = "repriced"
    LIMITS = "limits"
    RETIRING = "retiring"
    GONE = "gone"
    OTHER = "other"
    BEGAN = "began"


TITLES: Mapping[Section, str] = {
    Section.NEW: "New",
    Section.BACK: "Back",
    Section.CHEAPER: "Cheaper",
    Section.DEARER: "Dearer",
    Section.REPRICED: "Mixed prices",
    Section.LIMITS: "Limits",
    Section.RETIRING: "Retiring",
    Section.GONE: "Gone",
    Section.OTHER: "Also changed",
    Section.BEGAN: "The first catalog",
}
"""Every section's heading."""


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One sentence: the model's name, then what is ``said`` of it, then its ``moves``, then ``tail``.

    ``weight`` tells how much moved, for sorting. ``sources`` are those whose word it is.
    """

    section: Section
    event_id: str
    at: int
    model_id: str
    name: str
    provider: str | None
    said: str
    moves: tuple[Move, ...] = ()
    tail: str = ""
    weight: float = 0
    sources: tuple[str, ...] = ()


def stories(event: Event) -> list[Story]:
    """What a person would tell of an event; several things where several moved."""
    return list(_TELLERS[event.kind](event))


def _story(event: Event, section: Section, telling: Telling) -> Story:
    voices = {each.source for each in event.fields if each.source and each.path in telling.paths}
    return Story(
        section=section, event_id=event.id, at=event.at, model_id=event.model_id, name=event.name or event.model_id,
        provider=event.provider, said=telling.said, moves=telling.moves, tail=telling.tail, weight=telling.weight,
        sources=tuple(sorted(voices)),
    )  # fmt: skip


def _whole(event: Event, section: Section, said: str, tail: str = "") -> Story:
    return _story(event, section, Telling(said=said, tail=tail, paths=frozenset(each.path for each in event.fields)))


def _new(event: Event) -> Iterator[Story]:
    now = {each.path: each.after for each in event.fields}
    parts = []
    costs = [f"{money(now[path])} for {what}" for path, what in _MAIN if _is_price(now.get(path))]
    if costs:
        free = all(now.get(path) == "0" for path, _ in _MAIN)
        parts.append("free" if free else f"{joined(costs)} per million tokens")
    context, inputs = now.get("context"), now.get("inputs")
    if isinstance(context, int):
        parts.append(f"{number(context)} tokens of context")
    if isinstance(inputs, list) and len(inputs) > 1:
        parts.append(f"reads {joined([brief(str(word), _WORD) for word in inputs[:_KINDS]])}")
    section = Section.BEGAN if event.revision == 1 else Section.NEW
    yield _whole(event, section, "is new", ", ".join(parts))


def _is_price(value: object) -> bool:
    return isinstance(value, str) and amount(value) is not None


_KINDS, _WORD = 6, 40
_MAIN = (("price.input", "input"), ("price.output", "output"))


def _archived(event: Event) -> Iterator[Story]:
    yield _whole(event, Section.GONE, "is listed by nobody any more")


def _revived(event: Event) -> Iterator[Story]:
    yield _whole(event, Section.BACK, "is listed again")
    yield from (story for story in _updated(event) if story.section is not Section.OTHER)


def _updated(event: Event) -> Iterator[Story]:
    moved = {each.path: each for each in event.fields}
    told: set[str] = set()
    price = prices.told(moved)
    if price is not None:
        told |= price.paths
        yield _story(event, Section(price.direction), price)
    for section, telling in ((Section.LIMITS, facets.limits), (Section.RETIRING, facets.retiring)):
        facet = telling(moved)
        if facet is not None:
            told |= facet.paths
            yield _story(event, section, facet)
    rest: dict[str, Moved] = {path: each for path, each in moved.items() if path not in told}
    if rest:
        yield _story(event, Section.OTHER, Telling(said=facets.others(rest), paths=frozenset(rest)))


_TELLERS: Mapping[StepKind, Callable[[Event], Iterator[Story]]] = {
    StepKind.NEW: _new,
    StepKind.UPDATED: _updated,
    StepKind.ARCHIVED: _archived,
    StepKind.REVIVED: _revived,
}
