"""Names that no rule links: what they are, models to look at, one click to link; and what people decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response

from modelcensus.core.catalog.fields import number
from modelcensus.operations.catalog.questions import Asked, Waiting, model_ids, models_named
from modelcensus.serving.context import Context
from modelcensus.serving.joining import join
from modelcensus.web.admin.names import deciding
from modelcensus.web.rendering.leaves import Leaf, leaf
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.queries import Query, query_of
from modelcensus.web.visitors.visitor import Viewer

_PER_PAGE = 25
_LINKED = 100
SHOWN = ("waiting", "decided", "linked")


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.get("/admin/names")
    def get_names(request: Request, visitor: Viewer) -> Response:
        query, asked = query_of(request), context.questions.names()
        show = query.one_of("show", SHOWN) or SHOWN[0]
        found = _FINDERS[show](asked, query)
        page = leaf(found, query, _LINKED if show == "linked" else _PER_PAGE)
        return pages.page(
            request, visitor, f"admin/names/{show}.html", query=query, show=show, leaf=page,
            sources=_sources(asked, show), sizes={each: len(_FINDERS[each](asked, Query(""))) for each in SHOWN},
            models=_facts(context, page) if show == "waiting" else {}, titles=asked.titles,
        )  # fmt: skip

    @router.get("/admin/names/models")
    def get_models(request: Request, visitor: Viewer) -> Response:
        """Ids of all models as options, for a script that proposes them while a person types."""
        return pages.page(request, visitor, "admin/names/options.html", ids=model_ids(census))

    join(router, deciding.routes(context, pages))
    return router


def _waiting(asked: Asked, query: Query) -> list[Waiting]:
    only = query.flag("candidates")
    return [
        each
        for each in asked.names
        if (each.word is None or each.word.linked) and _fits(each, query) and only in (None, bool(each.candidates))
    ]


def _fits(each: Waiting, query: Query) -> bool:
    text, source = query.text("text").casefold(), query.text("source")
    said = (each.listing.key, each.listing.name or "", each.reason)
    return source in ("", each.listing.source) and (not text or any(text in part.casefold() for part in said))


def _decided(asked: Asked, query: Query) -> list[Any]:
    found = [each for each in asked.words.values() if _about(each, query, asked.titles)]
    return sorted(found, key=lambda each: (-each.at, each.source, each.key))


def _linked(asked: Asked, query: Query) -> list[Any]:
    return [each for each in asked.aliases if _about(each, query, asked.titles)]


def _about(each: Any, query: Query, titles: Mapping[tuple[str, str], str]) -> bool:
    text, source = query.text("text").casefold(), query.text("source")
    said = (each.key, each.model_id or "", titles.get((each.source, each.key), ""))
    return source in ("", each.source) and (not text or any(text in part.casefold() for part in said))


_FINDERS: dict[str, Callable[[Asked, Query], Sequence[Any]]] = {
    "waiting": _waiting, "decided": _decided, "linked": _linked,
}  # fmt: skip


def _sources(asked: Asked, show: str) -> list[tuple[str, int]]:
    """The sources of the names that are shown, and how many names each has."""
    places: Iterable[str] = (
        (each.listing.source for each in _waiting(asked, Query("")))
        if show == "waiting"
        else (each.source for each in _FINDERS[show](asked, Query("")))
    )
    return sorted(Counter(places).items())


def _facts(context: Context, page: Leaf[Waiting]) -> dict[str, dict[str, Any]]:
    """What tells the candidates of a page from each other, by id; a model that is not published has nothing yet."""
    ids = {candidate for each in page.items for candidate in each.candidates}
    return {
        model.id: {
            "name": model.fields.get("name"), "context": model.fields.get("context"),
            "input": number(model.fields.get("price.input")), "output": number(model.fields.get("price.output")),
        }
        for model in models_named(context.census, ids).values()
    }  # fmt: skip
