"""Telling: find what happened, write down who is owed which notice, and send what may be sent now."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import msgspec
from sqlalchemy import Connection

from modelcensus.core.errors import InvalidInput, NotFound, SettingsError
from modelcensus.core.health import Health
from modelcensus.core.notice import (
    Batch,
    Incident,
    Limits,
    NoticeKind,
    NoticeSeverity,
    batch,
    key_of,
    pause,
)
from modelcensus.core.schedule import time_zone
from modelcensus.core.times import from_micros
from modelcensus.operations.census import Census
from modelcensus.operations.health.looking import look as look_at_health
from modelcensus.operations.noticing import condition, events, standing, syncs
from modelcensus.operations.noticing.finding import Found
from modelcensus.operations.noticing.rules import Rule, kinds_wanted, receivers, rules_of
from modelcensus.operations.noticing.sending import Letter, Outcome, send
from modelcensus.operations.noticing.targets import Target, targets_of
from modelcensus.settings import NoticeSettings, Settings
from modelcensus.store import notices
from modelcensus.store.notices import Notice

Look = Callable[[Census, Settings], Health]
_MICRO = 1_000_000
_HOUR = 3600 * _MICRO
_CLAIM = 300 * _MICRO
"""Whoever sends to a target has it for so long: far longer than any plug-in takes."""
_KEPT = 400 * 24 * _HOUR


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a round of telling did.

    ``incidents`` are new ones that somebody is told of, ``messages`` went out with ``notices`` in them. ``waiting``:
    how many notices wait, by target; ``failed``: why a target took no message. ``again_at``: when there may be
    something to send even if nothing happens, in microseconds.
    """

    incidents: int = 0
    messages: int = 0
    notices: int = 0
    waiting: dict[str, int] = {}
    failed: dict[str, str] = {}
    again_at: int | None = None


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a target took a test message, and if not why."""

    target: str
    ok: bool
    why: str = ""


def tell(census: Census, settings: Settings, *, at_once: bool = False, look: Look = look_at_health) -> Told:
    """Find incidents, and tell those who are to be told. Any process may call it at any time, several at once too.

    ``at_once`` gathers nothing first and heeds no pause after a failure: for people, and for whoever calls it seldom.
    Raises ``SettingsError`` for targets or rules that cannot be used, and ``StoreError``.
    """
    targets = targets_of(settings.notices)
    if not targets:
        return Told()
    rules = rules_of(settings.notices, targets)
    limits = _limits(settings, at_once)
    fresh = sum(_entered(census, found, rules) for found in _found(census, settings, kinds_wanted(rules), look))
    messages, told, failed, again = 0, 0, dict[str, str](), list[int]()
    for target in targets.values():
        count, outcome, again_at = _tell_one(census, settings, target, limits)
        messages, told = messages + (count > 0), told + count
        if outcome and not outcome.ok:
            failed[target.name] = outcome.why
        if again_at is not None:
            again.append(again_at)
    with census.store.reading() as tx:
        waiting = notices.waiting_by_target(tx)
    return Told(
        incidents=fresh, messages=messages, notices=told, waiting=waiting, failed=failed,
        again_at=min(again) if again else None,
    )  # fmt: skip


def try_targets(census: Census, settings: Settings, name: str | None = None) -> list[Tried]:
    """Send a test message to one target, or to all, at once. Raises ``NotFound``, ``SettingsError``."""
    targets = targets_of(settings.notices)
    rules_of(settings.notices, targets)
    _limits(settings, at_once=True)
    if not targets:
        raise SettingsError("there is nobody to tell", "set notices.targets, SLACK_WEBHOOK_URL or notices.email")
    if name is not None and name not in targets:
        raise NotFound(f"there is no target '{name[:80]}'", f"there are: {', '.join(sorted(targets))}")
    now = census.clock()
    test = Incident(
        key=key_of(NoticeKind.HEALTH_CHANGED, "test"), kind=NoticeKind.HEALTH_CHANGED, severity=NoticeSeverity.INFO,
        at=now, message="this is a test: notices reach you", hint="nothing", path="/healthz",
    )  # fmt: skip
    chosen = [targets[name]] if name is not None else list(targets.values())
    done = ((target, _sent(census, settings, target, (test,))) for target in chosen)
    return [Tried(target=target.name, ok=outcome.ok, why=outcome.why) for target, outcome in done]


def listed(census: Census, *, waiting: bool = False, target: str | None = None, limit: int = 100) -> list[Notice]:
    """Notices: what waits first, then what was told, newest first."""
    if target is not None and "\0" in target:
        return []
    with census.store.reading() as tx:
        return notices.listed(tx, waiting_only=waiting, target=target, limit=limit)


def _found(census: Census, settings: Settings, wanted: frozenset[NoticeKind], look: Look) -> Iterator[Found]:
    """What each watch finds whose incidents anybody wants."""
    store, now = census.store, census.clock()
    in_view: Mapping[NoticeKind, Callable[..., Found | None]] = {
        NoticeKind.SYNC_FAILED: partial(syncs.find_failing, census=census, now=now),
        NoticeKind.PLAN_HELD: standing.find_held,
        NoticeKind.MODEL_RETIRING: partial(standing.find_retiring, now=now),
        NoticeKind.HEALTH_CHANGED: partial(condition.find_health, look=lambda: look(census, settings), now=now),
        NoticeKind.QUALITY_FELL: condition.find_fallen,
    }
    if NoticeKind.SYNC_RECOVERED in wanted:
        wanted |= {NoticeKind.SYNC_FAILED}
    for kind, find in in_view.items():
        if kind in wanted:
            with store.reading() as tx:
                found = find(tx)
            if found:
                yield found
    if events.KINDS & wanted:
        yield events.find_events(store, settings.access, events.KINDS & wanted, now)
    if NoticeKind.OVERRIDE_DRIFTED in wanted and (found := standing.find_drifted(store, now)):
        yield found


def _entered(census: Census, found: Found, rules: tuple[Rule, ...]) -> int:
    """Write what a watch found, unless somebody else was first; how many incidents somebody is now owed notice of."""
    if found.after == found.before:
        return 0
    count, now = 0, census.clock()
    with census.store.noting() as tx:
        if not notices.move(tx, found.watch, found.before, found.after):
            return 0
        for incident in found.incidents:
            before = notices.targets_of(tx, incident.ends) if incident.ends else frozenset[str]()
            names = receivers(rules, incident, before)
            if names:
                notices.enter(tx, incident, now)
                count += sum(notices.owe(tx, incident, name, now) for name in names) > 0
        if count:
            notices.forget(tx, now - _KEPT)
    return count


def _tell_one(
    census: Census, settings: Settings, target: Target, limits: Limits
) -> tuple[int, Outcome | None, int | None]:
    """Send one target what may be sent now: how many notices it took, what came of it, and when to come again."""
    with census.store.reading() as tx:
        due = _due(census, settings, tx, target, limits)
        free_at = notices.free_at(tx, target.name)
    if not due.owed:
        return 0, None, due.again_at
    claim, now = secrets.token_hex(8), census.clock()
    with census.store.noting() as tx:
        if not notices.claim(tx, target.name, claim, now, now + _CLAIM, at_once=limits.at_once):
            return 0, None, free_at
        due = _due(census, settings, tx, target, limits)
        if not due.owed:
            notices.release(tx, target.name, claim)
            return 0, None, due.again_at
        failures = notices.failures(tx, target.name)
    incidents = tuple(owed.incident for owed in due.owed)
    outcome = _sent(census, settings, target, incidents)
    now = census.clock()
    with census.store.noting() as tx:
        if outcome.ok:
            notices.told(tx, target.name, claim, [each.key for each in incidents], secrets.token_hex(6), now)
            return len(incidents), outcome, due.again_at
        until = now + pause(failures + 1)
        notices.failed(tx, target.name, claim, count=failures + 1, until=until, error=outcome.why)
        return 0, outcome, until


def _due(census: Census, settings: Settings, tx: Connection, target: Target, limits: Limits) -> Batch:
    now = census.clock()
    zone = time_zone(settings.sync.time_zone)
    sent = notices.sent_since(tx, target.name, now - _HOUR)
    return batch(notices.waiting(tx, target.name), sent, from_micros(now).astimezone(zone), limits)


def _sent(census: Census, settings: Settings, target: Target, incidents: tuple[Incident, ...]) -> Outcome:
    letter = Letter(incidents, settings.api.public_url)
    now = from_micros(census.clock()).timestamp()
    return send(target, letter, private=settings.notices.allow_private, now=now)


def _limits(settings: Settings, at_once: bool) -> Limits:
    given: NoticeSettings = settings.notices
    try:
        time_zone(settings.sync.time_zone)
    except InvalidInput as error:
        raise SettingsError(f"the setting sync.time_zone is wrong: {error.message}", error.hint) from error
    return Limits(group=int(given.group_seconds * _MICRO), per_hour=given.per_hour, quiet=given.quiet, at_once=at_once)
