"""Settings of what is served, to whom."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from modelcensus.settings.timing import Cron


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may do what; see docs/howto/who-sees-what.md.

    ``mode``: ``tiers`` shows each caller the models that people enabled for their tier, ``open`` shows everybody every
    model, ``auto`` is open until somebody has enabled or disabled a model or a JWT setting is there. ``admin_token``
    opens administration, ``cron_secret`` the cron address. JWTs are checked with ``jwt_secret`` (HS256) or with the
    keys at ``jwks_url`` (RS256, ES256), never with both kinds for one token; the tier is the first of ``tier_claims``
    (names or paths, comma-separated) that there is.
    """

    mode: Literal["auto", "open", "tiers"] = "auto"
    admin_token: str | None = None
    cron_secret: str | None = None
    jwt_secret: str | None = None
    jwks_url: str | None = None
    jwt_issuer: str | None = None
    jwt_audience: str | None = None
    tier_claims: str = "subscription_tier,app_metadata.subscription_tier"


class ApiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the API says of itself and does when it has nothing.

    ``public_url`` is its address as the outside knows it; ``models_list`` names models (comma-separated OpenRouter
    ids) to answer with while the census is empty and no upstream can be read; ``live`` False never asks an upstream on
    behalf of a caller. ``log`` is how each request is logged (``auto``: text on a terminal, JSON elsewhere);
    ``otel_endpoint`` is where traces go (OTLP over HTTP).
    """

    public_url: str | None = None
    models_list: str | None = None
    live: bool = True
    log: Literal["auto", "json", "text", "off"] = "auto"
    otel_endpoint: str | None = None


class CacheSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where ready answers are kept beside the process's own memory: Redis, or Upstash over HTTP. Bytes and seconds."""

    max_bytes: int = 256 * 1024 * 1024
    redis_url: str | None = None
    upstash_url: str | None = None
    upstash_token: str | None = None


class WebhookSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How changes are pushed; see docs/howto/webhooks.md.

    ``signing_key`` is what the secrets of all webhooks are derived from; without it a census on SQLite keeps a file
    beside it. ``allow_private`` lets targets be on private addresses, and on http. A delivery is tried ``attempts``
    times, the second one after ``retry_seconds``, each pause twice as long.
    """

    signing_key: Annotated[str, msgspec.Meta(min_length=16)] | None = None
    allow_private: bool = False
    attempts: Annotated[int, msgspec.Meta(ge=1, le=20)] = 8
    retry_seconds: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    timeout_seconds: Annotated[float, msgspec.Meta(gt=0, le=60)] = 15.0


class InngestSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Inngest's keys; without ``signing_key`` there is no ``/api/inngest``, unless ``dev`` is set.

    ``schedule`` is the cron expression, in UTC, by which Inngest syncs. ``dev`` is for Inngest's development server: no
    signature is checked.
    """

    app_id: str = "modelcensus"
    event_key: str | None = None
    signing_key: str | None = None
    signing_key_fallback: str | None = None
    schedule: Cron = "0 3 * * *"
    dev: bool = False
