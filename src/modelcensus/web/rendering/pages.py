"""Templates become pages."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from modelcensus.core.change import ABSENT
from modelcensus.operations.census import Census
from modelcensus.version import __version__
from modelcensus.web.rendering import shown, words
from modelcensus.web.rendering.assets import asset
from modelcensus.web.rendering.telling import forgotten, telling
from modelcensus.web.visitors.visitor import Visitor

_TEMPLATES = Path(__file__).parent.parent / "templates"


class Pages:
    """The pages of an open census: each a template of ``templates/<room>/`` and what it shows."""

    def __init__(self, census: Census) -> None:
        self._templates = _environment(census)
        self._clock = census.clock
        self._lost_at: int | None = None

    def page(
        self, request: Request, visitor: Visitor, template: str, /, *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """One page. ``here`` is its path, ``visitor`` who sees it; what was told by an act before it shows once."""
        said = telling(request)
        text = self.part(template, visitor=visitor, here=request.url.path, said=said, **values)
        self._lost_at = None
        # A page of a signed-in browser must not come back with its Back key after signing out.
        keep = "no-store" if visitor.proof or visitor.may_look or said else "no-cache"
        answer = HTMLResponse(text, status, {"Cache-Control": keep})
        if said:
            forgotten(answer)
        return answer

    def part(self, template: str, /, **values: Any) -> str:
        """A part of a page, for a script that puts it in its place."""
        return self._templates.get_template(template).render(**values)

    def fault(
        self, status: int, title: str, hint: str = "", *, suggestions: Sequence[str] = (), query: str = "",
        visitor: Visitor | None = None, lost: bool = False,
    ) -> HTMLResponse:  # fmt: skip
        """One designed page for any error. It asks the database nothing.

        ``lost``: the database is why; then the page says since when, as far as pages have been asked for, and what
        still works.
        """
        if lost and self._lost_at is None:
            self._lost_at = self._clock()
        text = self.part(
            "fault.html", status=status, heading=_HEADINGS.get(status, "This request cannot be answered"),
            title=shown.brief(title, 300), hint=shown.brief(hint, 300), suggestions=suggestions,
            query=shown.brief(query, 200), visitor=visitor, here="", said=None,
            lost_at=self._lost_at if lost else None,
        )  # fmt: skip
        return HTMLResponse(text, status, {"Cache-Control": "no-store"})


_HEADINGS = {
    403: "This is not yours to do",
    404: "Nothing here by that name",
    409: "The catalog has moved meanwhile",
    503: "The database does not answer",
    500: "Something went wrong here",
}


def _environment(census: Census) -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=select_autoescape(), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    now = census.now

    def age(micros: int) -> str:
        return shown.age(micros, now())

    found.filters |= {**shown.FILTERS, "age": age, "label": words.label, "rate": words.rate}
    found.tests["absent"] = lambda field: field is ABSENT
    found.globals |= {"asset": asset, "delta": shown.delta, "version": __version__}
    return found
