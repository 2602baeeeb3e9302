"""verify, rebuild, config: is all as it should be?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened
from modelcensus.cli.exits import UNVERIFIED
from modelcensus.cli.progress import watched


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    add = app.command
    add(
        epilog=options.examples(
            "modelcensus verify --write-checkpoint checkpoint.json", "modelcensus verify --checkpoint checkpoint.json"
        )
    )(verify)
    add(epilog=options.examples("modelcensus rebuild", "modelcensus rebuild --catalog --last 5"))(rebuild)
    add(epilog=options.examples("modelcensus config --all", "MODELCENSUS_PORT=8080 modelcensus config"))(config)


def verify(
    ctx: typer.Context,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare with a checkpoint written earlier.")
    ] = None,
    write_checkpoint: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a checkpoint if all is well; keep it elsewhere.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Recompute every hash and the chain over all syncs, and the catalog's chain of revisions."""
    import msgspec

    from modelcensus.cli import output
    from modelcensus.core.document import document
    from modelcensus.operations import verify as checking
    from modelcensus.operations.catalog.proving import catalog_problems

    with opened(ctx, create=False) as census:
        with watched() as progress:
            found = checking.verify(census.store, checkpoint=checkpoint, progress=progress)
            found = msgspec.structs.replace(found, problems=(*found.problems, *catalog_problems(census.store)))
        written = checking.write_checkpoint(census, write_checkpoint) if write_checkpoint and found.passed else None
    if json:
        output.document({"passed": found.passed, **document(found), "checkpoint": document(written)})
    else:
        _verified(found, write_checkpoint if written else None)
    if not found.passed:
        raise typer.Exit(UNVERIFIED)


def _verified(found: Any, written: Path | None) -> None:
    from modelcensus.cli import exits, output

    out = output.Out()
    counts = (("bodies", found.bodies), ("snapshots", found.snapshots), ("syncs", found.syncs))
    output.facts(out, [*((name, f"{count:,}") for name, count in counts), ("chain", found.chain)])
    for problem in found.problems:
        output.say(out, output.cell(f"problem: {problem}", "red"))
    if written:
        output.say(out, f"checkpoint written: {written}")
    if found.passed:
        output.say(out, output.cell("all hashes and the chain are right", "green"))
    else:
        exits.tell(
            f"verification failed: {len(found.problems)} problems",
            "restore a backup; if only current state is wrong, 'modelcensus rebuild'",
        )


def rebuild(
    ctx: typer.Context,
    catalog: Annotated[
        bool, typer.Option("--catalog", help="Work out the catalog's revisions from the snapshots; change nothing.")
    ] = False,
    last: Annotated[int, typer.Option("--last", min=1, metavar="N", help="With --catalog: so many revisions.")] = 20,
    json: options.Json = False,
) -> None:
    """Recompute the current state of every entity from its history.

    With --catalog the latest revisions are worked out anew from the snapshots of their time, and compared with what was
    published; exit code 6 where one differs.
    """
    from modelcensus.cli import output
    from modelcensus.operations import verify as checking

    if catalog:
        _rebuild_catalog(ctx, last, json)
        return
    with opened(ctx, create=False) as census:
        corrected = checking.rebuild(census.store)
    if json:
        output.document({"corrected": corrected})
    else:
        output.say(output.Out(), f"{corrected:,} entities corrected" if corrected else "everything was right")


def _rebuild_catalog(ctx: typer.Context, last: int, json: bool) -> None:
    from modelcensus.cli import output
    from modelcensus.cli.text import moment
    from modelcensus.operations.catalog.rebuilding import rebuild as rebuilt
    from modelcensus.operations.catalog.rebuilding import revisions_of

    with opened(ctx, create=False) as census, watched() as progress:
        head = revisions_of(census.store)
        found = list(rebuilt(census, first=max(head - last + 1, 1), progress=progress))
    wrong = [each for each in found if not each.same_catalog]
    if json:
        output.document(found)
    else:
        words = {True: output.cell("the same", "green"), False: output.cell("differs", "red")}
        rows = (
            (str(each.revision), moment(each.at), words[each.same_plan], words[each.same_catalog]) for each in found
        )
        if not output.table(output.Out(), (">revision", "|at (UTC)", "plan", "catalog"), rows):
            output.say(output.Out(), "no revision yet: see 'modelcensus plan'")
        elif not all(each.same_plan for each in found):
            output.say(output.Out(), "a plan differs where settings, price files or the program changed since")
    if wrong:
        raise typer.Exit(UNVERIFIED)


def config(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Defaults too.")] = False,
    json: options.Json = False,
) -> None:
    """Show the settings, secrets masked, and where each came from.

    They are read from the environment, .env and modelcensus.toml. The setting http.attempts is
    MODELCENSUS_HTTP__ATTEMPTS in the environment.
    """
    import msgspec

    from modelcensus.cli import output
    from modelcensus.settings import SourceSettings, shown
    from modelcensus.sources.registry import ADAPTERS

    found = loaded(ctx)
    if everything:
        sources = {**{name: SourceSettings() for name in ADAPTERS}, **found.settings.sources}
        found = msgspec.structs.replace(found, settings=msgspec.structs.replace(found.settings, sources=sources))
    rows = [row for row in shown(found) if everything or row.origin != "default" or "." not in row.name]
    if json:
        output.document(rows)
        return
    output.table(
        output.Out(),
        ("setting", "value", "from"),
        ((row.name, "-" if row.value is None else str(row.value), row.origin) for row in rows),
    )
