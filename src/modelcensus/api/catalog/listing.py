"""``GET /api/models``: the catalog filtered, sorted, page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.answering import answer
from modelcensus.api.catalog.asked import Limit, moment
from modelcensus.api.parameters import MaybeWhen
from modelcensus.api.schemas import one
from modelcensus.core.catalog.answers import Models
from modelcensus.core.catalog.asking import DAY_PATTERN, MAX_CONTEXT, MAX_WORD, MAX_WORDS, MONEY_PATTERN, query_of
from modelcensus.core.catalog.listing import CAPABILITIES, Modality
from modelcensus.core.catalog.query import FIELDS_PATTERN, MAX_TEXT, Lifecycle, Sort
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (Models,)
"""What these paths answer with, for /openapi.json."""

if TYPE_CHECKING:
    Capability = str
else:
    Capability = Literal[CAPABILITIES]

_Word = Annotated[str, Query(min_length=1, max_length=MAX_WORD)]
Some = Annotated[list[_Word], Query(max_length=MAX_WORDS, description="Any of these; give it several times.")]
Every = Annotated[list[_Word], Query(max_length=MAX_WORDS, description="All of these; give it several times.")]
Able = Annotated[list[Capability], Query(max_length=MAX_WORDS, description="All of these; give it several times.")]
Kinds = Annotated[list[Modality], Query(max_length=MAX_WORDS, description="Any of these; give it several times.")]
Lives = Annotated[
    list[Lifecycle],
    Query(max_length=10, description="Any of these; without it active and deprecated ones, which somebody offers."),
]
Money = Annotated[
    str | None,
    Query(pattern=MONEY_PATTERN, description="USD per million tokens; unknown prices fit no bound."),
]
Tokens = Annotated[int | None, Query(ge=0, le=MAX_CONTEXT, description="Tokens of context at least.")]
Free = Annotated[bool | None, Query(description="Whether all known prices are 0. An unknown price is neither.")]
Curated = Annotated[bool | None, Query(description="Whether people marked it as curated.")]
Open = Annotated[bool | None, Query(description="Whether its weights are open. Where nobody says so it is neither.")]
Day = Annotated[str | None, Query(pattern=DAY_PATTERN, description="Those that retire before this day.")]
Text = Annotated[
    str | None, Query(max_length=MAX_TEXT, description="Words that are in the id, a name or an alias, in any case.")
]
Fields = Annotated[
    str | None,
    Query(
        max_length=1000,
        description="Only these fields, comma-separated; parts too: `id,name,price.input`.",
        json_schema_extra={"pattern": FIELDS_PATTERN},
    ),
]
After = Annotated[
    str | None, Query(max_length=4000, description="`next` of the page before; its time goes before `as_of`.")
]


def add(router: APIRouter, public: PublicCatalog) -> None:
    """These paths."""

    @router.get("/models", summary="The models that the caller sees, in pages", **one("Models"))
    def get_models(
        request: Request, caller: Anyone, provider: Some = [], lab: Some = [], offered_by: Some = [],  # noqa: B006
        modality: Kinds = [], input_modality: Every = [], output_modality: Every = [], capability: Able = [],  # noqa: B006
        min_price_input: Money = None, max_price_input: Money = None, min_price_output: Money = None,
        max_price_output: Money = None, free: Free = None, min_context: Tokens = None, lifecycle: Lives = [],  # noqa: B006
        retiring_before: Day = None, curated: Curated = None, open_weights: Open = None, q: Text = None,
        sort: Sort = Sort.ID, limit: Limit = 100, after: After = None, as_of: MaybeWhen = None, fields: Fields = None,
    ) -> Response:  # fmt: skip
        # FastAPI copies a default before it hands it over: the empty lists are nobody's to change.
        query = query_of({
            "q": q, "provider": provider, "lab": lab, "offered_by": offered_by, "modality": modality,
            "input_modality": input_modality, "output_modality": output_modality, "capability": capability,
            "min_price_input": min_price_input, "max_price_input": max_price_input,
            "min_price_output": min_price_output, "max_price_output": max_price_output, "free": free,
            "min_context": min_context, "lifecycle": lifecycle, "retiring_before": retiring_before,
            "curated": curated, "open_weights": open_weights,
        })  # fmt: skip
        then = moment(public, as_of)
        found = public.models(caller.tier, query, sort=sort, limit=limit, after=after, as_of=then, fields=fields)
        return answer(request, found)
