"""plan, apply, reject, rollback, disagreements: what would change, and who decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, MayReason, Reason, acting
from modelcensus.cli.context import looked, opened
from modelcensus.cli.exits import ATTENTION

if TYPE_CHECKING:
    from modelcensus.core.catalog.model import Plan

Digest = Annotated[
    str, typer.Argument(metavar="DIGEST", help="The plan's digest, or how it begins.", show_default=False)
]
All = Annotated[bool, typer.Option("--all", help="Every step, however many there are.")]
Full = Annotated[bool, typer.Option("--full", help="Long values whole, and every field of new models.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(rich_markup_mode=None, invoke_without_command=True)
    group.callback(
        epilog=options.examples("modelcensus plan", "modelcensus plan list", "modelcensus plan show 3f9a1c2b"),
    )(plan)
    group.command("show", epilog=options.examples("modelcensus plan show 3f9a1c2b --full"))(show)
    group.command("list", epilog=options.examples("modelcensus plan list --limit 5"))(list_)
    app.add_typer(group, name="plan")
    add = app.command
    add(
        epilog=options.examples(
            "modelcensus apply 3f9a1c2b",
            "modelcensus apply 3f9a1c2b --partial openai/gpt-4.1 --partial lab/new",
            "modelcensus apply 3f9a1c2b --release 'lab/one#price.input' --reason 'their price page says so'",
        )
    )(apply)
    add(epilog=options.examples("modelcensus reject 3f9a1c2b --reason 'a reseller slipped a unit'"))(reject)
    add(epilog=options.examples("modelcensus rollback 11 --reason 'revision 12 took wrong prices'"))(rollback)
    add(epilog=options.examples("modelcensus disagreements --field price", "modelcensus disagreements --json"))(
        disagreements
    )


def plan(ctx: typer.Context, everything: All = False, full: Full = False, json: options.Json = False) -> None:
    """Compute what the catalog would become, and keep that as a plan to apply or reject.

    It changes no model. Steps that a guard holds are shown with the reason, and are left out unless they are released.
    Exit code 1 where something is held.
    """
    if ctx.invoked_subcommand is not None:
        return
    from modelcensus.operations.catalog import catalog

    with opened(ctx, create=False) as census:
        now = census.clock()
        catalog.refresh(census, now=now)
        found = catalog.current_plan(census, now=now)
    _show(found, everything=everything, full=full, json=json)


def show(
    ctx: typer.Context, digest: Digest, everything: All = False, full: Full = False, json: options.Json = False
) -> None:
    """Show a plan that was kept, and what became of it."""
    from modelcensus.cli.catalog import plans
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import applying

    with looked(ctx) as store:
        found = applying.stored_plan(store, digest)
    if not json:
        plans.fate(Out(), found)
    _show(found.plan, everything=everything, full=full, json=json, document=found, commands=found.state == "open")


def list_(ctx: typer.Context, limit: options.Limit = 20, json: options.Json = False) -> None:
    """List the latest plans, newest first, and what became of each."""
    from modelcensus.cli import output
    from modelcensus.cli.catalog import plans
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import applying

    with looked(ctx) as store:
        found = applying.stored_plans(store, limit=limit)
    if json:
        output.document(found)
    else:
        plans.listing(Out(), found)


def _show(
    found: Plan, *, everything: bool, full: bool, json: bool, document: object = None, commands: bool = True
) -> None:
    from modelcensus.cli import output
    from modelcensus.cli.catalog import plans
    from modelcensus.cli.output import Out

    if json:
        output.document(document or found)
    else:
        plans.details(Out(), found, full=full, everything=everything, commands=commands)
    if commands and plans.held(found):
        raise typer.Exit(ATTENTION)


def apply(
    ctx: typer.Context,
    digest: Digest,
    partial: Annotated[
        list[str] | None,
        typer.Option("--partial", metavar="MODEL", help="Only this model's step; may be given again."),
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option("--release", metavar="MODEL[#FIELD]", help="Let this through though a guard holds it."),
    ] = None,
    reviewed: Annotated[
        bool, typer.Option("--reviewed", help="Let through what only waits for a person to review it.")
    ] = False,
    reason: MayReason = None,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Apply exactly this plan, but for what guards hold: one transaction, one revision.

    A plan that is not based on the published revision any more, or that was altered, is refused. To release what a
    guard holds, say why. Exit code 1 where something stayed held.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import plans
    from modelcensus.cli.output import Out
    from modelcensus.core.errors import InvalidInput
    from modelcensus.operations.catalog import applying

    if release and not reason:
        raise InvalidInput("a release needs a reason", "say why the guard is wrong here: --reason TEXT")
    who = acting(actor)
    only = frozenset(partial) if partial else None
    with opened(ctx, create=False) as census:
        whole = applying.stored_plan(census.store, digest).plan
        released = dict.fromkeys(plans.reviewed(whole, only) if reviewed else (), reason or "reviewed")
        released |= dict.fromkeys(release or (), reason or "")
        revision = applying.apply(census.store, whole.digest, who, census.clock(), only=only, released=released)
    left = plans.held(whole, released, only)
    if json:
        output.document({"revision": revision, "held": left})
    else:
        plans.applied(Out(), revision, left)
    if left:
        raise typer.Exit(ATTENTION)


def reject(ctx: typer.Context, digest: Digest, reason: Reason, actor: As = None, json: options.Json = False) -> None:
    """Reject a plan: it is not applied, and the reason is kept."""
    from modelcensus.cli import output
    from modelcensus.cli.output import Out, say
    from modelcensus.operations.catalog import applying

    who = acting(actor)
    with opened(ctx, create=False) as census:
        whole = applying.stored_plan(census.store, digest).plan.digest
        applying.reject(census.store, whole, who, reason, census.clock())
    if json:
        output.document({"digest": whole, "state": "rejected", "reason": reason})
    else:
        say(Out(), f"rejected: {whole}")


def rollback(
    ctx: typer.Context,
    revision: Annotated[int, typer.Argument(metavar="REVISION", min=0, help="The revision to go back to.")],
    reason: Reason,
    actor: As = None,
    everything: All = False,
    full: Full = False,
    json: options.Json = False,
) -> None:
    """Propose to publish again what an earlier revision published: a plan too, to be looked at and applied.

    What people set is left as it is.
    """
    from modelcensus.operations.catalog import applying

    who = acting(actor)
    with opened(ctx, create=False) as census:
        found = applying.rollback(census.store, revision, who, reason, census.clock())
    _show(found, everything=everything, full=full, json=json)


def disagreements(
    ctx: typer.Context,
    field: Annotated[
        str | None, typer.Option("--field", metavar="PATH", help="Only this field or group: price, context ...")
    ] = None,
    limit: options.Limit = 50,
    json: options.Json = False,
) -> None:
    """List the fields of which sources say different things.

    With both values, how far they are apart, the sources, and the snapshots that prove it.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import disagreeing
    from modelcensus.cli.output import Out
    from modelcensus.core.document import document
    from modelcensus.operations.catalog import catalog

    with looked(ctx) as store:
        found = catalog.disagreements(store, field=field, limit=limit)
    if json:
        output.document([{"model_id": model_id, **document(each)} for model_id, each in found])
    else:
        disagreeing.listed(Out(), found, limit)
