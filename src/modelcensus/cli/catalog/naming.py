"""resolve, unmatched, link, unlink: which name means which model, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, Reason, acting
from modelcensus.cli.context import looked, opened
from modelcensus.cli.exits import ATTENTION

Name = Annotated[str, typer.Argument(metavar="NAME", help="A model's name, as anybody writes it.", show_default=False)]
Of = Annotated[str, typer.Argument(metavar="SOURCE", help="The source that uses the name.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    add = app.command
    add(epilog=options.examples("modelcensus resolve claude-sonnet-4-5-20250929", "modelcensus resolve gpt-4o --json"))(
        resolve
    )
    add(epilog=options.examples("modelcensus unmatched --source litellm --limit 20"))(unmatched)
    add(epilog=options.examples("modelcensus link litellm my-proxy/gpt-4o openai/gpt-4o --reason 'our proxy'"))(link)
    add(epilog=options.examples("modelcensus unlink litellm my-proxy/gpt-4o --reason 'it is another model'"))(unlink)


def resolve(ctx: typer.Context, name: Name, json: options.Json = False) -> None:
    """Say which model a name means, by what evidence, and every other name of it.

    Never a guess: a name that is only like one means none, and candidates are shown. Exit code 1 then.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import names
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import linking

    with looked(ctx) as store:
        found = linking.resolve(store, name)
    output.document(found) if json else names.resolution(Out(), found)
    if found.model_id is None:
        raise typer.Exit(ATTENTION)


def unmatched(
    ctx: typer.Context, source: options.Source = None, limit: options.Limit = 50, json: options.Json = False
) -> None:
    """List the names that no rule links to a model, with models to look at.

    They wait for a person: link them, or leave them.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import names
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import linking

    with looked(ctx, source) as store:
        found = linking.unmatched(store, source=source, limit=limit)
    output.document(found) if json else names.queue(Out(), found, limit)


def link(
    ctx: typer.Context,
    source: Of,
    name: Name,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="The model's id.", show_default=False)],
    reason: Reason,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Say that a name of a source is a model: your word, which no rule ever changes."""
    from modelcensus.operations.catalog import linking

    who = acting(actor)
    with opened(ctx, create=False) as census:
        linking.link(census.store, source, name, model, who, reason, census.clock())
    _done(f"{name} of {source} is {model}", {"source": source, "key": name, "model_id": model}, json=json)


def unlink(
    ctx: typer.Context, source: Of, name: Name, reason: Reason, actor: As = None, json: options.Json = False
) -> None:
    """Say that a name of a source is no model that a rule may find: your word, which no rule ever changes."""
    from modelcensus.operations.catalog import linking

    who = acting(actor)
    with opened(ctx, create=False) as census:
        linking.unlink(census.store, source, name, who, reason, census.clock())
    _done(f"no rule links {name} of {source} any more", {"source": source, "key": name, "model_id": None}, json=json)


def _done(words: str, told: dict[str, object], *, json: bool) -> None:
    from modelcensus.cli import output
    from modelcensus.cli.output import Out, say

    output.document(told) if json else say(Out(), f"{words}; 'modelcensus plan' shows what that changes")
