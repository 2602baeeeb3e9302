"""Settings of what keeps the census well: worker, health, notices, logs, and how long things are kept."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from modelcensus.settings.timing import Timing


class WorkerSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The worker; see docs/howto/run-a-worker.md.

    ``serve``: it runs inside ``modelcensus serve`` too. ``concurrency``: syncs at once in one process. A worker that
    was not heard of for ``lease_seconds`` is dead, and its work goes to others. A sync that was begun ``attempts``
    times without an end is put into quarantine. ``timeout_minutes``: the longest that a sync may take.
    """

    serve: bool = True
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] = 4
    lease_seconds: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 30.0
    attempts: Annotated[int, msgspec.Meta(ge=1, le=100)] = 5
    timeout_minutes: Annotated[float, msgspec.Meta(gt=0)] = 60.0


class HealthSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When the census is not well; see docs/howto/watch-its-health.md.

    ``fresh_hours``: each source must have been read within. ``min_models``: fewer active ones are too few. Of the last
    ``window`` runs at most ``failure_rate`` may have failed. ``disk_mb`` must be free. ``clock_seconds``: the clocks of
    program and database may differ by so much. Held plans are told after ``held_hours``. ``every`` so often the
    ``heartbeat_url`` is called if all is well, else the ``heartbeat_failure_url`` (by default the same with ``/fail``).
    """

    fresh_hours: Annotated[float, msgspec.Meta(gt=0)] = 25.0
    min_models: Annotated[int, msgspec.Meta(ge=0)] = 100
    window: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 10
    failure_rate: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.2
    held_hours: Annotated[float, msgspec.Meta(ge=0)] = 24.0
    disk_mb: Annotated[int, msgspec.Meta(ge=0)] = 500
    clock_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    every: Timing = "every 1h"
    heartbeat_url: str | None = None
    heartbeat_failure_url: str | None = None


class RuleSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is told of to whom; see docs/howto/get-notices.md.

    ``on`` names the kinds of incidents, ``to`` the targets (all where none is named). ``times``: only after so many
    failures in a row. ``percent``: only of prices that moved at least so much. ``sources``, ``providers``, ``models``
    (with ``*``) narrow it down.
    """

    on: list[str]
    to: list[str] = []
    times: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    percent: Annotated[float, msgspec.Meta(ge=0)] = 10.0
    sources: list[str] = []
    providers: list[str] = []
    models: list[str] = []


class NoticeSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told of what happens; see docs/howto/get-notices.md.

    ``targets``: addresses as Apprise has them, by a name of yours. ``slack_webhook_url`` and ``email`` (sent by way of
    ``smtp_url``, such as smtp://user:password@host:587) are two more, named slack and email. Without ``rules`` what
    needs a person is told. In ``quiet`` hours (``22:00-07:00`` of sync.time_zone) only what is critical is sent.
    """

    targets: dict[str, str] = {}
    slack_webhook_url: str | None = None
    email: str | None = None
    smtp_url: str | None = None
    rules: dict[str, RuleSettings] = {}
    quiet: Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d\Z")] | None = None
    per_hour: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 20
    group_seconds: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 30.0
    allow_private: bool = True


class LogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the program writes down of its work; see docs/howto/read-the-logs.md.

    ``format``: ``auto`` is text on a terminal and JSON elsewhere. ``folder``: sync.log and health.log are kept there,
    each of ``max_mb`` at most, with so many ``old`` ones.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "text", "json"] = "auto"
    folder: str | None = None
    max_mb: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 10
    old: Annotated[int, msgspec.Meta(ge=0, le=100)] = 5


class KeepSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How finely metrics are kept: each point for ``hourly_days``, one a day for ``daily_days``, one a month after.

    0 keeps them as they are for ever. ``compact_days``: bodies older than this are packed by ``modelcensus compact``.
    """

    hourly_days: Annotated[int, msgspec.Meta(ge=0)] = 30
    daily_days: Annotated[int, msgspec.Meta(ge=0)] = 365
    compact_days: Annotated[int, msgspec.Meta(ge=0)] = 0
