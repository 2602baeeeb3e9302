"""A model over time: the line of its life, its prices and limits as charts, and what happened to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from modelcensus.core.catalog.answers import ModelDetail
from modelcensus.core.catalog.event import Event
from modelcensus.core.catalog.model import Status, StepKind
from modelcensus.core.catalog.record import LimitPoint, PricePoint
from modelcensus.core.change import ABSENT, FieldChange, differences
from modelcensus.core.document import document
from modelcensus.core.times import iso

_WORDS = {
    StepKind.NEW: ("appeared", "new", "came into the catalog"),
    StepKind.UPDATED: ("altered", "changed", "was published with other facts"),
    StepKind.ARCHIVED: ("vanished", "archived", "is offered by nobody any more"),
    StepKind.REVIVED: ("reappeared", "back", "is offered again"),
}


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """One stop on the line of a life. ``day`` is ISO 8601 text, as exact as it is known; ``ahead``: still to come."""

    day: str
    name: str
    tone: str = ""
    ahead: bool = False


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a model: when, in a word, in a sentence, and field by field."""

    at: int
    tone: str
    word: str
    text: str
    revision: int | None = None
    fields: tuple[FieldChange, ...] = ()


def life_of(detail: ModelDetail, today: str) -> tuple[Stop, ...]:
    """The stops of a model's life, in order; ``today`` is a day, what comes after it is ahead."""
    said = [
        (detail.released, "Released", "good"),
        (iso(detail.prices[0].at)[:10] if detail.prices else None, "First seen", ""),
        (_published(detail), "Published here", ""),
        (detail.deprecated, "Deprecated", "warn"),
        (detail.retires, "Retires", "bad"),
        (_archived(detail), "Archived", "bad"),
    ]
    stops = [
        Stop(day=day[:10], name="Retired" if name == "Retires" and day <= today else name, tone=tone, ahead=day > today)
        for day, name, tone in said
        if isinstance(day, str) and day
    ]
    return tuple(sorted(stops, key=lambda each: each.day))


def happenings(detail: ModelDetail) -> list[Happening]:
    """What happened, newest first: what was published, and before that what sources said of prices and limits."""
    found = [_told(event) for event in detail.history]
    found += _moves(detail.prices, "other prices", lambda point: document(point.price), "price")
    found += _moves(detail.limits, "other limits", _sizes, "")
    return sorted(found, key=lambda each: -each.at)


def _published(detail: ModelDetail) -> str | None:
    return next((iso(each.at)[:10] for each in reversed(detail.history) if each.kind is StepKind.NEW), None)


def _archived(detail: ModelDetail) -> str | None:
    if detail.status is not Status.ARCHIVED:
        return None
    return next((iso(each.at)[:10] for each in detail.history if each.kind is StepKind.ARCHIVED), None)


def _told(event: Event) -> Happening:
    tone, word, text = _WORDS[event.kind]
    fields = tuple(change for moved in event.fields for change in differences(moved.before, moved.after, moved.path))
    return Happening(at=event.at, tone=tone, word=word, text=text, revision=event.revision, fields=fields)


def _sizes(point: LimitPoint) -> dict[str, Any]:
    sizes = {"context": point.context, "max_input": point.max_input, "max_output": point.max_output}
    return {name: ABSENT if size is None else size for name, size in sizes.items()}


def _moves(
    points: Sequence[PricePoint | LimitPoint], what: str, said: Callable[[Any], Any], path: str
) -> Iterator[Happening]:
    for before, after in pairwise(points):
        fields = tuple(differences(said(before), said(after), path))
        if after.revision is None and fields:
            yield Happening(
                at=after.at, tone="altered", word="sources", text=f"its sources said {what}", fields=fields
            )  # fmt: skip
