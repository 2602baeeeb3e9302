"""export: the census as a file, in the form that a consumer reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened, time_of
from modelcensus.cli.exits import ATTENTION, tell
from modelcensus.core.catalog.model import Tier

if TYPE_CHECKING:
    from modelcensus.feeds.feed import Feed
    from modelcensus.operations.feeding.publishing import Made

STDOUT = "-"


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command(
        epilog=options.examples(
            "modelcensus export --list",
            "modelcensus export openrouter --output models.json",
            "modelcensus export litellm --tier pro --output -",
            "modelcensus export modelsdev --as-of 2026-03-01 --output api.json",
        )
    )(export)


def export(
    ctx: typer.Context,
    form: Annotated[
        str | None, typer.Argument(metavar="[FORMAT]", help="One of those that --list names.", show_default=False)
    ] = None,
    target: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="Where to; - is standard output, which is the default."),
    ] = STDOUT,
    tier: Annotated[
        Tier, typer.Option("--tier", help="What callers of a tier see; enterprise sees all that is enabled.")
    ] = Tier.ENTERPRISE,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar=options.TIME, help="As it was then: 2026-03-01, 7d ...")
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the formats, and stop.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write it even if its consumer would refuse it.")] = False,
    json: options.Json = False,
) -> None:
    """Write the census in a consumer's form, held to that consumer's own rules.

    Exit code 1, and nothing is written, where the consumer would refuse it. A file is replaced at once and whole.
    """
    from modelcensus.core.errors import InvalidInput

    if list_:
        _list(json=json)
        return
    if form is None:
        raise InvalidInput("the format is missing", "see them all: modelcensus export --list")
    feed, made = _made(ctx, form, tier, as_of)
    if made.reasons:
        for reason in made.reasons:
            tell(f"{feed.name} would be refused: {reason}")
        if not force:
            tell("nothing was written", "write it all the same with --force")
            raise typer.Exit(ATTENTION)
    if target == STDOUT:
        _print(feed, made.body)
    else:
        _write(feed, made, target, json=json)
    if made.reasons:
        raise typer.Exit(ATTENTION)


def _list(*, json: bool) -> None:
    from modelcensus.cli import output
    from modelcensus.feeds.registry import FEEDS

    if json:
        output.document(
            [
                {
                    "name": each.name, "title": each.title, "consumer": each.consumer, "media_type": each.media_type,
                    "paths": each.paths,
                }
                for each in FEEDS.values()
            ]
        )  # fmt: skip
        return
    rows = (
        (each.name, output.lines_cell(output.cell(path) for path in each.paths), each.consumer)
        for each in FEEDS.values()
    )
    output.table(output.Out(), ("|format", "|path", "who reads it, and how it is pointed at us"), rows)


def _made(ctx: typer.Context, form: str, tier: Tier, as_of: str | None) -> tuple[Feed, Made]:
    from modelcensus.operations.catalog.shelf import Shelf
    from modelcensus.operations.feeding import publishing
    from modelcensus.operations.feeding.desk import Desk

    feed = publishing.feed_named(form)
    time = time_of(as_of) if as_of is not None else None
    settings = loaded(ctx).settings
    with opened(ctx, create=False) as census:
        desk = Desk(census, settings, Shelf(census, settings.access))
        return feed, publishing.made(desk, feed, tier, as_of=time)


def _print(feed: Feed, body: bytes) -> None:
    import sys

    from modelcensus.cli.text import json_safe, visible
    from modelcensus.core.errors import InvalidInput

    if not sys.stdout.isatty():
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise InvalidInput(
            f"{feed.name} is not text, and would garble the terminal",
            f"name a file: modelcensus export {feed.name} --output census.{feed.suffix}",
        ) from None
    shown = json_safe(text) if feed.media_type.endswith("json") else "\n".join(map(visible, text.splitlines()))
    sys.stdout.write(shown.rstrip("\n") + "\n")


def _write(feed: Feed, made: Made, target: str, *, json: bool) -> None:
    import hashlib

    from modelcensus.cli import output

    where = _replaced(target, made.body)
    edition = made.edition
    told = {
        "format": feed.name, "file": where, "bytes": len(made.body), "sha256": hashlib.sha256(made.body).hexdigest(),
        "models": len(edition.portraits), "revision": edition.stamp.revision, "reasons": made.reasons,
    }  # fmt: skip
    if json:
        output.document(told)
        return
    rows = [
        ("written", where),
        ("format", f"{feed.name} ({feed.title})"),
        ("made from", f"{len(edition.portraits):,} models, revision {edition.stamp.revision}"),
        ("bytes", f"{len(made.body):,}"),
        ("sha256", told["sha256"]),
    ]
    output.facts(output.Out(), rows)


def _replaced(target: str, body: bytes) -> str:
    """Write a file whole or not at all: beside it first, then in its place."""
    import os
    import tempfile
    from pathlib import Path

    from modelcensus.core.errors import InvalidInput

    path = Path(target)
    beside = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
        beside.replace(path)
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise InvalidInput(
            f"{target} cannot be written: {error.strerror}", "name another file with --output"
        ) from error
    return str(path)


def _umask() -> int:
    """What this user's new files are not open for; it can only be read by setting it."""
    import os

    mask = os.umask(0)
    os.umask(mask)
    return mask
