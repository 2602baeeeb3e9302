"""Pages that say what went wrong and what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.responses import HTMLResponse
from jinja2 import Environment

from modelcensus.web.shown import brief

_HEADINGS = {
    404: "Nothing here by that name",
    503: "The database does not answer",
    500: "Something went wrong here",
}


def fault_page(
    templates: Environment, status: int, title: str, hint: str = "", suggestions: Sequence[str] = (), query: str = ""
) -> HTMLResponse:
    """One designed page for any error. It asks the database nothing."""
    page = templates.get_template("fault.html").render(
        status=status, heading=_HEADINGS.get(status, "This request cannot be answered"), title=brief(title, 300),
        hint=brief(hint, 300), suggestions=suggestions, query=brief(query, 200),
    )  # fmt: skip
    return HTMLResponse(page, status, headers={"Cache-Control": "no-store"})
