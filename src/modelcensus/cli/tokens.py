"""token create, list, revoke: credentials for programs and people, each with a role, a tier and an end."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.catalog.actor import As, MayReason, Reason, acting
from modelcensus.cli.context import looked, opened
from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Tier

if TYPE_CHECKING:
    from modelcensus.core.token import CreatedToken, Token

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is for, such as ci or grafana.", show_default=False)]
_STYLES = {"live": "green", "expired": "yellow", "revoked": "dim"}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    token = typer.Typer(
        help="Create, list and revoke API tokens: credentials for the HTTP API.", rich_markup_mode=None,
        no_args_is_help=True,
    )  # fmt: skip
    token.command(
        "create",
        epilog=options.examples(
            "modelcensus token create grafana --role viewer --expires 90d",
            "modelcensus token create litellm --role reader --tier pro",
            "modelcensus token create ci --role admin --expires 2027-01-01 > token.txt",
        ),
    )(create)
    token.command("list", epilog=options.examples("modelcensus token list", "modelcensus token list --all"))(list_)
    token.command("revoke", epilog=options.examples("modelcensus token revoke grafana --reason 'it leaked'"))(revoke)
    app.add_typer(token, name="token")


def create(
    ctx: typer.Context,
    name: Name,
    role: Annotated[
        Role,
        typer.Option(
            "--role",
            help="reader: the models of its tier; viewer: sees administration; curator: edits models, names and "
            "overrides, decides plans; admin: also syncs, tokens, webhooks.",
            show_default=False,
        ),
    ],
    tier: Annotated[
        Tier | None,
        typer.Option("--tier", help="Whose models it sees. Default: free for a reader, else enterprise."),
    ] = None,
    expires: Annotated[
        str | None,
        typer.Option("--expires", metavar="END", help="How long from now (90d, 36h, 8w) or a date. Default: never."),
    ] = None,
    reason: MayReason = None,
    actor: As = None,
    json: options.Json = False,
) -> None:
    """Create a token. Its secret is printed this once; only its hash is kept.

    Into a pipe or file goes the secret alone.
    """
    from modelcensus.cli import output
    from modelcensus.core.token import end_of
    from modelcensus.operations import tokens

    who = acting(actor)
    with opened(ctx) as census:
        ends = end_of(expires, census.now()) if expires is not None else None
        made = tokens.create(
            census.store, name, role=role, tier=tier, expires_at=ends, actor=who, reason=reason, now=census.clock()
        )
    if json:
        output.document(made)
    else:
        _tell(made)


def _tell(made: CreatedToken) -> None:
    from modelcensus.cli.output import Out, cell, facts, say

    out, token = Out(), made.token
    told = f"token {token.name}: {token.role}, {token.tier}, {_end(token)}"
    if not sys.stdout.isatty():
        sys.stderr.write(f"{told}; its secret is printed this once, keep it\n")
        sys.stdout.write(f"{made.secret}\n")
        return
    facts(out, [("token", token.name), ("role", token.role), ("tier", token.tier), ("ends", _end(token)[5:])])
    say(out, "")
    # As it is, and never folded: it is there to be copied.
    sys.stdout.write(f"  {made.secret}\n")
    say(out, "")
    say(out, cell("Copy it now: it is shown this once, and only its hash is kept.", "yellow"))
    say(out, cell("Programs send it as: Authorization: Bearer …", "dim"))


def _end(token: Token) -> str:
    from modelcensus.cli.text import moment

    return "ends never" if token.expires_at is None else f"ends {moment(token.expires_at)}"


def list_(
    ctx: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Those that were revoked too.")] = False,
    json: options.Json = False,
) -> None:
    """List tokens: what each may do, when it ends, and when it was last used (to a minute). Never their secrets."""
    from modelcensus.cli import output
    from modelcensus.core.times import to_micros
    from modelcensus.operations import tokens
    from modelcensus.wiring import utc_now

    with looked(ctx) as store:
        found = tokens.listed(store, to_micros(utc_now()), revoked=everything)
    output.document(found) if json else _table(found)


def _table(found: list[Token]) -> None:
    from modelcensus.cli.output import Out, cell, say, table

    out = Out()
    rows = (
        (
            cell(each.name, "bold"), each.role.value, each.tier.value,
            cell(each.state.value, _STYLES[each.state.value]),
            _minute(each.expires_at), _minute(each.last_used_at), each.created_by,
        )
        for each in found
    )  # fmt: skip
    if not table(out, ("name", "|role", "|tier", "|state", "ends", "last used", "created by"), rows):
        say(out, "there is no token; make one with 'modelcensus token create NAME --role ROLE'")


def _minute(micros: int | None) -> str:
    """A time to the minute, with a space at which a narrow table can fold it."""
    from modelcensus.cli.text import moment

    return "never" if micros is None else moment(micros)[:16].replace("T", " ")


def revoke(ctx: typer.Context, name: Name, reason: Reason, actor: As = None, json: options.Json = False) -> None:
    """Take a token's rights away for good. Servers that run refuse it within five seconds."""
    from modelcensus.cli import output
    from modelcensus.cli.output import Out, say
    from modelcensus.operations import tokens

    who = acting(actor)
    with opened(ctx, create=False) as census:
        done = tokens.revoke(census.store, name, actor=who, reason=reason, now=census.clock())
    output.document(done) if json else say(Out(), f"revoked: {done.name} ({done.role}, {done.tier})")
