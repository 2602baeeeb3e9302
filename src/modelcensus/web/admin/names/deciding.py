"""A person's word on a name: it is this model, or it is none."""

from __future__ import annotations

from fastapi import APIRouter, Response

from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.operations.catalog import linking
from modelcensus.operations.catalog.questions import model_ids
from modelcensus.serving.context import Context
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.rendering.shown import brief
from modelcensus.web.visitors.forms import Form, Posted, local_path, onward
from modelcensus.web.visitors.visitor import Curator

_WHY = "said on the page of names"
_NEXT = "The next plan tells what this changes in the catalog."


def routes(context: Context, pages: Pages) -> APIRouter:  # noqa: ARG001  # every room is asked alike
    """These paths."""
    router = APIRouter(include_in_schema=False)
    census = context.census

    @router.post("/admin/names/link")
    def post_link(visitor: Curator, form: Posted) -> Response:
        source, key, why = _named(form)
        model_id, back = form.one("model_id"), _back(form)
        try:
            if form.one("own") != "yes":
                _known(model_id)
            linking.link(census.store, source, key, model_id, visitor.caller.name, why, census.clock())
        except CensusError as error:
            return onward(back, f"Not linked: {error.message}; {error.hint}.", "bad")
        return onward(back, f"{brief(key, 80)} is {brief(model_id, 80)}. {_NEXT}")

    @router.post("/admin/names/unlink")
    def post_unlink(visitor: Curator, form: Posted) -> Response:
        source, key, why = _named(form)
        linking.unlink(census.store, source, key, visitor.caller.name, why, census.clock())
        return onward(_back(form), f"{brief(key, 80)} is no model of the catalog. {_NEXT}")

    def _known(model_id: str) -> None:
        known = model_ids(census)
        if model_id in known:
            return
        tail = model_id.rpartition("/")[2].casefold()
        close = [each for each in known if tail and tail in each.casefold()][:3]
        raise InvalidInput(
            f"the catalog has no model '{brief(model_id, 80)}'",
            f"perhaps {', '.join(close)}" if close else "choose one of the list, or tick that it is a new one",
        )

    return router


def _named(form: Form) -> tuple[str, str, str]:
    return form.must("source", "the source"), form.must("key", "the name"), form.one("reason") or _WHY


def _back(form: Form) -> str:
    """The page that a form came from, at the name that has taken the place of the one that was decided."""
    back, place = local_path(form.one("back"), "/admin/names"), form.one("place")
    return f"{back}#{place}" if place.isascii() and place.replace("-", "").isalnum() else back
