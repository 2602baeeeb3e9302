"""push: bring the census to programs that fetch nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.cli.exits import ATTENTION, tell
from modelcensus.core.catalog.model import Tier

if TYPE_CHECKING:
    from modelcensus.feeds.feed import Material
    from modelcensus.operations.langfuse import Push

_KEYS = ("LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    push = typer.Typer(
        help="Bring prices to programs that fetch nothing.", rich_markup_mode=None, no_args_is_help=True
    )  # fmt: skip
    push.command(
        epilog=options.examples(
            "modelcensus push langfuse --url https://langfuse.example.org --dry-run",
            "modelcensus push langfuse --url https://langfuse.example.org",
        )
    )(langfuse)
    # Without a callback Typer makes a group of one command that command itself.
    push.callback()(lambda: None)
    app.add_typer(push, name="push")


def langfuse(
    ctx: typer.Context,
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The Langfuse server.")],
    tier: Annotated[
        Tier, typer.Option("--tier", help="What callers of a tier see; enterprise sees all that is enabled.")
    ] = Tier.ENTERPRISE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    json: options.Json = False,
) -> None:
    """Make Langfuse's custom models those of the census: create, replace and delete what differs.

    The keys of the project are LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY in the environment. Only definitions whose
    names begin with "modelcensus:" are touched. Exit code 1, and nothing is done, where Langfuse would refuse one.
    """
    import os

    from modelcensus.cli import output
    from modelcensus.core.errors import SettingsError
    from modelcensus.feeds import langfuse as feed
    from modelcensus.operations import langfuse as operation

    public, secret = (os.environ.get(name, "") for name in _KEYS)
    if missing := [name for name in _KEYS if not os.environ.get(name)]:
        raise SettingsError(
            f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not set",
            "make keys in the settings of the project in Langfuse, and put them into the environment",
        )
    material = _material(ctx, tier)
    if reasons := feed.refusals(feed.build(material)):
        for reason in reasons:
            tell(f"Langfuse would refuse {reason}")
        raise typer.Exit(ATTENTION)
    with operation.Langfuse(url, public, secret) as project:
        done = operation.push(project, feed.definitions(material), dry_run=dry_run)
    output.document(done) if json else _told(done)


def _material(ctx: typer.Context, tier: Tier) -> Material:
    from modelcensus.feeds.langfuse import FEED
    from modelcensus.operations.catalog.shelf import Shelf
    from modelcensus.operations.feeding.desk import Desk, material_of

    settings = loaded(ctx).settings
    with opened(ctx, create=False) as census:
        return material_of(Desk(census, settings, Shelf(census, settings.access)), FEED, tier)


def _told(done: Push) -> None:
    from modelcensus.cli.output import Out, say

    out = Out()
    words = ("would be created", "would be replaced", "would be deleted") if done.dry_run else (
        "created", "replaced", "deleted"
    )  # fmt: skip
    for word, names in zip(words, (done.created, done.replaced, done.deleted), strict=True):
        for name in names:
            say(out, f"{word}: {name}")
    counted = f"{len(done.created)} {words[0]}, {len(done.replaced)} {words[1]}, {len(done.deleted)} {words[2]}"
    say(out, f"{counted}; {done.kept} are right already")
