"""Who acts, and why: what every command that changes the catalog asks for."""

from __future__ import annotations

from typing import Annotated

import typer

As = Annotated[
    str | None, typer.Option("--as", metavar="NAME", help="Who acts, for the audit log. Default: your login name.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for the audit log.", show_default=False)]
MayReason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why, for the audit log.")]
Model = Annotated[str, typer.Argument(metavar="MODEL", help="A model's id.", show_default=False)]
_LONGEST = 200


def acting(name: str | None) -> str:
    """Who acts: the name given, else the login name. Raises ``InvalidInput`` where there is neither."""
    import getpass

    from modelcensus.core.errors import InvalidInput

    try:
        actor = (getpass.getuser() if name is None else name).strip()
    except (OSError, KeyError, ImportError):
        actor = ""
    if not actor or len(actor) > _LONGEST or not actor.isprintable():
        raise InvalidInput("it is not clear who acts", "say it with --as NAME, one line of at most 200 characters")
    return actor
