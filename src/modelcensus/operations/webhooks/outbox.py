"""The outbox: what each webhook is owed becomes deliveries, exactly once for each revision."""

from __future__ import annotations

from collections.abc import Iterator

from modelcensus.core.catalog.event import Event
from modelcensus.core.webhook import payloads
from modelcensus.operations.catalog.events import event_page, place_of
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings
from modelcensus.store import webhooks
from modelcensus.store.webhooks import Letter

KEPT_MICROSECONDS = 30 * 24 * 3_600_000_000
"""What was sent is kept so long."""
LAST = 999_999_999
"""A position after every event of a revision."""
_AT_ONCE = 2000


def fill(census: Census, access: AccessSettings) -> int:
    """Make the deliveries of all revisions that enabled webhooks have not been told of; how many revisions there were.

    Each revision is one transaction that also notes it as reached: whoever is interrupted goes on exactly there, and
    two who do it at once make each delivery once.
    """
    done = 0
    with census.store.reading() as tx:
        waiting = sorted({each.reached_revision for each in webhooks.behind(tx)})
    for start in waiting:
        for revision, events in _revisions(census, access, start):
            if not _queued(census, start, revision, events):
                break
            start = revision
            done += 1
    if done:
        with census.store.writing() as tx:
            webhooks.forget(tx, census.clock() - KEPT_MICROSECONDS)
    return done


def claimed(census: Census, *, busy: frozenset[str], room: int, seconds: float) -> list[Letter]:
    """Deliveries that are due, ours for so many seconds: at most one of each webhook, none of those that are busy."""
    now = census.clock()
    with census.store.reading() as tx:
        waiting = [found for found, webhook in webhooks.due(tx, now) if webhook not in busy][:room]
    if not waiting:
        return []
    with census.store.writing() as tx:
        until = now + int(seconds * 1_000_000)
        letters = (webhooks.claim(tx, each, now, until) for each in waiting)
        return [letter for letter in letters if letter]


def _queued(census: Census, before: int, revision: int, events: list[Event]) -> bool:
    """Whether any webhook that stood at ``before`` was brought to ``revision``."""
    now, moved = census.clock(), False
    with census.store.writing() as tx:
        for webhook in webhooks.behind(tx):
            if webhook.reached_revision == before and webhooks.reach(tx, webhook, revision):
                moved = True
                wanted = [event for event in events if webhook.filters.want(event)]
                webhooks.queue(tx, webhook.id, revision, payloads(revision, wanted), now)
    return moved


def _revisions(census: Census, access: AccessSettings, after: int) -> Iterator[tuple[int, list[Event]]]:
    """(revision, its events) after a revision, in order; the last one of all also where it has no event."""
    cursor, told, held = f"{after}-{LAST}", after, list[Event]()
    while True:
        page = event_page(census.store, access, after=cursor, limit=None, scan=_AT_ONCE)
        for event in page.events:
            if held and event.revision != held[0].revision:
                told = held[0].revision
                yield told, held
                held = []
            held.append(event)
        cursor = page.reached
        if not page.more:
            break
    if held:
        told = held[0].revision
        yield told, held
    last, _ = place_of(page.head)
    if last > told:
        yield last, []
