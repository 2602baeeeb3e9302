"""The catalog on the command line: names, plans, prices, and what people own."""

from __future__ import annotations

import typer

from modelcensus.cli.catalog import curating, naming, overriding, planning, pricing


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for room in (planning, curating, overriding, pricing, naming):
        room.add_to(app)
