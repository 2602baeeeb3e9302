"""The tools: their names, arguments and descriptions, as an agent reads them. Importing this module is slow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from modelcensus.core.catalog.cost import MAX_COUNT, Usage
from modelcensus.core.catalog.listing import CAPABILITIES, Modality
from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.catalog.query import MAX_TEXT, Lifecycle, ModelQuery, Sort
from modelcensus.core.errors import CensusError
from modelcensus.mcp_server import answers
from modelcensus.operations.catalog.public import PublicCatalog
from modelcensus.version import __version__

TIER = "modelcensus.tier"
"""Where a request's scope says whose models it may see."""
_INSTRUCTIONS = (
    "A record of the world's AI models: who offers which, what it costs, what it can do, and what changed when. "
    "Prices are exact decimal text in USD per million tokens, or per unit where the name says so; what is not known is "
    "absent, never 0. Models are named by id, such as openai/gpt-4.1; other names are resolved, never guessed. "
    "All tools only read."
)
_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_LONGEST_NAME = 500

Asking = Context[Any, Any]
Name = Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME, description="A model's id, or any name of one.")]
MayName = Annotated[str | None, Field(max_length=_LONGEST_NAME, description="Only this model: its id or any name.")]
Providers = Annotated[list[str], Field(max_length=20, description="Any of these providers, such as openai.")]
Modalities = Annotated[list[Modality], Field(max_length=6, description="Any of these.")]
Able = Annotated[
    list[str], Field(max_length=20, description=f"The model can do all of these: {', '.join(CAPABILITIES)}.")
]
Text = Annotated[str | None, Field(max_length=MAX_TEXT, description="Words in the id, a name or an alias.")]
Money = Annotated[
    str | None, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,12})?$", description="USD per million tokens at most.")
]
Tokens = Annotated[int | None, Field(ge=0, le=10**15, description="Tokens of context at least.")]
Free = Annotated[bool | None, Field(description="Whether all known prices are 0; unknown prices are neither.")]
Lives = Annotated[list[Lifecycle], Field(max_length=3, description="Without it, all that somebody offers.")]
Order = Annotated[Sort, Field(description="A field; - is descending. What is not known comes last.")]
Next = Annotated[str | None, Field(max_length=4000, description="`next` of the page before.")]
Rows = Annotated[int, Field(ge=1, le=answers.MOST_MODELS, description="At most this many.")]
Names = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME)]],
    Field(min_length=2, max_length=answers.MOST_COMPARED, description="Ids, or any names, of the models."),
]
Count = Annotated[int, Field(ge=0, le=MAX_COUNT, description="How many.")]
When = Annotated[
    str, Field(max_length=40, description="ISO 8601, a date, `now`, or an age such as 36h or 7d. Without zone: UTC.")
]
Since = Annotated[str | None, Field(max_length=40, description="Only later ones: ISO 8601, a date, or an age: 7d.")]
Batch = Annotated[bool, Field(description="Whether it was sent as a batch.")]
Region = Annotated[str | None, Field(max_length=100, description="The provider's word for a place.")]
Cursor = Annotated[
    str | None,
    Field(pattern=r"^(0|[1-9][0-9]{0,8})-(0|[1-9][0-9]{0,8})$",
          description="`after` of an earlier answer: what is newer, oldest first. Without it: the newest first."),
]  # fmt: skip
Kind = Annotated[Literal["new", "updated", "archived", "revived"] | None, Field(description="Only this kind.")]
Provider = Annotated[str | None, Field(max_length=_LONGEST_NAME, description="Only models of this provider.")]
FieldPath = Annotated[
    str | None, Field(max_length=200, description="Only where this field, or one of its group (price), moved.")
]
Changes = Annotated[int, Field(ge=1, le=answers.MOST_CHANGES, description="At most this many.")]


def tools_on(public: PublicCatalog, tier: Tier) -> MCPServer[Any]:
    """The server with its tools; ``tier`` is whose models are seen where a request does not say."""
    with _logging_left_alone():
        server: MCPServer[Any] = MCPServer(
            "modelcensus", title="Model Census", instructions=_INSTRUCTIONS, version=__version__, subscriptions=False,
            log_level="WARNING",
        )  # fmt: skip
    _add_models(server, public, tier)
    _add_model(server, public, tier)
    _add_names_and_changes(server, public, tier)
    return server


def _add_models(server: MCPServer[Any], public: PublicCatalog, tier: Tier) -> None:
    @server.tool(title="List models", annotations=_READS)
    def list_models(
        ctx: Asking, text: Text = None, providers: Providers = [], modalities: Modalities = [],  # noqa: B006
        capabilities: Able = [], max_price_input: Money = None, max_price_output: Money = None,  # noqa: B006
        min_context: Tokens = None, free: Free = None, lifecycle: Lives = [], sort: Order = Sort.ID,  # noqa: B006
        limit: Rows = 20, after: Next = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Search the catalog of AI models by text, provider, modality, ability, price and context; in pages."""
        with _told():
            query = ModelQuery(
                text=text, providers=tuple(providers), modalities=tuple(each.value for each in modalities),
                capabilities=tuple(capabilities), max_price_input=_money(max_price_input),
                max_price_output=_money(max_price_output), min_context=min_context, free=free,
                lifecycle=tuple(lifecycle),
            )  # fmt: skip
            return answers.models(public, _tier(ctx, tier), query, sort=sort, limit=limit, after=after)


def _add_model(server: MCPServer[Any], public: PublicCatalog, tier: Tier) -> None:
    @server.tool(title="Get a model", annotations=_READS)
    def get_model(ctx: Asking, name: Name) -> dict[str, Any]:
        """Tell all about one model: limits, abilities, prices now and before, who offers it, its names, changes."""
        with _told():
            return answers.model(public, _tier(ctx, tier), name)

    @server.tool(title="Compare models", annotations=_READS)
    def compare_models(ctx: Asking, names: Names) -> dict[str, Any]:
        """Put from 2 to 10 models side by side, and say by field in what they differ."""
        with _told():
            answers.at_least_two(names)
            return answers.comparison(public, _tier(ctx, tier), names)

    @server.tool(title="Price of a use", annotations=_READS)
    def price_at(
        ctx: Asking, model: Name, at: When = "now", input_tokens: Count = 0, output_tokens: Count = 0,
        cached_tokens: Count = 0, cache_written_tokens: Count = 0, reasoning_tokens: Count = 0, images: Count = 0,
        requests: Count = 1, web_searches: Count = 0, batch: Batch = False, region: Region = None,
    ) -> dict[str, Any]:  # fmt: skip
        """Say what a use of a model cost, or would cost, by the prices of a time. Cached tokens are part of the input,
        reasoning tokens of the output. `total` is null where a price is not known; `missing` names it."""
        with _told():
            usage = Usage(
                input=input_tokens, output=output_tokens, cached=cached_tokens, cache_written=cache_written_tokens,
                reasoning=reasoning_tokens, images=images, requests=requests, web_searches=web_searches, batch=batch,
            )  # fmt: skip
            return answers.price(public, _tier(ctx, tier), model, usage, at, region)


def _add_names_and_changes(server: MCPServer[Any], public: PublicCatalog, tier: Tier) -> None:
    @server.tool(title="Resolve a name", annotations=_READS)
    def resolve_name(ctx: Asking, name: Name) -> dict[str, Any]:
        """Say which model a name of any provider or catalog means, with the evidence; never a guess."""
        with _told():
            return answers.resolved(public, _tier(ctx, tier), name)

    @server.tool(title="What changed", annotations=_READS)
    def changes(
        ctx: Asking, after: Cursor = None, since: Since = None, model: MayName = None, provider: Provider = None,
        kind: Kind = None, field: FieldPath = None, limit: Changes = 20,
    ) -> dict[str, Any]:  # fmt: skip
        """Tell what happened to models, field by field: new ones, prices that moved, archived ones."""
        with _told():
            return answers.changes(
                public, _tier(ctx, tier), after=after, since=since, kind=StepKind(kind) if kind else None,
                model_name=model, provider=provider, field=field, limit=limit,
            )  # fmt: skip


@contextmanager
def _told() -> Iterator[None]:
    """Our errors as the tool's, with the next step; all others stay in the log."""
    try:
        yield
    except CensusError as error:
        raise ToolError(f"{error.message}; {error.hint}" if error.hint else error.message) from None


@contextmanager
def _logging_left_alone() -> Iterator[None]:
    """The SDK sets up the whole process's logging, unless it is set up already."""
    root, nobody = logging.getLogger(), logging.NullHandler()
    root.addHandler(nobody)
    try:
        yield
    finally:
        root.removeHandler(nobody)


def _tier(ctx: Asking, otherwise: Tier) -> Tier:
    request = ctx.request_context.request
    if request is None:
        return otherwise
    tier: Tier = request.scope[TIER]
    return tier


def _money(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None
