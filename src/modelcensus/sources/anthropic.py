"""Anthropic: ``GET /v1/models``, with the retired ones (https://platform.claude.com/docs/en/api/models/list)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core.check import AtMost, Date, Limit, Required, Severity
from modelcensus.core.errors import KeyRefused, Refused, SourceError
from modelcensus.core.reading import Document
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Gap, Option
from modelcensus.sources.openai import last_id, split
from modelcensus.sources.paged import pages

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer


_RETIRED = ("lifecycle[]", "retired")


class Support(msgspec.Struct):
    """Whether a model has one capability."""

    supported: bool | None = None


class Capabilities(msgspec.Struct):
    """What a model can do; those with levels or kinds of their own hold them beside ``supported``."""

    batch: Support | None = None
    citations: Support | None = None
    code_execution: Support | None = None
    context_management: dict[str, Any] | None = None
    effort: dict[str, Any] | None = None
    image_input: Support | None = None
    pdf_input: Support | None = None
    server_tools: dict[str, Any] | None = None
    structured_outputs: Support | None = None
    thinking: dict[str, Any] | None = None


class Model(msgspec.Struct):
    """One model; times in RFC 3339, limits in tokens (``max_tokens`` is the greatest answer).

    ``lifecycle`` alone says whether a model is retired: ``retires_at`` can lie in the past and be overdue.
    """

    id: str
    type: str | None = None
    display_name: str | None = None
    created_at: str | None = None
    lifecycle: str | None = None
    deprecated_at: str | None = None
    retires_at: str | None = None
    line: str | None = None
    max_input_tokens: int | None = None
    max_tokens: int | None = None
    capabilities: Capabilities | None = None


def fetch(ask: Ask) -> Iterator[Answer | Gap]:
    """The active and deprecated models, then the retired ones, which upstream lists only where they are asked for."""
    params = list(ask.query.items())
    yield from pages(ask, "models", params, "after_id", last_id)
    if ask.options["retired"] == "no":
        return
    try:
        yield from pages(ask, "models", [*params, _RETIRED], "after_id", last_id)
    except SourceError as problem:
        yield Gap(_without_the_retired(problem))


def _without_the_retired(problem: SourceError) -> SourceError:
    advice = "if this upstream does not know 'lifecycle[]=retired', set the source's options.retired = \"no\""
    message = f"the retired models: {problem.message}"
    if isinstance(problem, KeyRefused):
        # The key is a good one: the first listing came.
        return Refused(message, f"this key may not read them; {advice}")
    return type(problem)(message, f"{problem.hint}; {advice}".removeprefix("; "))


ADAPTER = Adapter(
    name="anthropic",
    title="Anthropic",
    base_url="https://api.anthropic.com/v1/",
    calls=(
        Call(
            document=Document(
                category="model",
                covers=("model",),
                split=split,
                records={"model": Model},
                enums={"model": ("type", "lifecycle", "line")},
                checks={
                    "model": (
                        Required("display_name", Severity.WARNING),
                        Required("created_at", Severity.WARNING),
                        Date("created_at"),
                        Date("deprecated_at"),
                        Date("retires_at"),
                        Limit("max_input_tokens"),
                        Limit("max_tokens"),
                        AtMost("max_tokens", "max_input_tokens"),
                    )
                },
                # A model may retire between the two listings, and an upstream that does not know the
                # parameter gives the first listing again.
                repeats=True,
            ),
            fetch=fetch,
            conditional=False,
        ),
    ),
    needs_key=True,
    key_header="x-api-key",
    headers={"anthropic-version": "2023-06-01"},
    options=(
        Option("limit", "1000", "models per page, 1 to 1000", sent=True),
        Option("retired", "yes", "'no' leaves the retired models out"),
    ),
    documentation="https://platform.claude.com/docs/en/api/models/list",
    example=EXAMPLES / "anthropic.json",
)
