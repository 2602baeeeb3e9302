"""Who asks, and what they may do."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from modelcensus.core.catalog.model import Tier


class Role(StrEnum):
    """What a caller may do beyond reading the public catalog; each may do what those before it may.

    READER reads what its tier sees. VIEWER sees administration. CURATOR edits models, names and overrides, and decides
    plans. ADMIN also syncs, and keeps tokens and webhooks.
    """

    READER = "reader"
    VIEWER = "viewer"
    CURATOR = "curator"
    ADMIN = "admin"

    def reaches(self, needed: Role) -> bool:
        """Whether this role may do what needs the other."""
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a name for the audit log, the tier whose models they see, and a role.

    ``known``: they gave credentials, and these were right.
    """

    name: str
    tier: Tier = Tier.FREE
    role: Role = Role.READER
    known: bool = True


ANONYMOUS = Caller(name="anonymous", known=False)
"""Whoever gives no credentials."""
