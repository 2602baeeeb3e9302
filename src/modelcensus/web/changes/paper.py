"""The newspaper: which news somebody asked for, gathered from the events that their tier sees."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.errors import InvalidInput
from modelcensus.core.times import parse_time
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.web.changes.news import Section, Story, stories

KINDS: Mapping[str, tuple[str, tuple[Section, ...]]] = {
    "new": ("New", (Section.NEW, Section.BEGAN)),
    "cheaper": ("Cheaper", (Section.CHEAPER, Section.REPRICED)),
    "dearer": ("Dearer", (Section.DEARER, Section.REPRICED)),
    "limits": ("Limits", (Section.LIMITS,)),
    "retiring": ("Retiring", (Section.RETIRING,)),
    "gone": ("Gone", (Section.GONE,)),
    "back": ("Back", (Section.BACK,)),
    "other": ("Everything else", (Section.OTHER,)),
}
"""What somebody may ask for: its name, and the sections that it is."""
_STEPS = {"new": StepKind.NEW, "gone": StepKind.ARCHIVED, "back": StepKind.REVIVED}
_PRICES = frozenset({"cheaper", "dearer"})
_MOST = 150
"""Stories of one page."""
_AT_ONCE = 200
_ROUNDS = 15
_DAY = 86_400_000_000


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Filters as they stand in the address; empty ones do not count. ``until`` is a day that is included."""

    kind: str = ""
    provider: str = ""
    source: str = ""
    since: str = ""
    until: str = ""
    q: str = ""

    @property
    def any(self) -> bool:
        """Whether anything is filtered."""
        return any(msgspec.structs.astuple(self))

    def url(self, **other: str) -> str:
        """The address of these news, with some filters set otherwise, or a cursor."""
        fields = {name: value for name, value in {**msgspec.structs.asdict(self), **other}.items() if value}
        return f"/changes?{urlencode(fields)}" if fields else "/changes"

    def api_url(self) -> str:
        """The same for programs, as far as the API filters."""
        narrowed = {"kind": _STEPS[self.kind].value} if self.kind in _STEPS else {}
        narrowed |= {"field": "price"} if self.kind in _PRICES else {}
        own = {"provider": self.provider, "since": self.since, "until": self.until}
        return f"/api/changes?{urlencode({**narrowed, **{name: value for name, value in own.items() if value}})}"


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """News, newest first; ``before`` is the cursor of what is older, None where there is nothing more."""

    stories: tuple[Story, ...]
    before: str | None


def gathered(
    public: PublicCatalog, tier: Tier, asked: Asked, *, before: str | None = None, most: int = _MOST
) -> Paper:  # fmt: skip
    """About so many stories that were asked for. Raises ``InvalidInput`` for a time, kind or cursor that is none."""
    if asked.kind and asked.kind not in KINDS:
        raise InvalidInput(f"there is no kind of news '{asked.kind[:40]}'", f"choose of {', '.join(KINDS)}")
    now = public.census.now()
    since = parse_time(asked.since, now) if asked.since else None
    until = parse_time(asked.until, now) + _DAY - 1 if asked.until else None
    found: list[Story] = []
    for _ in range(_ROUNDS):
        page = public.changes(
            tier, before=before or None, limit=_AT_ONCE, since=since, until=until, provider=asked.provider or None,
            kind=_STEPS.get(asked.kind), field="price" if asked.kind in _PRICES else None,
        )  # fmt: skip
        for event in page.data:
            found += [story for story in stories(event) if _is_wanted(story, asked)]
            if len(found) >= most:
                return Paper(stories=tuple(found), before=event.id)
        before = page.before
        if before is None:
            break
    return Paper(stories=tuple(found), before=before)


def _is_wanted(story: Story, asked: Asked) -> bool:
    if asked.kind and story.section not in KINDS[asked.kind][1]:
        return False
    if asked.source and asked.source not in story.sources:
        return False
    named = f"{story.name}\n{story.model_id}".casefold()
    return all(word in named for word in asked.q.casefold().split())
