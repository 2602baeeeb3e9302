"""models list, show, edit, bulk, undo: what is published, and what people own of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, MayReason, Model, acting
from modelcensus.cli.context import opened, time_of
from modelcensus.cli.exits import ATTENTION
from modelcensus.core.catalog.model import Tier

if TYPE_CHECKING:
    from modelcensus.operations.catalog.curating import Edited

Enable = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it may be used.", show_default=False)]
Curated = Annotated[
    bool | None, typer.Option("--curated/--not-curated", help="Whether it is one of the chosen.", show_default=False)
]
Word = Annotated[str | None, typer.Option("--status", metavar="WORD", help="new, active or disabled.")]
InTier = Annotated[
    list[Tier] | None, typer.Option("--tier", help="The tiers that it is in, and no other; may be given again.")
]
NoTier = Annotated[bool, typer.Option("--no-tier", help="Take it out of every tier.")]
Display = Annotated[
    str | None,
    typer.Option("--name", metavar="TEXT", help="What to call it; an empty text gives upstream's name back."),
]
Notes = Annotated[str | None, typer.Option("--notes", metavar="TEXT", help="Notes; an empty text takes them away.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        help="The models of the catalog: look, and set what people own.", rich_markup_mode=None, no_args_is_help=True
    )
    add = group.command
    add(
        "list",
        epilog=options.examples("modelcensus models list --match claude", "modelcensus models list --tier pro --json"),
    )(list_)
    add(epilog=options.examples("modelcensus models show openai/gpt-4.1"))(show)
    add(
        epilog=options.examples(
            "modelcensus models edit openai/gpt-4.1 --enable --tier pro --tier enterprise",
            "modelcensus models edit lab/one lab/two --disable --reason 'too dear'",
        )
    )(edit)
    add(
        epilog=options.examples(
            "modelcensus models bulk --match 'anthropic/claude-*' --enable --tier pro",
            "modelcensus models bulk --file edits.json --reason 'the quarter\\'s list'",
        )
    )(bulk)
    add(epilog=options.examples("modelcensus models undo 41"))(undo)
    app.add_typer(group, name="models")


def list_(
    ctx: typer.Context,
    match: Annotated[str, typer.Option("--match", metavar="TEXT", help="Only ids and names that contain it.")] = "",
    tier: Annotated[Tier | None, typer.Option("--tier", help="Only what callers of this tier see.")] = None,
    enabled: Annotated[
        bool | None, typer.Option("--enabled/--not-enabled", help="Only what may be used, or may not.")
    ] = None,
    status: Annotated[str | None, typer.Option("--status", metavar="WORD", help="new, active or disabled.")] = None,
    archived: Annotated[bool, typer.Option("--archived", help="Archived models too.")] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar=options.TIME, help="The catalog as it was published then.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")] = None,
    json: options.Json = False,
) -> None:
    """List the models of the published catalog. With --json one line of JSON for each."""
    from modelcensus.cli import output
    from modelcensus.cli.catalog import models
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import browsing

    time = time_of(as_of) if as_of is not None else None
    with opened(ctx, create=False) as census:
        found = browsing.entries(
            census.store, now=census.clock(), match=match, archived=archived, enabled=enabled, tier=tier,
            status=status, as_of=time, limit=limit,
        )  # fmt: skip
    if json:
        output.drain(output.json_lines(found))
    else:
        models.listing(Out(), ((each.model, each.curation) for each in found), limit)


def show(
    ctx: typer.Context,
    model: Model,
    full: Annotated[bool, typer.Option("--full", help="Print long values whole.")] = False,
    json: options.Json = False,
) -> None:
    """Show a model: what people set, every field with its source, its names, who offers it, where sources differ."""
    from modelcensus.cli import output
    from modelcensus.cli.catalog import models, offers
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import browsing

    with opened(ctx, create=False) as census:
        found = browsing.portrait(census.store, model, now=census.clock(), precedence=census.catalog.precedence)
    if json:
        output.document(found)
        return
    entry, out = found.entry, Out()
    models.details(
        out, entry.model, entry.curation, aliases=found.aliases, overrides=entry.overrides,
        disagreements=found.disagreements, full=full,
    )  # fmt: skip
    offers.listed(out, found.offerings, found.benchmarks)


def edit(
    ctx: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="MODEL...", help="Models' ids.", show_default=False)],
    enable: Enable = None,
    curated: Curated = None,
    status: Word = None,
    tier: InTier = None,
    no_tier: NoTier = False,
    name: Display = None,
    notes: Notes = None,
    reason: MayReason = None,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Set what people own of models: no sync ever changes it.

    Each result is told; what may be done is done. An archived model cannot be enabled. Exit code 1 where a model
    refused.
    """
    wanted = changes(enable, curated, status, tier, no_tier, name, notes)
    _edit(ctx, dict.fromkeys(ids, wanted), actor, reason, json=json)


def bulk(
    ctx: typer.Context,
    match: Annotated[
        list[str] | None,
        typer.Option("--match", metavar="PATTERN", help="Models whose id matches; * is any text. May be given again."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="JSON: {model: {field: value}}, as --json of edit shows them."),
    ] = None,
    enable: Enable = None,
    curated: Curated = None,
    status: Word = None,
    tier: InTier = None,
    no_tier: NoTier = False,
    reason: MayReason = None,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Set what people own of many models: those that match, or each its own from a file. One transaction.

    Each result is told; what may be done is done. Exit code 1 where a model refused.
    """
    from modelcensus.core.errors import InvalidInput, NotFound

    if bool(match) == bool(file):
        raise InvalidInput("it is not said which models", "give either --match PATTERN or --file FILE")
    wanted = changes(enable, curated, status, tier, no_tier)
    if file is not None:
        if wanted:
            raise InvalidInput("a file names its own changes", "leave the other options out, or use --match")
        _edit(ctx, _from_file(file), actor, reason, json=json)
        return
    ids = _matching(ctx, match or [])
    if not ids:
        raise NotFound("no model matches", "see all ids: 'modelcensus models list'")
    _edit(ctx, dict.fromkeys(ids, wanted), actor, reason, json=json)


def changes(
    enable: bool | None,
    curated: bool | None,
    status: str | None,
    tier: Sequence[Tier] | None,
    no_tier: bool,
    name: str | None = None,
    notes: str | None = None,
) -> dict[str, Any]:
    """The options that were given as fields of a curation. Raises ``InvalidInput`` for both kinds of tier option."""
    from modelcensus.core.errors import InvalidInput

    if tier and no_tier:
        raise InvalidInput("--tier and --no-tier contradict each other", "give one of them")
    given = {"enabled": enable, "is_curated": curated, "status": status, "display_name": name, "notes": notes}
    found: dict[str, Any] = {field: value for field, value in given.items() if value is not None}
    if tier or no_tier:
        found |= {f"is_{each}": each in (tier or ()) for each in Tier}
    return found


def _matching(ctx: typer.Context, patterns: Sequence[str]) -> list[str]:
    import re

    from modelcensus.operations.catalog import browsing

    wanted = [re.compile(".*".join(map(re.escape, pattern.split("*")))) for pattern in patterns]
    with opened(ctx, create=False) as census:
        ids = [each.model.id for each in browsing.entries(census.store, now=census.clock())]
    return [each for each in ids if any(pattern.fullmatch(each) for pattern in wanted)]


_MOST_BYTES = 50_000_000


def _from_file(file: Path) -> dict[str, dict[str, Any]]:
    import msgspec

    from modelcensus.core.errors import InvalidInput

    try:
        with file.open("rb") as opened_file:
            raw = opened_file.read(_MOST_BYTES + 1)
        if len(raw) > _MOST_BYTES:
            raise InvalidInput(f"{file} is too large", "edit in parts")
        return msgspec.json.decode(raw, type=dict[str, dict[str, Any]])
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}", "name a file of JSON") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidInput(
            f"{file} is not what it should be: {error}", 'write {"lab/one": {"enabled": true}, ...}'
        ) from error


def _edit(
    ctx: typer.Context, wanted: dict[str, dict[str, Any]], actor: str | None, reason: str | None, *, json: bool
) -> None:
    from modelcensus.operations.catalog import curating

    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = curating.edit_each(census.store, wanted, who, census.clock(), reason)
    _told(done, json=json)


def _told(done: Sequence[Edited], *, json: bool) -> None:
    from modelcensus.cli import output
    from modelcensus.cli.catalog import acts
    from modelcensus.cli.output import Out

    if json:
        output.document([acts.edited_document(each) for each in done])
    else:
        acts.edited(Out(), done)
    if any(each.error for each in done):
        raise typer.Exit(ATTENTION)


def undo(
    ctx: typer.Context,
    entry: Annotated[int, typer.Argument(metavar="ID", help="The edit's number in the audit log.")],
    reason: MayReason = None,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Give the fields of one edit the values that they had before it: an edit of its own.

    It is refused where a field has been changed since.
    """
    from modelcensus.operations.catalog import curating

    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = curating.undo(census.store, entry, who, census.clock(), reason)
    _told([done], json=json)
