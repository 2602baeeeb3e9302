"""Incidents and the notices of them."""

from __future__ import annotations

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make what this version adds."""


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""
