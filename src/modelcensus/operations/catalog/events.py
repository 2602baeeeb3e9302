"""Events: what each revision did to each model, by cursor, for everything that tells or pushes changes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core.catalog.curated import flags_of
from modelcensus.core.catalog.event import Event, Moved
from modelcensus.core.catalog.merging import place
from modelcensus.core.catalog.model import Curation, Origin, Status, StepKind, Tier
from modelcensus.core.change import same
from modelcensus.core.errors import InvalidInput
from modelcensus.operations.catalog.editions import is_open
from modelcensus.settings import AccessSettings
from modelcensus.store.catalog import curation
from modelcensus.store.catalog import events as turns
from modelcensus.store.catalog.events import Turned
from modelcensus.store.engine import Store

START = "0-0"
"""The cursor before the first event."""
_CURSOR = re.compile(r"(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})", re.ASCII)
_ALL = tuple(Tier)
_fields = msgspec.json.Decoder(dict[str, Any])
_origins = msgspec.json.Decoder(dict[str, Origin])


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, and where they end.

    ``reached`` is the cursor of the last place that was looked at, whether or not its event was wanted: to go on,
    give it as ``after`` (or as ``before``, newest first). ``more``: there may be something there. ``head`` is the last
    place of all: give it as ``after`` to be told of what is still to come.
    """

    events: tuple[Event, ...]
    reached: str
    more: bool
    head: str


def events(
    store: Store,
    access: AccessSettings,
    *,
    after: str | None = None,
    before: str | None = None,
    since: int | None = None,
    until: int | None = None,
    provider: str | None = None,
    tier: Tier | None = None,
    field: str | None = None,
    kind: StepKind | None = None,
    model: str | None = None,
    limit: int | None = 100,
    newest_first: bool = False,
) -> list[Event]:
    """The events behind the cursor ``after`` and ahead of ``before``, in (since, until], oldest first if not said.

    ``tier``: those of models that its callers see today; always give it where a caller is answered. ``field``: those
    in which it, or one of its group (``price``), moved. Raises ``InvalidInput`` for a cursor that is none.
    """
    page = event_page(
        store, access, after=after, before=before, since=since, until=until, provider=provider, tier=tier, field=field,
        kind=kind, model=model, limit=limit, newest_first=newest_first,
    )  # fmt: skip
    return list(page.events)


def event_page(
    store: Store,
    access: AccessSettings,
    *,
    after: str | None = None,
    before: str | None = None,
    since: int | None = None,
    until: int | None = None,
    provider: str | None = None,
    tier: Tier | None = None,
    field: str | None = None,
    kind: StepKind | None = None,
    model: str | None = None,
    limit: int | None = 100,
    newest_first: bool = False,
    scan: int | None = None,
) -> EventPage:
    """As ``events``, with where it ended. ``scan``: look at no more than about so many, wanted or not."""
    start, end = place_of(after or START), place_of(before) if before else None
    open_ = is_open(store, access)
    with store.reading() as tx:
        head = turns.head(tx)
        seeing = _seeing(tx, open_)
        reached, looked, found = end or head if newest_first else start, 0, list[Event]()
        looking = _parts(tx, model, start, end, newest_first=newest_first)
        for part in looking:
            if (since is not None and part.at <= since) or (until is not None and part.at > until):
                reached = (part.revision, part.first if newest_first else part.last)
                continue
            rows = turns.turned(tx, part)
            for row in reversed(rows) if newest_first else rows:
                reached, looked = (part.revision, row.position), looked + 1
                tiers = seeing(row.model_id)
                if (tier is None or tier in tiers) and kind in (None, _kind(row)):
                    event = _event(row, part, tiers)
                    if event and _is_wanted(event, provider, field):
                        found.append(event)
                if (limit is not None and len(found) >= limit) or (scan is not None and looked >= scan):
                    return EventPage(events=tuple(found), reached=_cursor(reached), more=True, head=_cursor(head))
    return EventPage(events=tuple(found), reached=_cursor(reached), more=False, head=_cursor(head))


def place_of(cursor: str) -> tuple[int, int]:
    """Revision and position of a cursor. Raises ``InvalidInput``."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidInput(
            "that is no cursor of changes", "give back the id of an event, such as 12-3, or start without one"
        )
    return int(match[1]), int(match[2])


def _cursor(place: tuple[int, int]) -> str:
    return f"{place[0]}-{place[1]}"


def _parts(
    tx: Connection, model: str | None, after: tuple[int, int], before: tuple[int, int] | None, *, newest_first: bool
) -> Iterator[turns.Part]:
    if model is None:
        return turns.parts(tx, after, before, newest_first=newest_first)
    if "\0" in model:
        # PostgreSQL refuses text with a NUL character, and no id has one.
        return iter(())
    return turns.parts_of(tx, model, after, before, newest_first=newest_first)


def _seeing(tx: Connection, open_: bool) -> Callable[[str], tuple[Tier, ...]]:
    """Which tiers' callers see a model today."""
    if open_:
        return lambda _: _ALL
    people = curation.curations(tx)

    def tiers(model_id: str) -> tuple[Tier, ...]:
        word = people.get(model_id) or Curation(model_id=model_id)
        if not word.enabled:
            return ()
        return tuple(tier for tier in _ALL if any(getattr(word, flag) for flag in flags_of(tier)))

    return tiers


def _kind(row: Turned) -> StepKind:
    if row.before is None:
        return StepKind.NEW
    if row.before is row.status:
        return StepKind.UPDATED
    return StepKind.ARCHIVED if row.status is Status.ARCHIVED else StepKind.REVIVED


def _event(row: Turned, part: turns.Part, tiers: tuple[Tier, ...]) -> Event | None:
    """What happened; None where only the evidence of it is another, for nobody sees a difference."""
    now = _fields.decode(row.fields)
    was = _fields.decode(row.fields_before) if row.fields_before else {}
    kind = _kind(row)
    moved = [path for path in {**was, **now} if path not in was or path not in now or not same(was[path], now[path])]
    if not moved and kind is StepKind.UPDATED:
        return None
    origins = _origins.decode(row.origins)
    return Event(
        id=_cursor((part.revision, row.position)), revision=part.revision, position=row.position, at=part.at,
        kind=kind, model_id=row.model_id, name=_text(now.get("name")), provider=_text(now.get("provider")),
        tiers=tiers,
        fields=tuple(
            Moved(
                path=path, before=was.get(path, msgspec.UNSET), after=now.get(path, msgspec.UNSET),
                source=origins[path].source if path in now and path in origins else None,
            )
            for path in sorted(moved, key=place)
        ),
    )  # fmt: skip


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _is_wanted(event: Event, provider: str | None, field: str | None) -> bool:
    if provider is not None and (event.provider or "").casefold() != provider.casefold():
        return False
    return field is None or any(moved.path == field or moved.path.startswith(f"{field}.") for moved in event.fields)
