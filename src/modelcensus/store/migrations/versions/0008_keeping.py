"""Blocks of packed bodies, and metrics rolled up."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make what this version adds."""


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""
