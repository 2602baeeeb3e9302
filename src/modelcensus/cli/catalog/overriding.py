"""override set, clear, list; rules; audit; tiers: a person's word, in detail."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, Model, Reason, acting
from modelcensus.cli.context import looked, opened, time_of
from modelcensus.cli.exits import ATTENTION
from modelcensus.core.catalog.model import Tier

Path_ = Annotated[str, typer.Argument(metavar="FIELD", help="As 'models show' names it: price.input, context ...")]
File = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="Rules in TOML. Default: the shipped ones.", show_default=False)
]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    override = typer.Typer(help="Set fields instead of what sources say.", rich_markup_mode=None, no_args_is_help=True)
    override.command(
        "set",
        epilog=options.examples(
            "modelcensus override set openai/gpt-4.1 price.input 1.80 --reason 'our contract' --until 2027-01-01",
            "modelcensus override set lab/one capabilities.vision true --reason 'tried it'",
        ),
    )(set_)
    override.command(
        "clear", epilog=options.examples("modelcensus override clear openai/gpt-4.1 price.input --reason 'it ended'")
    )(clear)
    override.command("list", epilog=options.examples("modelcensus override list"))(list_)
    app.add_typer(override, name="override")
    rules = typer.Typer(help="Curate by rules what no person has touched.", rich_markup_mode=None, no_args_is_help=True)
    rules.command("show", epilog=options.examples("modelcensus rules show", "modelcensus rules show rules.toml"))(
        rules_show
    )
    rules.command("apply", epilog=options.examples("modelcensus rules apply", "modelcensus rules apply rules.toml"))(
        rules_apply
    )
    app.add_typer(rules, name="rules")
    app.command(
        epilog=options.examples("modelcensus audit --model openai/gpt-4.1", "modelcensus audit --by ada --since 7d")
    )(audit)
    app.command(
        epilog=options.examples("modelcensus tiers pro", "modelcensus tiers free openai/gpt-4.1", "modelcensus tiers")
    )(tiers)


def set_(
    ctx: typer.Context,
    model: Model,
    field: Path_,
    value: Annotated[
        str, typer.Argument(metavar="VALUE", help="A price as it is, else JSON or text.", show_default=False)
    ],
    reason: Reason,
    until: Annotated[
        str | None, typer.Option("--until", metavar=options.TIME, help="When it ends. Default: never.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="NAME", help="Who answers for it. Default: who acts.")
    ] = None,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Set a field of a model instead of what sources say, with a reason.

    It holds until its time, or until it is cleared; where upstream moves under it, 'override list' gives notice.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import acts
    from modelcensus.cli.output import Out
    from modelcensus.core.catalog.curated import as_written
    from modelcensus.operations.catalog import overriding

    who = acting(actor)
    ends = time_of(until) if until is not None else None
    with opened(ctx, create=False) as census:
        done = overriding.set_override(
            census.store, model, field, as_written(field, value), actor=who, reason=reason, now=census.clock(),
            owner=owner, expires_at=ends,
        )  # fmt: skip
    output.document(done) if json else acts.overrides(Out(), [done], [])


def clear(
    ctx: typer.Context, model: Model, field: Path_, reason: Reason, actor: As = None, json: options.Json = False
) -> None:
    """Take an override away: the field is what the sources say again."""
    from modelcensus.cli import output
    from modelcensus.cli.output import Out, say
    from modelcensus.operations.catalog import overriding

    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = overriding.clear_override(census.store, model, field, actor=who, reason=reason, now=census.clock())
    output.document(done) if json else say(Out(), f"cleared: {done.path} of {done.model_id}")


def list_(
    ctx: typer.Context,
    model: Annotated[str | None, typer.Option("--model", metavar="MODEL", help="Only of this model.")] = None,
    json: options.Json = False,
) -> None:
    """List the overrides, with a notice where upstream has moved under one, or one has expired.

    Exit code 1 where there is such a notice.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import acts
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import overriding

    with opened(ctx, create=False) as census:
        found = overriding.overrides(census.store, model_id=model)
        noticed = overriding.notices(census.store, census.clock())
    moved = [each for each in noticed.drifted if model in (None, each.override.model_id)]
    expired = [each for each in noticed.expired if model in (None, each.model_id)]
    if json:
        output.document({"overrides": found, "drifted": moved, "expired": expired})
    else:
        acts.overrides(Out(), found, moved, expired)
    if moved or expired:
        raise typer.Exit(ATTENTION)


def rules_show(file: File = None, json: options.Json = False) -> None:
    """Show the rules of a file, or the shipped ones, in their order: the first that matches decides."""
    from modelcensus.cli import output
    from modelcensus.cli.catalog import acts
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import rules

    found = rules.load_rules(file)
    output.document(found) if json else acts.rules(Out(), found)


def rules_apply(ctx: typer.Context, file: File = None, actor: As = None, json: options.Json = False) -> None:
    """Curate by rules what no person has touched; each change is in the audit log.

    Exit code 1 where a rule matches no model: perhaps a typing error.
    """
    from modelcensus.cli import output
    from modelcensus.cli.catalog import acts
    from modelcensus.cli.output import Out
    from modelcensus.core.document import document
    from modelcensus.operations.catalog import rules

    found = rules.load_rules(file)
    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = rules.apply_rules(census.store, found, who, census.clock())
    if json:
        changed = [acts.edited_document(each) for each in done.changed]
        output.document({**document(done), "changed": changed})
    else:
        acts.ruled(Out(), done)
    if done.idle and file is not None:
        raise typer.Exit(ATTENTION)


def audit(
    ctx: typer.Context,
    model: Annotated[str | None, typer.Option("--model", metavar="MODEL", help="Only about this model.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Only what this person did.")] = None,
    act: Annotated[
        str | None, typer.Option("--act", metavar="ACT", help="Only this: edit, apply, override ...")
    ] = None,
    revision: Annotated[
        int | None, typer.Option("--revision", metavar="N", help="Only what made this revision.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar=options.TIME, help="From then on.")] = None,
    limit: options.Limit = 50,
    full: Annotated[bool, typer.Option("--full", help="Print long values whole.")] = False,
    json: options.Json = False,
) -> None:
    """Show who did what to which model, when, with what before and after, and why; newest first."""
    from modelcensus.cli import output
    from modelcensus.cli.catalog import acts
    from modelcensus.cli.output import Out
    from modelcensus.operations.catalog import applying

    start = time_of(since) if since is not None else None
    with looked(ctx) as store:
        found = applying.audit_log(store, target=model, actor=by, act=act, since=start, revision=revision, limit=limit)
    output.document(found) if json else acts.audit(Out(), found, limit, full=full)


def tiers(
    ctx: typer.Context,
    tier: Annotated[Tier, typer.Argument(help="Whose models.")] = Tier.FREE,
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="May this one be used?", show_default=False)
    ] = None,
    json: options.Json = False,
) -> None:
    """List the models that callers of a tier may use, or say whether they may use one.

    Enterprise may use what pro may, and pro what free may; only what is enabled and not archived. Exit code 1 where
    the one model may not be used.
    """
    from modelcensus.cli import output
    from modelcensus.operations.catalog import access

    with looked(ctx) as store:
        if model is None:
            allowed = access.get_user_allowed_models(store, tier)
            if json:
                output.document({"tier": tier.value, "models": allowed})
            elif not output.table(output.Out(), ("model",), ((each,) for each in allowed)):
                output.say(
                    output.Out(), f"the tier {tier.value} may use no model; see 'modelcensus models edit --help'"
                )
            return
        may = access.can_user_use_model(store, tier, model)
    if json:
        output.document({"tier": tier.value, "model": model, "allowed": may})
    else:
        output.say(output.Out(), f"{tier.value} {'may' if may else 'may not'} use {model}")
    if not may:
        raise typer.Exit(ATTENTION)
