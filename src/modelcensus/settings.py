"""All settings in one frozen object, from the environment, ``.env`` and ``modelcensus.toml``, in that order."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from dotenv import dotenv_values

from modelcensus.core.errors import SettingsError

FILE = "modelcensus.toml"
PREFIX = "MODELCENSUS_"
_FOREIGN = {
    "DATABASE_URL": "database_url",
    "OPENROUTER_API_KEY": "sources.openrouter.key",
    "OPENAI_API_KEY": "sources.openai.key",
    "ANTHROPIC_API_KEY": "sources.anthropic.key",
    "GOOGLE_API_KEY": "sources.google.key",
    "GEMINI_API_KEY": "sources.google.key",
    "HF_TOKEN": "sources.huggingface.key",
    "AA_API_KEY": "sources.artificialanalysis.key",
    "ARTIFICIAL_ANALYSIS_API_KEY": "sources.artificialanalysis.key",
    "ADMIN_TOKEN": "access.admin_token",
    "CRON_SECRET": "access.cron_secret",
    "JWT_SECRET": "access.jwt_secret",
    "JWKS_URL": "access.jwks_url",
    "MODEL_SYNC_ENABLED": "sync.enabled",
    "MODEL_SYNC_SCHEDULE": "sync.schedule",
    "MODEL_SYNC_RETRY_ATTEMPTS": "sync.retry_attempts",
    "MODEL_SYNC_COOLDOWN_MINUTES": "sync.cooldown_minutes",
    "API_RETRY_MS": "sync.retry_ms",
    "OPENROUTER_MODELS_LIST": "api.models_list",
    "REDIS_URL": "cache.redis_url",
    "UPSTASH_REDIS_REST_URL": "cache.upstash_url",
    "UPSTASH_REDIS_REST_TOKEN": "cache.upstash_token",
    "INNGEST_EVENT_KEY": "inngest.event_key",
    "INNGEST_SIGNING_KEY": "inngest.signing_key",
    "INNGEST_SIGNING_KEY_FALLBACK": "inngest.signing_key_fallback",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "api.otel_endpoint",
}
"""Names without our prefix that the systems this one grew from use."""
_SWITCHES = frozenset({"MODELCENSUS_DEBUG", "MODELCENSUS_NO_BROWSER", "MODELCENSUS_NO_POSTGRES"})
"""Names with our prefix that are no settings: the traceback of the command line, and parts of the tests left out."""
_SECRET = re.compile(r"(^|[._])(key|token|secret|password|key_fallback)$")


def _cron_field(value: str) -> str:
    """A pattern for one field of a cron expression: ``*``, ``5``, ``1-5``, ``*/15``, ``0,30`` ..."""
    part = rf"(?:\*|{value}(?:-{value})?)(?:/[1-9]\d?)?"
    return f"{part}(?:,{part})*"


_CRON_FIELDS = (
    "[0-5]?[0-9]", "(?:[01]?[0-9]|2[0-3])", "(?:0?[1-9]|[12][0-9]|3[01])",
    "(?:0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", "(?:[0-7]|sun|mon|tue|wed|thu|fri|sat)",
)  # fmt: skip
CRON_PATTERN = rf"(?i)^{' +'.join(map(_cron_field, _CRON_FIELDS))}\Z"
"""A cron expression: minute, hour, day of the month, month, day of the week."""
Cron = Annotated[str, msgspec.Meta(pattern=CRON_PATTERN)]


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source: an instance of an adapter. What is not set is the adapter's own.

    ``region`` is a word of yours to tell sources apart; ``schedule`` is a cron expression; with the policy ``review``
    whatever the source changes in the catalog waits for a person; ``concurrency`` and
    ``requests_per_second`` bound what this source asks.
    """

    adapter: str | None = None
    base_url: str | None = None
    key: str | None = None
    proxy: str | None = None
    enabled: bool = True
    region: str | None = None
    schedule: Cron | None = None
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


class SyncSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How syncs are triggered from outside.

    ``enabled`` False refuses cron and event triggers; ``schedule`` is a cron expression in UTC. A failed source is
    tried ``retry_attempts`` times more, first after ``retry_ms`` milliseconds, each time twice as long. A second sync
    of a source within ``cooldown_minutes`` is refused over HTTP. A request for a sync waits up to ``wait_seconds`` for
    its result.
    """

    enabled: bool = True
    schedule: Cron = "0 2 * * *"
    retry_attempts: Annotated[int, msgspec.Meta(ge=0, le=10)] = 3
    retry_ms: Annotated[int, msgspec.Meta(ge=0, le=600_000)] = 1000
    cooldown_minutes: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    wait_seconds: Annotated[float, msgspec.Meta(ge=0, le=300)] = 25.0


class ApiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the API says of itself and does when it has nothing.

    ``public_url`` is its address as the outside knows it; ``models_list`` names models (comma-separated OpenRouter
    ids) to answer with while the census is empty and no upstream can be read; ``live`` False never asks an upstream on
    behalf of a caller. ``log`` is how each request is logged; ``otel_endpoint`` is where traces go (OTLP over HTTP).
    """

    public_url: str | None = None
    models_list: str | None = None
    live: bool = True
    log: Literal["json", "text", "off"] = "text"
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


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be set, with its default.

    ``metric_days``: how long metric points are kept; 0 is for ever. ``parallel``: sources read at once. Readings that
    are interrupted leave their pages in ``journal_folder`` (by default beside the SQLite file, else data/journals) and
    go on from there within ``resume_minutes``; 0 always begins anew. ``native_facts``: a folder with your own price
    files; ``native_filter``: your own filter file.
    """

    database_url: str = "sqlite:///data/modelcensus.db"
    database_timeout: float = 30.0
    metric_days: int = 1095
    parallel: Annotated[int, msgspec.Meta(ge=1, le=256)] = 16
    journal_folder: str | None = None
    resume_minutes: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    native_facts: str | None = None
    native_filter: str | None = None
    catalog: CatalogSettings = CatalogSettings()
    access: AccessSettings = AccessSettings()
    sync: SyncSettings = SyncSettings()
    api: ApiSettings = ApiSettings()
    cache: CacheSettings = CacheSettings()
    webhooks: WebhookSettings = WebhookSettings()
    inngest: InngestSettings = InngestSettings()
    host: str = "127.0.0.1"
    port: int = 8000
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    http: HttpSettings = HttpSettings()
    sources: dict[str, SourceSettings] = {}


class Loaded(msgspec.Struct, frozen=True):
    """Settings and where each one that is not a default came from, by dotted name."""

    settings: Settings
    origins: dict[str, str]


class Shown(msgspec.Struct, frozen=True):
    """One setting as it may be shown: secrets masked."""

    name: str
    value: Any
    origin: str


def key_setting(source: str) -> str:
    """Where the key of a source is set, in words."""
    setting = f"sources.{source}.key"
    own = f"{PREFIX}SOURCES__{source.upper().replace('-', '_')}__KEY"
    variable = next((name for name, meant in reversed(_FOREIGN.items()) if meant == setting), own)
    return f"{setting} (or {variable} in the environment or .env)"


def load(folder: Path, environment: Mapping[str, str] | None = None) -> Loaded:
    """Read the settings that apply in ``folder``. Raises ``SettingsError`` naming the setting and where it was set."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, value in _from_toml(folder / FILE).items():
        values[name], origins[name] = value, FILE
    dotenv = {name: value for name, value in dotenv_values(folder / ".env").items() if value is not None}
    for variables, label in ((dotenv, ".env"), (environment, "environment")):
        for name, (variable, text) in _from_variables(variables).items():
            values[name], origins[name] = text, f"{label} {variable}"
    return Loaded(_convert(values, origins), origins)


def shown(loaded: Loaded) -> list[Shown]:
    """Every setting in order, secrets masked, passwords in addresses left out."""
    rows = []
    for name, value in _flatten(msgspec.to_builtins(loaded.settings)).items():
        if value is not None and _SECRET.search(name):
            value = "********"
        elif isinstance(value, str):
            value = re.sub(r"(://[^:/@\s]*):[^@\s]*@", r"\1:********@", value)
        rows.append(Shown(name, value, loaded.origins.get(name, "default")))
    return rows


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}", "correct or remove the file") from error
    try:
        return _flatten(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name} is not valid TOML: {error}", "correct the file") from error


def _from_variables(variables: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Dotted name -> (variable, text). Ours win over foreign names; ``__`` is a dot, ``_`` a dash in source names."""
    found: dict[str, tuple[str, str]] = {}
    for variable, name in _FOREIGN.items():
        if variables.get(variable):
            found[name] = (variable, variables[variable])
    for variable, text in variables.items():
        if variable.startswith(PREFIX) and variable not in _SWITCHES:
            parts = variable.removeprefix(PREFIX).lower().split("__")
            if parts[0] == "sources" and len(parts) > 1:
                parts[1] = parts[1].replace("_", "-")
            found[".".join(parts)] = (variable, text)
    return found


def _convert(values: Mapping[str, Any], origins: Mapping[str, str]) -> Settings:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *outer, last = name.split(".")
        place = tree
        for part in outer:
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise SettingsError(
                    f"the setting {name} cannot be set", f"{part} is no group; see 'modelcensus config'"
                )
        place[last] = value
    try:
        return msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise _explain(error, origins) from error


def _explain(error: msgspec.ValidationError, origins: Mapping[str, str]) -> SettingsError:
    reason, _, place = str(error).partition(" - at ")
    name = place.strip("`$.") or reason.rpartition("`")[0].rpartition("`")[2]
    if CRON_PATTERN in reason:
        reason = "this is no cron expression, such as '0 2 * * *' for 02:00 UTC each day"
    unknown = re.search(r"unknown field `(.+?)`", reason)
    if unknown:
        name = f"{place.strip('`$.')}.{unknown[1]}".strip(".")
        reason = "there is no such setting"
    if "[...]" in name:
        tail = name.rpartition("[...]")[2].strip(".")
        name = next((full for full in origins if full.endswith(tail)), name)
    origin = origins.get(name, "settings")
    return SettingsError(
        f"the setting {name} ({origin}) is wrong: {reason}", "see 'modelcensus config --all' for every name"
    )


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            flat |= _flatten(value, f"{prefix}{name}.")
        elif not isinstance(value, Mapping):
            flat[f"{prefix}{name}"] = value
    return flat
