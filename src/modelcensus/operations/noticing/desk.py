"""What people look at of notices: incidents that still hold and past ones, and how telling each target goes."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection

from modelcensus.core.health import Severity
from modelcensus.core.notice import Incident, NoticeKind, key_of
from modelcensus.operations.census import Census
from modelcensus.operations.noticing import condition, syncs
from modelcensus.operations.noticing.condition import HealthSeen
from modelcensus.operations.noticing.rules import Rule, rules_of
from modelcensus.operations.noticing.syncs import SyncsSeen
from modelcensus.operations.noticing.targets import targets_of
from modelcensus.settings import NoticeSettings
from modelcensus.store import notices
from modelcensus.store.notices import Notice, TargetState


class IncidentTold(msgspec.Struct, frozen=True, kw_only=True):
    """An incident, the notices of it by target, and whether it still holds (``open``)."""

    incident: Incident
    notices: tuple[Notice, ...]
    open: bool


class TargetStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A target by its name, never its address. ``kind`` is the first word of the address, such as ``slack``.

    ``configured`` is False for one that was owed a notice and is no longer in the settings.
    """

    name: str
    kind: str
    configured: bool
    state: TargetState


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """Rules by name and targets as they are in force."""

    rules: tuple[tuple[str, Rule], ...]
    targets: tuple[TargetStanding, ...]


def desk(census: Census, settings: NoticeSettings) -> Desk:
    """Rules and targets. Raises ``SettingsError`` for settings that cannot be used."""
    targets = targets_of(settings)
    rules = rules_of(settings, targets) if targets else ()
    with census.store.reading() as tx:
        states = notices.target_states(tx)
    names = [*targets, *(name for name in states if name not in targets)]
    return Desk(
        rules=tuple(zip(settings.rules or ("",), rules, strict=False)),
        targets=tuple(
            TargetStanding(
                name=name, kind=_kind(targets[name].address) if name in targets else "", configured=name in targets,
                state=states.get(name, TargetState()),
            )
            for name in names
        ),
    )  # fmt: skip


def incidents(census: Census, *, limit: int, offset: int = 0) -> list[IncidentTold]:
    """Incidents of which anybody is told, newest first."""
    with census.store.reading() as tx:
        found = notices.incidents(tx, limit=limit, offset=offset)
        holding = _holding(tx)
    return [
        IncidentTold(incident=incident, notices=tuple(told), open=incident.key in holding) for incident, told in found
    ]


def _holding(tx: Connection) -> frozenset[str]:
    """Keys of incidents that have not come to their end: sources that fail, and a health that is not good."""
    known = notices.position(tx, syncs.WATCH)
    failing = msgspec.json.decode(known, type=SyncsSeen).failing if known else {}
    keys = {key_of(NoticeKind.SYNC_FAILED, source, each.first) for source, each in failing.items()}
    health = notices.position(tx, condition.HEALTH)
    seen = msgspec.json.decode(health, type=HealthSeen) if health else HealthSeen()
    if seen.key and seen.severity is not Severity.OK:
        keys.add(seen.key)
    return frozenset(keys)


def _kind(address: object) -> str:
    """The scheme alone: all that follows may be secret."""
    text = address if isinstance(address, str) else "email"
    scheme = text.partition("://")[0]
    return scheme.lower() if "://" in text and scheme.isascii() and scheme.isalnum() and len(scheme) <= 20 else "other"
