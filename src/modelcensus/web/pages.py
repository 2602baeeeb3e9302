"""The pages: is it fresh, what is in it, what changed; and one page for each entity."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.staticfiles import StaticFiles

from modelcensus.core import canonical
from modelcensus.core.change import ABSENT
from modelcensus.core.errors import NotFound
from modelcensus.core.records import Entity
from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.suggest import suggest
from modelcensus.version import __version__
from modelcensus.web import shown
from modelcensus.web.facts import description_of, facts_of
from modelcensus.web.faults import fault_page
from modelcensus.web.freshness import TONES, standing
from modelcensus.web.moments import moments

_HERE = Path(__file__).parent
_CHANGES_AT_HOME = 60
_CHANGES_OF_ENTITY = 50
_SYNCS = 10
_FOUND = 60


def static_files() -> StaticFiles:
    """The style sheet and the icon."""
    return StaticFiles(directory=_HERE / "static")


class Pages:
    """The pages of an open census."""

    def __init__(self, census: Census) -> None:
        self.census = census

    @cached_property
    def templates(self) -> Environment:
        """The templates, with what they may use."""
        found = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        now = self.census.now
        found.filters |= {**shown.FILTERS, "age": lambda micros: shown.age(micros, now())}
        found.tests["absent"] = lambda field: field is ABSENT
        style = hashlib.blake2b((_HERE / "static" / "style.css").read_bytes(), digest_size=6).hexdigest()
        found.globals |= {"delta": shown.delta, "style": style, "version": __version__, "tones": TONES}
        return found

    def router(self) -> APIRouter:
        """The pages' paths."""
        router = APIRouter(include_in_schema=False)
        router.add_api_route("/", self.home)
        router.add_api_route("/find", self.find)
        router.add_api_route("/entity", self.entity)
        router.add_api_route("/entity/{key:path}", self.entity)
        return router

    def home(self) -> Response:
        """Freshness, totals, the latest changes, the latest syncs."""
        census = self.census
        sources = [(state, standing(state, census.now())) for state in browse.sources(census)]
        changes = browse.changes(census.store, limit=_CHANGES_AT_HOME)
        return self._page(
            "home.html", sources=sources, stats=browse.census_stats(census.store), moments=moments(changes),
            syncs=browse.syncs(census.store, limit=_SYNCS),
        )  # fmt: skip

    def find(self, q: str = "") -> Response:
        """Keys that contain a text; straight to the entity if the text is its key."""
        wanted = q.strip()
        keys = suggest(self.census.store, wanted, limit=_FOUND) if wanted else []
        if wanted in keys:
            return RedirectResponse(shown.entity_url(wanted), 303)
        return self._page("find.html", query=wanted, keys=keys, most=_FOUND)

    def entity(self, key: str = "", source: str | None = None) -> Response:
        """What the sources say of a key, and what changed about it."""
        store = self.census.store
        try:
            if "\0" in key:
                raise NotFound("no entity's key holds a NUL character")
            entities = browse.show(store, key, source=source)
        except NotFound as error:
            return fault_page(self.templates, 404, error.message, suggestions=suggest(store, key), query=key)
        decoded = [_decoded(entity) for entity in entities]
        changes = list(browse.changes(store, key=key, source=source, limit=_CHANGES_OF_ENTITY))
        return self._page(
            "entity.html", key=key, source=source, entities=[(each, _raw(each)) for each in entities],
            facts=facts_of(decoded), description=description_of(decoded), changes=changes, most=_CHANGES_OF_ENTITY,
        )  # fmt: skip

    def _page(self, template: str, **values: Any) -> Response:
        page = self.templates.get_template(template).render(**values)
        return HTMLResponse(page, headers={"Cache-Control": "no-cache"})


def _decoded(entity: Entity) -> Any:
    return canonical.decode(bytes(entity.version.data)) if entity.version.data is not None else {}


def _raw(entity: Entity) -> str:
    return shown.pretty(bytes(entity.version.data)) if entity.version.data is not None else ""
