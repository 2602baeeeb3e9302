"""News by day, and in a day by section."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import groupby

import msgspec

from modelcensus.core.times import from_micros
from modelcensus.web.changes.news import TITLES, Section, Story

_FOLDED = (Section.OTHER, Section.BEGAN)
"""What nobody opens a newspaper for."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One section of a day: the stories that are in sight, and those that are folded away."""

    section: Section
    title: str
    first: tuple[Story, ...]
    rest: tuple[Story, ...]

    @property
    def count(self) -> int:
        """How many stories there are."""
        return len(self.first) + len(self.rest)


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """A day (UTC); ``count`` is how many models it tells of. ``torn``: there is more of it on the next page."""

    day: str
    title: str
    columns: tuple[Column, ...]
    count: int
    torn: bool = False


def days(stories: Iterable[Story], *, shown: int, more: bool = False) -> list[Day]:
    """Stories, newest first, by day; of each section so many are ``shown`` at once. ``more``: others may follow."""
    found: list[Day] = []
    for day, group in groupby(stories, key=lambda story: from_micros(story.at).date()):
        of_day = list(group)
        columns = tuple(_columns(of_day, shown))
        models = {story.model_id for story in of_day}
        found.append(Day(day=day.isoformat(), title=day_title(day), columns=columns, count=len(models)))
    if more and found:
        found[-1] = msgspec.structs.replace(found[-1], torn=True)
    return found


def day_title(day: date) -> str:
    """A day as a person says it, such as ``Friday, 2 January 2026``."""
    return f"{day:%A}, {day.day} {day:%B} {day.year}"


def _columns(stories: list[Story], shown: int) -> Iterable[Column]:
    for section in Section:
        told = [story for story in stories if story.section is section]
        told.sort(key=lambda story: (-story.weight, story.name.casefold(), story.model_id))
        cut = 0 if section in _FOLDED else shown
        # A fold that hides one or two is more work to open than to read.
        cut = len(told) if 0 < cut < len(told) <= cut + 2 else cut
        if told:
            yield Column(
                section=section, title=TITLES[section], first=tuple(told[:cut]), rest=tuple(told[cut:])
            )  # fmt: skip
