"""All settings in one frozen object, from the environment, ``.env`` and ``modelcensus.toml``, in that order."""

from modelcensus.settings.loading import (
    FILE,
    PREFIX,
    Loaded,
    Settings,
    Shown,
    key_setting,
    load,
    secrets_of,
    shown,
)
from modelcensus.settings.reading import CatalogSettings, HttpSettings, SourceSettings, SyncSettings
from modelcensus.settings.serving import AccessSettings, ApiSettings, CacheSettings, InngestSettings, WebhookSettings
from modelcensus.settings.upkeep import (
    HealthSettings,
    KeepSettings,
    LogSettings,
    NoticeSettings,
    RuleSettings,
    WorkerSettings,
)

__all__ = [
    "FILE",
    "PREFIX",
    "AccessSettings",
    "ApiSettings",
    "CacheSettings",
    "CatalogSettings",
    "HealthSettings",
    "HttpSettings",
    "InngestSettings",
    "KeepSettings",
    "Loaded",
    "LogSettings",
    "NoticeSettings",
    "RuleSettings",
    "Settings",
    "Shown",
    "SourceSettings",
    "SyncSettings",
    "WebhookSettings",
    "WorkerSettings",
    "key_setting",
    "load",
    "secrets_of",
    "shown",
]
