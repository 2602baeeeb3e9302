"""What a name means, and what a use of a model cost."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response

from modelcensus.api.answering import answer
from modelcensus.api.catalog.asked import moment
from modelcensus.api.parameters import When
from modelcensus.api.schemas import one
from modelcensus.core.catalog.answers import PricedUse
from modelcensus.core.catalog.cost import MAX_COUNT, Usage
from modelcensus.operations.catalog.counting import priced
from modelcensus.operations.catalog.names import MAX_NAME, Resolved
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.serving.guard import Anyone

RECORDS: tuple[type[msgspec.Struct], ...] = (Resolved, PricedUse)
"""What these paths answer with, for /openapi.json."""
Named = Annotated[str, Query(min_length=1, max_length=MAX_NAME, description="A model's id, or any name of one.")]
Count = Annotated[int, Query(ge=0, le=MAX_COUNT)]
Prompt = Annotated[int, Query(ge=0, le=MAX_COUNT, description="Tokens of the whole prompt, cached ones too.")]
Written = Annotated[int, Query(ge=0, le=MAX_COUNT, description="Tokens of the whole answer, reasoning too.")]
Region = Annotated[str | None, Query(max_length=100, description="The provider's word for a place.")]


def add(router: APIRouter, public: PublicCatalog) -> None:
    """These paths."""

    @router.get("/resolve", summary="Which model a name means; never a guess", **one("Resolved"))
    def get_resolved(request: Request, caller: Anyone, name: Named) -> Response:
        visible = {each.entry.model.id for each in public.edition(caller.tier).portraits}
        return answer(request, public.names.seen(name, visible))

    @router.get("/price", summary="What a use of a model cost at a time", **one("PricedUse"))
    def get_price(
        request: Request, caller: Anyone, model: Named, input: Prompt = 0, output: Written = 0, cached: Count = 0,  # noqa: A002
        cache_written: Count = 0, cache_written_1h: Count = 0, reasoning: Count = 0, images: Count = 0,
        audio_input: Count = 0, audio_output: Count = 0, requests: Count = 1, web_searches: Count = 0,
        batch: bool = False, at: When = "now", region: Region = None,
    ) -> Response:  # fmt: skip
        usage = Usage(
            input=input, output=output, cached=cached, cache_written=cache_written, cache_written_1h=cache_written_1h,
            reasoning=reasoning, images=images, audio_input=audio_input, audio_output=audio_output, requests=requests,
            web_searches=web_searches, batch=batch,
        )  # fmt: skip
        then = moment(public, at)
        assert then is not None
        return answer(request, priced(public, caller.tier, model, usage, then, region=region))
