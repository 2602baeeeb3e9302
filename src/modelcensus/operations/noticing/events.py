"""What revisions did to models that people want to know: prices, new ones, deprecations."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from modelcensus.core.catalog.event import Event, Moved
from modelcensus.core.catalog.listing import Stage
from modelcensus.core.catalog.model import StepKind
from modelcensus.core.notice import Incident, NoticeKind, NoticeSeverity, key_of, minute, plain
from modelcensus.operations.catalog.events import event_page
from modelcensus.operations.noticing.finding import OLDEST, Found
from modelcensus.settings import AccessSettings
from modelcensus.store import notices
from modelcensus.store.catalog import events as turns
from modelcensus.store.engine import Store

WATCH = "events"
KINDS = frozenset({NoticeKind.PRICE_MOVED, NoticeKind.MODEL_NEW, NoticeKind.MODEL_DEPRECATED})
_AT_ONCE = 2000
_PAGES = 20
_FROM_NOTHING = 1_000_000.0
"""Percent: what a price has moved that was zero before."""
_OVER = frozenset({Stage.DEPRECATED.value, Stage.RETIRED.value})


def find_events(store: Store, access: AccessSettings, kinds: frozenset[NoticeKind], now: int) -> Found:
    """Incidents of these kinds since the last look; the first look only notes where the catalog is.

    The first revision of all is no news: whatever there is came with it.
    """
    with store.reading() as tx:
        before = notices.position(tx, WATCH)
        head = "-".join(map(str, turns.head(tx)))
    if before is None:
        return Found(WATCH, None, head)
    cursor, found = before, list[Incident]()
    for _ in range(_PAGES):
        page = event_page(store, access, after=cursor, limit=None, scan=_AT_ONCE)
        cursor = page.reached
        for event in page.events:
            if event.revision > 1 and event.at > now - OLDEST:
                found += [each for each in incidents_of(event) if each.kind in kinds]
        if not page.more:
            break
    return Found(WATCH, before, cursor, tuple(found))


def incidents_of(event: Event) -> Iterator[Incident]:
    """What of an event people may want to be told."""
    if event.kind is StepKind.NEW:
        text = f"new model {plain(event.model_id)}" + (f" of {plain(event.provider)}" if event.provider else "")
        yield _incident(event, NoticeKind.MODEL_NEW, text, NoticeSeverity.INFO)
        return
    moved = [(each, percent) for each in event.fields if (percent := percent_of(each)) is not None]
    if moved:
        said = "; ".join(f"{plain(each.path)} {each.before} to {each.after}" for each, _ in moved[:4])
        more = f" and {len(moved) - 4} more" if len(moved) > 4 else ""
        text = f"prices of {plain(event.model_id)} moved: {said}{more}"
        yield _incident(
            event, NoticeKind.PRICE_MOVED, text, NoticeSeverity.INFO, percent=max(percent for _, percent in moved)
        )
    if any(_deprecates(each) for each in event.fields):
        text = f"{plain(event.model_id)} is deprecated"
        yield _incident(event, NoticeKind.MODEL_DEPRECATED, text, NoticeSeverity.WARNING, hint="plan its replacement")


def percent_of(moved: Moved) -> float | None:
    """By how much a price moved, up or down; None where it is no price, or was or is not known."""
    if not moved.path.startswith("price."):
        return None
    before, after = _money(moved.before), _money(moved.after)
    if before is None or after is None or before == after:
        return None
    return float(abs(after - before) / abs(before) * 100) if before else _FROM_NOTHING


def _money(value: object) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str) and len(value) <= 40 else None
    except InvalidOperation:
        return None
    return number if number is not None and number.is_finite() else None


def _deprecates(moved: Moved) -> bool:
    if moved.path == "stage":
        return moved.after in _OVER and moved.before not in _OVER
    return moved.path == "deprecated" and isinstance(moved.after, str) and not isinstance(moved.before, str)


def _incident(
    event: Event, kind: NoticeKind, text: str, severity: NoticeSeverity, *, hint: str = "", percent: float = 0.0
) -> Incident:
    return Incident(
        key=key_of(kind, event.id, event.model_id), kind=kind, severity=severity, at=event.at, percent=percent,
        message=f"{text} ({minute(event.at)}, revision {event.revision})", hint=hint,
        path=f"/api/models/{quote(event.model_id, safe='')}", models=(event.model_id,),
        providers=(event.provider,) if event.provider else (),
        sources=tuple(sorted({each.source for each in event.fields if each.source})),
    )  # fmt: skip
