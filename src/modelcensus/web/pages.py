"""The first page: is it fresh, what is in it, what changed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.staticfiles import StaticFiles

from modelcensus.core.change import ABSENT
from modelcensus.core.times import from_micros
from modelcensus.operations import browse
from modelcensus.operations.census import Census

_HERE = Path(__file__).parent
_CHANGES = 40
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def static_files() -> StaticFiles:
    """The style sheet and what else the pages need."""
    return StaticFiles(directory=_HERE / "static")


def pages(census: Census) -> APIRouter:
    """The pages of an open census."""
    router = APIRouter(include_in_schema=False)
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"age": lambda micros: age(micros, census.now()), "day": day, "number": number, "value": value}

    @router.get("/")
    def home() -> Response:
        stats = browse.census_stats(census.store)
        changes = list(browse.changes(census.store, limit=_CHANGES))
        page = templates.get_template("home.html").render(
            stats=stats, sources=browse.sources(census), syncs=browse.syncs(census.store, limit=8), changes=changes
        )
        return HTMLResponse(page, headers=SECURITY_HEADERS)

    @router.get("/entity/{key:path}")
    def entity(key: str, request: Request, source: str | None = None) -> Response:
        shown = browse.show(census.store, key, source=source)
        changes = list(browse.changes(census.store, key=key, source=source, limit=200))
        page = templates.get_template("entity.html").render(key=key, entities=shown, changes=changes, request=request)
        return HTMLResponse(page, headers=SECURITY_HEADERS)

    return router


def age(micros: int, now: datetime) -> str:
    """How long ago, in the largest fitting unit."""
    seconds = max(0, int((now - from_micros(micros)).total_seconds()))
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def day(micros: int) -> str:
    """Date and minute, UTC."""
    return from_micros(micros).strftime("%Y-%m-%d %H:%M")


def number(count: int) -> str:
    """A whole number with thin spaces."""
    return f"{count:,}".replace(",", "\u2009")


def value(field: Any) -> str:
    """A field's value in at most 120 characters."""
    text = "—" if field is ABSENT else "null" if field is None else str(field)
    return text if len(text) <= 120 else f"{text[:119]}…"

