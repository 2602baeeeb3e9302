"""``/trends``: price indices, price against intelligence, models by month, the cheapest, risers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.trends import By, Metric, Risers
from modelcensus.serving.context import Context
from modelcensus.web.charts.scales import figure
from modelcensus.web.rendering.pages import Pages
from modelcensus.web.trends.sections import Asked, Nothing, Past, now, past, percent, risen
from modelcensus.web.visitors.visitor import Anyone

MONTHS = (6, 12, 24, 36, 60)
_KEPT = 64
_HOUR = 3_600_000_000
_Part = TypeVar("_Part")
Only = Annotated[str, Query(max_length=200)]


def routes(context: Context, pages: Pages) -> APIRouter:
    """These paths."""
    router = APIRouter(include_in_schema=False)
    gallery = _Gallery(context.census.clock)

    def _past(edition: Edition, asked: Asked) -> Past:
        return past(context, edition, asked)

    def _risen(edition: Edition, metric: Metric) -> Risers | Nothing:
        return risen(context, edition, metric)

    @router.get("/trends")
    def get_trends(
        request: Request, visitor: Anyone, by: By = By.PROVIDER, only: Only = "",
        months: Literal["6", "12", "24", "36", "60"] = "12", metric: Metric = Metric.DOWNLOADS,
    ) -> Response:  # fmt: skip
        edition = context.shelf.seen(visitor.caller.tier)
        asked = Asked(by, only.strip(), int(months), metric)
        ready = context.ahead.ready(asked.months)
        return pages.page(
            request, visitor, "trends/trends.html", asked=asked, now=gallery.once(edition, now),
            past=gallery.once(edition, _past, asked) if ready else None,
            risers=gallery.once(edition, _risen, asked.metric),
            choices=MONTHS, percent=percent, figure=figure, api=f"/api/trends/prices?{_of_api(asked)}",
            address=lambda **other: _address(asked, **other),
        )  # fmt: skip

    return router


class _Gallery:
    """Parts of pages that were drawn: the same for everybody of a tier, until the catalog moves or the hour is over."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._held: OrderedDict[object, Any] = OrderedDict()

    def once(self, edition: Edition, draw: Callable[..., _Part], *asked: Any) -> _Part:
        """What ``draw`` makes of an edition, and of what was asked."""
        tier = None if edition.open else edition.tier
        place = (draw.__name__, asked, edition.stamp, edition.until, tier, self._clock() // _HOUR)
        with self._lock:
            held: _Part | None = self._held.get(place)
        if held is None:
            held = draw(edition, *asked)
            with self._lock:
                self._held[place] = held
                while len(self._held) > _KEPT:
                    self._held.popitem(last=False)
        return held


def _of_api(asked: Asked) -> str:
    given = {"by": asked.by.value, "months": asked.months} | ({"only": asked.only} if asked.only else {})
    return urlencode(given)


def _address(asked: Asked, *, by: By | None = None, metric: Metric | None = None) -> str:
    """This page with another choice; a group is of one way to group alone."""
    plain = Asked()
    given = {
        "by": by or asked.by,
        "only": "" if by and by is not asked.by else asked.only,
        "months": asked.months,
        "metric": metric or asked.metric,
    }
    told = {name: str(value) for name, value in given.items() if value != getattr(plain, name)}
    return "/trends" + (f"?{urlencode(told)}" if told else "")
