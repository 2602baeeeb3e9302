"""What the page of trends shows, drawn: each section is worked out by itself, and may have nothing to show yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec
from markupsafe import Markup

from modelcensus.core.catalog.edition import Edition
from modelcensus.core.errors import CensusError, InvalidInput
from modelcensus.core.trends import ALL, By, Metric, Month, PriceIndex, Risers
from modelcensus.operations.trends.moving import month_before, sees_of
from modelcensus.operations.trends.rising import rising
from modelcensus.operations.trends.standing import Cheapest, Standing, cheapest, standing
from modelcensus.serving.context import Context
from modelcensus.web.charts.drawing import Dot, Line, bars, lines, scatter
from modelcensus.web.rendering.shown import model_url

_LINES = 6
_RISERS = 15
_DAYS = 30


class Asked(msgspec.Struct, frozen=True):
    """What a visitor chose to see. ``only``: a group beside all models; empty for the largest groups."""

    by: By = By.PROVIDER
    only: str = ""
    months: int = 12
    metric: Metric = Metric.DOWNLOADS


class Nothing(msgspec.Struct, frozen=True):
    """Why a section shows nothing, and what to do."""

    why: str
    hint: str


class Prices(msgspec.Struct, frozen=True, kw_only=True):
    """Price indices: the picture, and every group that can be chosen."""

    figure: Markup
    groups: Sequence[str]
    points: int


class Come(msgspec.Struct, frozen=True, kw_only=True):
    """New and retired models: the picture, and the months that had any, latest first."""

    figure: Markup
    months: Sequence[tuple[str, Month]]
    found: int


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """Price against intelligence: the picture, whom to name for the scores, and how many models have both."""

    figure: Markup
    attributions: Sequence[str]
    shown: int
    unscored: int
    unpriced: int


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be seen of today's catalog alone."""

    scored: Scored | Nothing
    cheapest: Sequence[Cheapest]


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """What the months before tell."""

    prices: Prices | Nothing
    come: Come | Nothing


def now(edition: Edition) -> Now:
    """Today's part of the page."""
    models = standing(edition)
    return Now(scored=_scored(models), cheapest=cheapest(models))


def past(context: Context, edition: Edition, asked: Asked) -> Past:
    """The part of the page that takes seconds, unless the months are remembered."""
    return Past(prices=_prices(context, edition, asked), come=_come(context, edition, asked))


def risen(context: Context, edition: Edition, metric: Metric) -> Risers | Nothing:
    """The fastest risers."""
    try:
        return rising(context.census, metric=metric, days=_DAYS, limit=_RISERS, sees=sees_of(edition))
    except CensusError as error:
        return Nothing(error.message, error.hint or "")


def _prices(context: Context, edition: Edition, asked: Asked) -> Prices | Nothing:
    try:
        found = context.moving.prices(asked.by, asked.months, sees=sees_of(edition))
    except InvalidInput:
        raise
    except CensusError as error:
        return Nothing(error.message, error.hint or "")
    wanted = asked.only.casefold()
    shown = [each for each in found.data if each.group == ALL or each.group.casefold() == wanted]
    if not wanted:
        shown = list(found.data[:_LINES])
    elif len(shown) == 1 and wanted != ALL:
        return Nothing(f"No prices of the {asked.by} '{asked.only[:80]}' are known.", "Choose another one, or all.")
    figure = lines(
        [_line(each, asked.by) for each in shown],
        title=f"Price index by {asked.by}", unit="100 at the first month of each line",
    )  # fmt: skip
    return Prices(
        figure=figure,
        groups=[each.group for each in found.data if each.group != ALL],
        points=max((len(each.points) for each in shown), default=0),
    )


def _line(index: PriceIndex, by: By) -> Line:
    name = index.group.replace("_", " ") if by is By.CAPABILITY else index.group
    points = [(point.at, float(point.index)) for point in index.points]
    return Line("all models" if index.group == ALL else name, points)


def _come(context: Context, edition: Edition, asked: Asked) -> Come | Nothing:
    try:
        found = context.moving.models(asked.months, sees=sees_of(edition)).data
    except InvalidInput:
        raise
    except CensusError as error:
        return Nothing(error.message, error.hint or "")
    if not found:
        return Nothing("There is no month to compare with yet.", "Come back next month, or import older readings.")
    named = [(month_before(each.until_at), each) for each in found]
    figure = bars(
        [(name, {"new": each.new, "retired": each.retired}) for name, each in named],
        title="New and retired models by month", unit="models",
    )  # fmt: skip
    moved = [(name, each) for name, each in reversed(named) if each.new or each.retired]
    return Come(figure=figure, months=moved, found=sum(each.found for each in found))


def _scored(models: Sequence[Standing]) -> Scored | Nothing:
    scored = [each for each in models if each.score is not None]
    if not scored:
        return Nothing("No model has a score yet.", "Read Artificial Analysis: modelcensus sync artificialanalysis")
    dots = [
        Dot(float(each.price), float(each.score.value), each.name, model_url(each.model_id))
        for each in scored
        if each.price is not None and each.score is not None
    ]
    figure = scatter(
        dots, title="Intelligence index against price", x_unit="USD per million tokens (3 of input, 1 of output)",
        y_unit="intelligence index", log_x=True,
    )  # fmt: skip
    return Scored(
        figure=figure,
        attributions=_apart({each.score.attribution for each in scored if each.score is not None}),
        shown=len(dots), unscored=len(models) - len(scored), unpriced=len(scored) - len(dots),
    )  # fmt: skip


def _apart(names: Iterable[str]) -> list[str]:
    """Names, without those that another one begins with: that one says more."""
    ordered = sorted(names)
    return [one for one, after in zip(ordered, [*ordered[1:], ""], strict=True) if not after.startswith(one)]


def percent(growth: Decimal) -> str:
    """A growth as people say it: ``+25 %``, or ``x 12`` where percents say nothing."""
    return f"+{growth * 100:,.0f} %" if growth < 10 else f"\u00d7{growth + 1:,.0f}"
