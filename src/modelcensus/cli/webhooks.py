"""webhook add, list, change, remove, test, deliveries, replay, rotate, deliver: changes pushed to other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, acting
from modelcensus.cli.context import loaded, looked, opened
from modelcensus.cli.exits import ATTENTION
from modelcensus.core.catalog.model import StepKind, Tier
from modelcensus.core.webhook import DeliveryState

if TYPE_CHECKING:
    from modelcensus.core.webhook import Filters
    from modelcensus.operations.webhooks.registering import WebhookMade

Id = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its id, as 'webhook list' shows it.", show_default=False)]
Url = Annotated[str, typer.Argument(metavar="URL", help="Where to post to: https.", show_default=False)]
Providers = Annotated[list[str] | None, typer.Option("--provider", metavar="NAME", help="Only models of it.")]
Tiers = Annotated[list[Tier] | None, typer.Option("--tier", help="Only models that its callers see.")]
Fields = Annotated[list[str] | None, typer.Option("--field", metavar="FIELD", help="Only where it moved: price ...")]
Kinds = Annotated[list[StepKind] | None, typer.Option("--kind", help="Only this kind of change.")]
Models = Annotated[list[str] | None, typer.Option("--model", metavar="MODEL", help="Only this model.")]
State = Annotated[DeliveryState | None, typer.Option("--state", help="Only those that stand so.")]
Of = Annotated[str | None, typer.Option("--webhook", metavar="WEBHOOK", help="Only of this one.")]
Dead = Annotated[bool, typer.Option("--dead", help="All that were given up.")]
One = Annotated[str | None, typer.Argument(metavar="[DELIVERY]", help="One delivery's id.", show_default=False)]
Enable = Annotated[bool | None, typer.Option("--enable/--disable", help="Go on where it stopped, or stop.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Push changes to other programs.", rich_markup_mode=None, no_args_is_help=True)
    group.command(
        "add",
        epilog=options.examples(
            "modelcensus webhook add https://example.com/hook",
            "modelcensus webhook add https://example.com/hook --field price --kind updated",
        ),
    )(add)
    group.command("list", epilog=options.examples("modelcensus webhook list"))(list_)
    group.command(
        "change",
        epilog=options.examples(
            "modelcensus webhook change wh_1f3a --disable",
            "modelcensus webhook change wh_1f3a --url https://example.com/new",
        ),
    )(change)
    group.command("remove", epilog=options.examples("modelcensus webhook remove wh_1f3a"))(remove)
    group.command("test", epilog=options.examples("modelcensus webhook test wh_1f3a"))(try_)
    group.command("rotate", epilog=options.examples("modelcensus webhook rotate wh_1f3a"))(rotate)
    group.command("deliveries", epilog=options.examples("modelcensus webhook deliveries --state dead"))(deliveries)
    group.command(
        "replay",
        epilog=options.examples("modelcensus webhook replay msg_1f3a_12_1", "modelcensus webhook replay --dead"),
    )(replay)
    group.command("deliver", epilog=options.examples("modelcensus webhook deliver"))(deliver)
    app.add_typer(group, name="webhook")


def add(
    ctx: typer.Context, url: Url, provider: Providers = None, tier: Tiers = None, field: Fields = None,
    kind: Kinds = None, model: Models = None, actor: As = None, json: options.Json = False,
) -> None:  # fmt: skip
    """Tell an address of changes from now on; prints the secret that it checks signatures with, this once.

    Each option may be given several times. Without any it is told of every change.
    """
    from modelcensus.operations.webhooks import registering

    filters = _filters(provider, tier, field, kind, model)
    who, settings = acting(actor), loaded(ctx).settings.webhooks
    with opened(ctx, create=False) as census:
        made = registering.create(census.store, settings, url, filters, actor=who, now=census.clock())
    _print_made(made, json)


def list_(ctx: typer.Context, json: options.Json = False) -> None:
    """List the webhooks, their addresses without secrets."""
    from modelcensus.cli import output
    from modelcensus.operations.webhooks import registering

    with looked(ctx) as store:
        found = registering.listed(store)
    if json:
        output.document(found)
        return
    rows = (
        (each.id, each.url, "on" if each.enabled else "off", each.reached_revision, _worded(each.filters))
        for each in found
    )
    if not output.table(output.Out(), ("|webhook", "url", "|state", ">revision", "only"), rows):
        output.say(output.Out(), "there is no webhook; add one with 'modelcensus webhook add URL'")


def change(ctx: typer.Context, webhook: Id, enable: Enable = None, url: Annotated[
    str | None, typer.Option("--url", metavar="URL", help="Another address.")
] = None, actor: As = None, json: options.Json = False) -> None:  # fmt: skip
    """Stop a webhook, let it go on where it stopped, or give it another address."""
    from modelcensus.cli import output
    from modelcensus.operations.webhooks import registering

    who, settings = acting(actor), loaded(ctx).settings.webhooks
    with opened(ctx, create=False) as census:
        done = registering.change(
            census.store, settings, webhook, actor=who, now=census.clock(), url=url, enabled=enable
        )
    said = f"{done.id} is {'on' if done.enabled else 'off'}, and goes to {done.url}"
    output.document(done) if json else output.say(output.Out(), said)


def remove(ctx: typer.Context, webhook: Id, actor: As = None, json: options.Json = False) -> None:
    """Take a webhook away, with all its deliveries."""
    from modelcensus.cli import output
    from modelcensus.operations.webhooks import registering

    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = registering.delete(census.store, webhook, actor=who, now=census.clock())
    output.document(done) if json else output.say(output.Out(), f"removed: {done.id} to {done.url}")


def try_(ctx: typer.Context, webhook: Id, actor: As = None, json: options.Json = False) -> None:
    """Send a test at once and print what was answered. Exit code 1 where it was not taken."""
    from modelcensus.cli import output
    from modelcensus.operations.webhooks import sending

    who, settings = acting(actor), loaded(ctx).settings.webhooks
    with opened(ctx, create=False) as census:
        done = sending.try_now(census, settings, webhook, actor=who)
    if json:
        output.document(done)
    else:
        word = "taken" if done.ok else "not taken"
        output.say(output.Out(), " ".join(str(part) for part in (f"{word}:", done.status, done.text) if part))
    if not done.ok:
        raise typer.Exit(ATTENTION)


def rotate(ctx: typer.Context, webhook: Id, actor: As = None, json: options.Json = False) -> None:
    """Give a webhook a new secret, which signs whatever is sent from now on; prints it, this once."""
    from modelcensus.operations.webhooks import registering

    who, settings = acting(actor), loaded(ctx).settings.webhooks
    with opened(ctx, create=False) as census:
        made = registering.rotate(census.store, settings, webhook, actor=who, now=census.clock())
    _print_made(made, json)


def deliveries(
    ctx: typer.Context, webhook: Of = None, state: State = None, limit: options.Limit = 50, json: options.Json = False
) -> None:
    """List deliveries, newest first: sent, pending, or dead, which were given up."""
    from modelcensus.cli import output
    from modelcensus.cli.text import moment
    from modelcensus.operations.webhooks import registering

    with looked(ctx) as store:
        found = registering.deliveries(store, webhook_id=webhook, state=state, limit=limit)
    if json:
        output.document(found)
        return
    rows = (
        (moment(each.created_at), each.id, each.revision, each.state.value, each.attempts, each.last_error or "")
        for each in found
    )
    columns = ("|made", "|delivery", ">revision", "|state", ">attempts", "last error")
    if not output.table(output.Out(), columns, rows):
        output.say(output.Out(), "there is no such delivery")


def replay(
    ctx: typer.Context, delivery: One = None, dead: Dead = False, webhook: Of = None, actor: As = None,
    json: options.Json = False,
) -> None:  # fmt: skip
    """Let one delivery that ended, or all dead ones, be sent anew; the server sends them, or 'webhook deliver'."""
    from modelcensus.cli import output
    from modelcensus.core.errors import InvalidInput
    from modelcensus.operations.webhooks import registering

    if (delivery is None) is not dead:
        raise InvalidInput("it is not clear what to replay", "name one delivery, or say --dead for all dead ones")
    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = registering.replay(census.store, actor=who, now=census.clock(), delivery_id=delivery, webhook_id=webhook)
    output.document({"deliveries": done}) if json else output.say(output.Out(), f"to be sent anew: {len(done)}")


def deliver(ctx: typer.Context, json: options.Json = False) -> None:
    """Send whatever is due now, and end; a running server does so by itself.

    Exit code 1 where something was not taken.
    """
    from modelcensus.cli import output
    from modelcensus.operations.webhooks.deliverer import Deliverer

    settings = loaded(ctx).settings
    with opened(ctx, create=False) as census:
        done = Deliverer(census, settings.access, settings.webhooks).once()
    if json:
        output.document(done)
    else:
        output.say(output.Out(), f"sent: {done.sent}, to be tried again: {done.pending}, given up: {done.dead}")
    if done.pending or done.dead:
        raise typer.Exit(ATTENTION)


def _filters(
    providers: list[str] | None, tiers: list[Tier] | None, fields: list[str] | None, kinds: list[StepKind] | None,
    models: list[str] | None,
) -> Filters:  # fmt: skip
    from modelcensus.core.webhook import Filters

    return Filters(
        providers=tuple(providers or ()), tiers=tuple(tiers or ()), fields=tuple(fields or ()),
        kinds=tuple(kinds or ()), models=tuple(models or ()),
    )  # fmt: skip


def _worded(filters: Filters) -> str:
    lists = ((name, getattr(filters, name)) for name in filters.__struct_fields__)
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in lists if values)


def _print_made(made: WebhookMade, json: bool) -> None:
    from modelcensus.cli import output

    if json:
        output.document(made)
        return
    out = output.Out()
    output.facts(out, (("webhook", made.webhook.id), ("url", made.webhook.url), ("secret", made.secret)))
    output.say(out, "the secret is not shown again; give it to the receiver now")
