"""price: what a use cost on the day it was used."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import opened, time_of
from modelcensus.cli.exits import ATTENTION


def _tokens(name: str, words: str) -> object:
    return typer.Option(f"--{name}", metavar="N", min=0, help=words)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(
        epilog=options.examples(
            "modelcensus price openai/gpt-4.1 --input 12000 --output 800 --cached 4000 --at 2026-03-01",
            "modelcensus price claude-sonnet-4-5-20250929 --input 250000 --output 2000 --batch --json",
        )
    )(price)


def price(
    ctx: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model's id, or any name of it.", show_default=False)],
    input_: Annotated[int, _tokens("input", "Tokens of the whole prompt, cached ones too.")] = 0,
    output: Annotated[int, _tokens("output", "Tokens of the whole answer, reasoning too.")] = 0,
    cached: Annotated[int, _tokens("cached", "Of the prompt: read from the cache.")] = 0,
    cache_written: Annotated[int, _tokens("cache-written", "Of the prompt: written to the cache.")] = 0,
    cache_written_1h: Annotated[int, _tokens("cache-written-1h", "Of the prompt: written for an hour.")] = 0,
    reasoning: Annotated[int, _tokens("reasoning", "Of the answer: reasoning.")] = 0,
    audio_input: Annotated[int, _tokens("audio-input", "Of the prompt: audio.")] = 0,
    audio_output: Annotated[int, _tokens("audio-output", "Of the answer: audio.")] = 0,
    images: Annotated[int, _tokens("images", "Images, counted.")] = 0,
    requests: Annotated[int, _tokens("requests", "Requests, where each has a price.")] = 1,
    web_searches: Annotated[int, _tokens("web-searches", "Web searches, counted.")] = 0,
    batch: Annotated[bool, typer.Option("--batch", help="It was sent as a batch.")] = False,
    at: Annotated[str, typer.Option("--at", metavar=options.TIME, help="When it was used.")] = "now",
    region: Annotated[str | None, typer.Option("--region", metavar="NAME", help="Where it was used.")] = None,
    json: options.Json = False,
) -> None:
    """Say what a use of a model cost at a time, line by line, and what that rests on.

    The prices are those that the sources said at that time; one that a person overrides counts from when it was set.
    A price that is not known makes the total unknown, never smaller: exit code 1.
    """
    from modelcensus.cli.catalog import bill
    from modelcensus.cli.output import Out, document
    from modelcensus.core.catalog.cost import Usage
    from modelcensus.operations.catalog import pricing

    usage = Usage(
        input=input_, output=output, cached=cached, cache_written=cache_written, cache_written_1h=cache_written_1h,
        reasoning=reasoning, images=images, audio_input=audio_input, audio_output=audio_output, requests=requests,
        web_searches=web_searches, batch=batch,
    )  # fmt: skip
    time = time_of(at)
    with opened(ctx, create=False) as census:
        found = pricing.price(census, model, usage, time, region=region)
    if json:
        document(found)
    else:
        bill.bill(
            Out(), found.cost, model_id=found.model_id, at=found.at, origins=found.origins,
            basis="what the sources said then", overridden=found.overridden,
        )  # fmt: skip
    if found.cost.total is None:
        raise typer.Exit(ATTENTION)
