"""explain: is a model kept, where is it in its life, what does it cost, and who says so."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened

if TYPE_CHECKING:
    from modelcensus.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        epilog=options.examples(
            "modelcensus explain gpt-4.1",
            "modelcensus explain --source openai",
            "modelcensus explain --excluded",
            "modelcensus explain --check openai",
        )
    )(explain)


def explain(
    ctx: typer.Context,
    key: Annotated[str | None, typer.Argument(metavar="[KEY]", help="The model; none lists all.")] = None,
    source: options.Source = None,
    category: options.OfCategory = None,
    excluded: Annotated[bool, typer.Option("--excluded", help="List only what the filter leaves out.")] = False,
    check: Annotated[
        str | None,
        typer.Option("--check", metavar="PROVIDER", help="Compare a provider's price file with recorded catalogs."),
    ] = None,
    json: options.Json = False,
) -> None:
    """Explain a model: kept or excluded by which rule, its lifecycle, price and limits, and who says so.

    Without KEY list the models of the listings that name no prices (OpenAI, Anthropic, Google ...).
    """
    _fitting(key, excluded, check, source, category)
    if check is not None:
        _compare(ctx, check, json)
    elif key is not None:
        _one(ctx, key, source, category, json)
    else:
        _all(ctx, source, excluded, json)


def _fitting(key: str | None, excluded: bool, check: str | None, source: str | None, category: str | None) -> None:
    from modelcensus.core.errors import InvalidInput

    if check is not None and (key is not None or excluded or source is not None or category is not None):
        raise InvalidInput("--check goes alone", "try: modelcensus explain --check openai")
    if key is not None and excluded:
        raise InvalidInput("--excluded is for the list of models", "leave out KEY, or leave out --excluded")
    if key is None and category not in (None, "model"):
        raise InvalidInput("only models are listed", "give a KEY, or leave out --category")


def _one(ctx: typer.Context, key: str, source: str | None, category: str | None, json: bool) -> None:
    from modelcensus.cli import explanations, output
    from modelcensus.operations.explain import explain as explained

    with opened(ctx, create=False) as census:
        found = explained(
            census, key, source=source, category=category, now=census.now(), **_own(loaded(ctx).settings)
        )  # fmt: skip
    if json:
        output.document(found)
    else:
        explanations.details(output.Out(), found)


def _all(ctx: typer.Context, source: str | None, excluded: bool, json: bool) -> None:
    from modelcensus.cli import explanations, output
    from modelcensus.operations.explain import explain_all

    with opened(ctx, create=False) as census:
        found = explain_all(
            census, source=source, excluded_only=excluded, now=census.now(), **_own(loaded(ctx).settings)
        )  # fmt: skip
        if json:
            output.drain(output.json_lines(found))
        else:
            explanations.listing(output.Out(), found, excluded_only=excluded)


def _compare(ctx: typer.Context, provider: str, json: bool) -> None:
    from modelcensus.cli import explanations, output
    from modelcensus.operations.explain import compare

    settings = loaded(ctx).settings
    with opened(ctx, create=False) as census:
        found = compare(census, provider, own_facts=_own(settings)["own_facts"], now=census.now())
    if json:
        output.document(found)
    else:
        explanations.differing(output.Out(), found)


def _own(settings: Settings) -> dict[str, Any]:
    """Where the user's own files are."""
    paths = {"own_facts": settings.native_facts, "own_filter": settings.native_filter}
    return {name: Path(path).expanduser() if path else None for name, path in paths.items()}
