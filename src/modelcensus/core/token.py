"""API tokens: named credentials with a role, a tier and an end; their secret is never kept."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from modelcensus.core.access import Caller, Role
from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import InvalidInput
from modelcensus.core.times import parse_time, to_micros

PREFIX = "mct_"
"""How the secret of a token begins, so that people and secret scanners know one when they see it."""
SECRET_BYTES = 32
# A secret given by mistake where a name belongs must never be shown as one.
_NAME = re.compile(rf"(?!{PREFIX})[A-Za-z0-9][A-Za-z0-9._@-]{{0,63}}")
_SECRET = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_LATER = re.compile(r"([0-9]{1,6})\s*([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class TokenState(StrEnum):
    """Whether a token opens anything."""

    LIVE = "live"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it may be shown. Times are microseconds since 1970; ``last_used_at`` is right to a minute."""

    id: str
    name: str
    role: Role
    tier: Tier
    state: TokenState
    created_by: str
    created_at: int
    expires_at: int | None = None
    revoked_at: int | None = None
    revoked_by: str | None = None
    last_used_at: int | None = None

    @property
    def caller(self) -> Caller:
        """Whoever holds it. The word before the name keeps a token from passing for a person in the audit log."""
        return Caller(name=f"token {self.name}", tier=self.tier, role=self.role)

    def is_live(self, now: int) -> bool:
        """Whether it still opens anything."""
        return self.state is TokenState.LIVE and not (self.expires_at is not None and self.expires_at <= now)


class CreatedToken(msgspec.Struct, frozen=True):
    """A new token and its secret, which is told this once."""

    token: Token
    secret: str


def looks_right(secret: str) -> bool:
    """Whether text has the form of a token's secret."""
    return _SECRET.fullmatch(secret) is not None


def usable_name(text: str) -> str:
    """The name of a token, checked. Raises ``InvalidInput``."""
    if not _NAME.fullmatch(text):
        raise InvalidInput(
            "that cannot be the name of a token", "use at most 64 letters, digits and . _ @ -, a letter or digit first"
        )
    return text


def end_of(text: str, now: datetime) -> int:
    """When something ends that a person wrote: an age from now on such as ``90d``, or a date or time; in microseconds.

    Raises ``InvalidInput``, also for a time that is over.
    """
    if match := _LATER.fullmatch(text.strip()):
        try:
            end = to_micros(now + timedelta(**{_UNITS[match[2]]: int(match[1])}))
        except OverflowError as error:
            raise InvalidInput("that end is too far away", "name an end within a few years, such as 90d") from error
    else:
        end = parse_time(text, now)
    if end <= to_micros(now):
        raise InvalidInput("that end is over already", "write how long from now, such as 90d, or a later date")
    return end
