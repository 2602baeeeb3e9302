"""All settings in one frozen object, from the environment, ``.env`` and ``modelcensus.toml``, in that order."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from dotenv import dotenv_values

from modelcensus.core.errors import SettingsError
from modelcensus.settings.reading import CatalogSettings, HttpSettings, SourceSettings, SyncSettings
from modelcensus.settings.serving import AccessSettings, ApiSettings, CacheSettings, InngestSettings, WebhookSettings
from modelcensus.settings.timing import CRON_PATTERN, TIMING_PATTERN
from modelcensus.settings.upkeep import HealthSettings, KeepSettings, LogSettings, NoticeSettings, WorkerSettings

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
    "SLACK_WEBHOOK_URL": "notices.slack_webhook_url",
    "ADMIN_NOTIFICATION_EMAIL": "notices.email",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "api.otel_endpoint",
}
"""Names without our prefix that the systems this one grew from use."""
_SWITCHES = frozenset({"MODELCENSUS_DEBUG", "MODELCENSUS_NO_BROWSER", "MODELCENSUS_NO_POSTGRES"})
"""Names with our prefix that are no settings: the traceback of the command line, and parts of the tests left out."""
_SECRET = re.compile(
    r"(^|[._])(key|token|secret|password|key_fallback"
    r"|heartbeat_url|heartbeat_failure_url|slack_webhook_url|smtp_url)$"
    r"|^notices\.targets\."
)


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
    worker: WorkerSettings = WorkerSettings()
    health: HealthSettings = HealthSettings()
    notices: NoticeSettings = NoticeSettings()
    logs: LogSettings = LogSettings()
    keep: KeepSettings = KeepSettings()
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


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret that is set, and the passwords within addresses: what no log may hold."""
    texts = {name: each for name, each in _flatten(msgspec.to_builtins(settings)).items() if isinstance(each, str)}
    passwords = (found[1] for each in texts.values() for found in re.finditer(r"://[^:/@\s]*:([^@\s]*)@", each))
    return tuple({*(each for name, each in texts.items() if _SECRET.search(name)), *passwords} - {""})


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
    if TIMING_PATTERN in reason:
        reason = "this is neither a cron expression, such as '0 2 * * *', nor one such as 'every 15m'"
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
