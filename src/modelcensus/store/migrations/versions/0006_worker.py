"""Workers, the times at which sources are due, and attempts."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make what this version adds."""


def downgrade() -> None:
    """Data is never taken away: restore a backup instead."""
