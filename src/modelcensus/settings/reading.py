"""Settings of what is read: sources, requests, syncs, and how the catalog is made of them."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from modelcensus.settings.timing import Timing


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source: an instance of an adapter. What is not set is the adapter's own.

    ``region`` is a word of yours to tell sources apart. ``schedule`` and ``models_schedule`` stand for those of
    ``sync``. With the policy ``review`` whatever the source changes in the catalog waits for a person. ``concurrency``
    and ``requests_per_second`` bound what this source asks.
    """

    adapter: str | None = None
    base_url: str | None = None
    key: str | None = None
    proxy: str | None = None
    enabled: bool = True
    region: str | None = None
    schedule: Timing | None = None
    models_schedule: Timing | None = None
    policy: Literal["auto", "review"] | None = None
    concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] | None = None
    requests_per_second: Annotated[float, msgspec.Meta(gt=0)] | None = None
    options: dict[str, str] = {}


class HttpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Limits of every request; see ``sources.http.HttpLimits``. Seconds and bytes.

    ``concurrency``: requests of one source at once. ``host_concurrency`` and ``host_requests_per_second`` bound what
    all sources together ask of one host.
    """

    concurrency: Annotated[int, msgspec.Meta(ge=1, le=64)] = 8
    host_concurrency: Annotated[int, msgspec.Meta(ge=1, le=256)] = 20
    host_requests_per_second: Annotated[float, msgspec.Meta(gt=0)] | None = None

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    total_seconds: float = 300.0
    max_body_bytes: int = 64 * 1024 * 1024
    max_decoded_bytes: int = 256 * 1024 * 1024
    attempts: int = 4
    backoff_initial: float = 0.5
    backoff_max: float = 30.0
    retry_after_max: float = 120.0


class CatalogSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the catalog is made; see docs/howto/review-a-plan.md.

    ``automatic``: a sync publishes what nothing holds. ``policy`` is that of sources that set none. ``precedence``: by
    field, sources in order. ``thresholds``: of the guards, by name.
    """

    automatic: bool = True
    policy: Literal["auto", "review"] = "auto"
    precedence: dict[str, list[str]] = {}
    thresholds: dict[str, str] = {}


class SyncSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When and how syncs are made.

    ``enabled`` False refuses cron and event triggers, and the worker starts none. The worker reads everything by
    ``schedule``, models and endpoints by ``models_schedule`` (both in ``time_zone``), each source up to
    ``jitter_seconds`` later, always the same for it. What was missed while no worker ran is made up for ``once``, each
    time (``all``), or not at all (``skip``). A failed source is
    tried ``retry_attempts`` times more, first after ``retry_ms`` milliseconds, each time twice as long. A second sync
    of a source within ``cooldown_minutes`` is refused over HTTP. A request for a sync waits up to ``wait_seconds`` for
    its result.
    """

    enabled: bool = True
    schedule: Timing = "0 2 * * *"
    models_schedule: Timing = "0 * * * *"
    time_zone: str = "UTC"
    jitter_seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 60.0
    catch_up: Literal["once", "all", "skip"] = "once"
    retry_attempts: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    retry_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 1000
    cooldown_minutes: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    wait_seconds: Annotated[float, msgspec.Meta(ge=0, le=300)] = 25.0
