"""Sessions: a browser in which somebody has signed in, and with what."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from modelcensus.core.access import Caller


class Credential(StrEnum):
    """What somebody signed in with: ``ADMIN_TOKEN``, an API token, or a JWT."""

    ADMIN = "admin"
    TOKEN = "token"
    JWT = "jwt"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """Who signed in, until when (microseconds since 1970).

    ``mark`` ties the session to its credential, which it ends with: the id of an API token, or what is made of the
    cookie and ``ADMIN_TOKEN`` together; empty for a JWT, whose own end is the session's.
    """

    kind: Credential
    mark: str
    caller: Caller
    created_at: int
    expires_at: int
