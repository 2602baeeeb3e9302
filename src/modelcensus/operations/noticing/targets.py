"""Targets: the names that people gave, and the addresses behind them, which are secrets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from modelcensus.core.errors import SettingsError
from modelcensus.settings import NoticeSettings

SLACK, EMAIL = "slack", "email"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SLACK_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})
_ADDRESS = re.compile(r"[^@\s,<>\"]{1,64}@[^@\s,<>\"]{1,253}")


@dataclass(frozen=True)
class Target:
    """Where messages go to: an address as Apprise has it, its parts, or one that takes Slack's payload.

    The address shows up in no ``repr``, so in no log and no traceback.
    """

    name: str
    address: str | dict[str, Any] = field(repr=False)
    slack_json: bool = False


def targets_of(settings: NoticeSettings) -> dict[str, Target]:
    """All targets by name. Raises ``SettingsError`` for a name or an address that cannot be used."""
    found = {name: Target(_named(name), address) for name, address in settings.targets.items()}
    more = []
    if settings.slack_webhook_url:
        more.append(_slack(settings.slack_webhook_url))
    if settings.email:
        more.append(_email(settings.email, settings.smtp_url))
    for target in more:
        if target.name in found:
            raise SettingsError(
                f"there are two targets of the name '{target.name}'", f"call notices.targets.{target.name} another name"
            )
        found[target.name] = target
    return found


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise SettingsError(
            "a target in notices.targets has a name that cannot be used",
            "use letters, digits, '.', '_' and '-', at most 40",
        )
    return name


def _slack(address: str) -> Target:
    """A webhook of Slack's own goes by Apprise; any other address is posted Slack's JSON."""
    parts = urlsplit(address)
    own = parts.scheme == "https" and parts.hostname in _SLACK_HOSTS
    return Target(SLACK, address, slack_json=not own)


def _email(email: str, smtp_url: str | None) -> Target:
    """One or several addresses (comma-separated), by way of a server.

    With a password the connection must be encrypted: STARTTLS, or TLS from the start for smtps.
    """
    receivers = [each.strip() for each in email.split(",") if each.strip()]
    if not receivers or not all(_ADDRESS.fullmatch(each) for each in receivers):
        raise SettingsError("the setting notices.email is no e-mail address", "write one, or several with commas")
    if not smtp_url:
        raise SettingsError(
            "notices.email is set, and notices.smtp_url is not",
            "set it to your mail server: smtp://user:password@host:587",
        )
    wrong = SettingsError("the setting notices.smtp_url cannot be used", "write smtp://user:password@host:587")
    try:
        parts = urlsplit(smtp_url)
        host, port, user = parts.hostname, parts.port, unquote(parts.username or "")
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("smtp", "smtps") or not host:
        raise wrong
    secure = "ssl" if parts.scheme == "smtps" else "starttls" if user else "insecure"
    sender = (parse_qs(parts.query).get("from") or [user if _ADDRESS.fullmatch(user) else receivers[0]])[0]
    return Target(
        EMAIL,
        {
            "schema": "mailto" if secure == "insecure" else "mailtos", "host": host, "smtp_host": host,
            "port": port or {"ssl": 465, "starttls": 587, "insecure": 25}[secure], "secure_mode": secure,
            "user": user or None, "password": unquote(parts.password) if parts.password else None,
            "from_addr": sender, "targets": receivers, "format": "text",
        },
    )  # fmt: skip
