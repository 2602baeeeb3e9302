"""Incidents, of which people are to be told, and the notices that tell each target of them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from enum import StrEnum
from hashlib import sha256

import msgspec

from modelcensus.core.times import from_micros, to_micros

_LONGEST = 160
_LONGEST_KEY = 300
_HOUR = 3_600_000_000
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufff9-\ufffb]+"
)
_MARKUP = str.maketrans(
    {"<": "‹", ">": "›", "&": "＆", "@": "＠", "`": "'", "*": "∗", "[": "(", "]": ")", "|": "¦",
     "\\": "/"}
)  # fmt: skip


class NoticeKind(StrEnum):
    """What an incident is of: the words that rules name in ``on``."""

    SYNC_FAILED = "sync-failed"
    SYNC_RECOVERED = "sync-recovered"
    PLAN_HELD = "plan-held"
    PRICE_MOVED = "price-moved"
    MODEL_NEW = "model-new"
    MODEL_DEPRECATED = "model-deprecated"
    MODEL_RETIRING = "model-retiring"
    OVERRIDE_DRIFTED = "override-drifted"
    HEALTH_CHANGED = "health-changed"
    QUALITY_FELL = "quality-fell"


class NoticeSeverity(StrEnum):
    """How much an incident matters, the worst first; ``good`` is the end of another one."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    GOOD = "good"


class Incident(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing of which people are to be told, once.

    ``key`` is unique and the same whoever finds it. ``message`` and ``hint`` (what to do) are lines of plain text in
    which nothing acts: what comes from outside went through ``plain``. ``path`` is where to look, below the public
    address. ``sources``, ``providers`` and ``models`` are what rules narrow by, ``times`` and ``percent`` what they
    ask for. ``ends`` is the key of the incident that this one is the end of. ``urgent`` ones go out in quiet hours.
    """

    key: str
    kind: NoticeKind
    severity: NoticeSeverity
    at: int
    message: str
    hint: str = ""
    path: str = ""
    sources: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    times: int = 0
    percent: float = 0.0
    urgent: bool = False
    ends: str | None = None


class Owed(msgspec.Struct, frozen=True):
    """A notice that waits: an incident that a target is still to be told of, since ``created_at``."""

    incident: Incident
    created_at: int


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When a target may be told: see ``NoticeSettings``. ``group``: microseconds; ``quiet``: ``22:00-07:00`` or None.

    ``at_once``: nothing is gathered first.
    """

    group: int
    per_hour: int
    quiet: str | None = None
    at_once: bool = False


class Batch(msgspec.Struct, frozen=True):
    """What may be sent in one message now, the worst first; and when more may be, None for never."""

    owed: tuple[Owed, ...]
    again_at: int | None


def plain(text: object, longest: int = _LONGEST) -> str:
    """Text from strangers as one short line in which nothing is markup, a mention, a link or a control character."""
    line = " ".join(_HIDDEN.sub(" ", str(text)).split())
    line = line if len(line) <= longest else line[: longest - 1] + "…"
    return line.translate(_MARKUP).replace("://", ":/\u2060/")


def key_of(kind: NoticeKind, *parts: object) -> str:
    """The key of an incident: readable, of bounded length, one for each different parts."""
    key = ":".join((kind.value, *map(str, parts)))
    clean = _HIDDEN.sub("?", key)
    if clean == key and len(key) <= _LONGEST_KEY:
        return key
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{clean[: _LONGEST_KEY - 65]}:{digest}"


def batch(waiting: tuple[Owed, ...], sent: tuple[int, ...], now: datetime, limits: Limits) -> Batch:
    """What of the waiting notices of one target goes into a message now.

    ``sent``: when messages went to it within the last hour, microseconds, oldest first. ``now``: in the time zone of
    the quiet hours.
    """
    end = quiet_until(limits.quiet, now)
    loud = tuple(owed for owed in waiting if end is None or owed.incident.urgent)
    later = end if len(loud) < len(waiting) else None
    if not loud:
        return Batch((), later)
    moment = to_micros(now)
    due = moment if limits.at_once else min(owed.created_at for owed in loud) + limits.group
    recent = [at for at in sent if at > moment - _HOUR]
    if len(recent) >= limits.per_hour:
        due = max(due, recent[-limits.per_hour] + _HOUR)
    if due > moment:
        return Batch((), min(due, later) if later else due)
    order = list(NoticeSeverity)
    return Batch(tuple(sorted(loud, key=lambda owed: (order.index(owed.incident.severity), owed.incident.at))), later)


def quiet_until(quiet: str | None, now: datetime) -> int | None:
    """When the quiet hours that it is in end, in microseconds; None where it is in none. ``now`` in their zone."""
    if quiet is None:
        return None
    begin, end = (time.fromisoformat(each) for each in quiet.split("-"))
    clock = now.time()
    inside = begin <= clock < end if begin <= end else clock >= begin or clock < end
    if not inside:
        return None
    day = now.date() if clock < end else now.date() + timedelta(days=1)
    return to_micros(datetime.combine(day, end, tzinfo=now.tzinfo))


def pause(failures: int) -> int:
    """How long a target that failed so often in a row is left alone: half a minute, doubled up to an hour. Micros."""
    return min(30 << min(max(failures - 1, 0), 20), 3600) * 1_000_000


def worst(incidents: tuple[Incident, ...]) -> NoticeSeverity:
    """The severity of several together."""
    order = list(NoticeSeverity)
    return min((each.severity for each in incidents), key=order.index)


def title_of(incidents: tuple[Incident, ...]) -> str:
    """The heading of a message: of one incident what it is, of many how many."""
    if len(incidents) == 1:
        return f"Model Census: {incidents[0].kind.value.replace('-', ' ')}"
    critical = sum(each.severity is NoticeSeverity.CRITICAL for each in incidents)
    return f"Model Census: {len(incidents)} notices" + (f", {critical} critical" if critical else "")


def body_of(incidents: tuple[Incident, ...], *, public_url: str | None, longest: int) -> str:
    """The text of a message, of at most ``longest`` characters: what fits, and how many more there are."""
    parts: list[str] = []
    room = longest - 80
    for number, incident in enumerate(incidents):
        part = _paragraph(incident, public_url)
        if len(part) + 2 > room and (parts or len(part) > longest):
            if not parts:
                parts.append(part[: longest - 81] + "…")
                number += 1
            if number < len(incidents):
                parts.append(f"... and {len(incidents) - number} more: see 'modelcensus notify list'")
            break
        parts.append(part)
        room -= len(part) + 2
    return "\n\n".join(parts)


def minute(micros: int) -> str:
    """``2026-03-01 12:00 UTC``."""
    return f"{from_micros(micros):%Y-%m-%d %H:%M} UTC"


def _paragraph(incident: Incident, public_url: str | None) -> str:
    mark = {NoticeSeverity.CRITICAL: "CRITICAL: ", NoticeSeverity.GOOD: "OK: "}.get(incident.severity, "")
    lines = [f"{mark}{incident.message}"]
    if incident.hint:
        lines.append(f"What to do: {incident.hint}")
    if incident.path and public_url:
        lines.append(public_url.rstrip("/") + incident.path)
    return "\n".join(lines)
