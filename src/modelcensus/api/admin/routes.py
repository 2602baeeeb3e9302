"""Administration: plans, models, names, overrides, inspection, audit, tokens."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter

from modelcensus.api.context import Context

RECORDS: tuple[type[msgspec.Struct], ...] = ()
"""What these paths answer with, for /openapi.json."""


def routes(context: Context) -> APIRouter:
    """These paths."""
    return APIRouter()
