"""Exit codes, and the one line (with its hint) in which any trouble is told."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from modelcensus.cli.text import visible
from modelcensus.core.errors import (
    CensusError,
    InvalidInput,
    NotFound,
    SettingsError,
    SourceError,
    StoreError,
    VerificationFailed,
)

WELL, ATTENTION, USAGE, NOT_FOUND, STORE, UPSTREAM, UNVERIFIED = range(7)
INTERNAL = 70
INTERRUPTED = 130
PIPE_CLOSED = 141
_BY_CLASS: dict[type[CensusError], int] = {
    SettingsError: USAGE,
    InvalidInput: USAGE,
    NotFound: NOT_FOUND,
    StoreError: STORE,
    SourceError: UPSTREAM,
    VerificationFailed: UNVERIFIED,
}
MEANINGS = {
    WELL: "all well",
    ATTENTION: "done, but look: a source failed or came incomplete, or a reading was not imported",
    USAGE: "wrong usage, input or setting",
    NOT_FOUND: "no such source, key, file or census",
    STORE: "the database cannot be used",
    UPSTREAM: "an upstream cannot be read",
    UNVERIFIED: "verification failed",
    INTERNAL: "internal error: please report it",
    INTERRUPTED: "interrupted",
    PIPE_CLOSED: "whoever read the output closed the pipe",
}


def code_of(error: CensusError) -> int:
    """The exit code of an error, by the nearest class in the table."""
    return next((_BY_CLASS[kind] for kind in type(error).__mro__ if kind in _BY_CLASS), ATTENTION)


def tell(message: str, hint: str = "") -> None:
    """One line on stderr, and one with the hint."""
    lines = [f"error: {visible(message)}"] + ([f"hint: {visible(hint)}"] if hint else [])
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def told(error: BaseException) -> int:
    """Tell of an error; the exit code it gives."""
    if isinstance(error, CensusError):
        tell(error.message, error.hint)
        return code_of(error)
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return interrupted()
    if isinstance(error, typer.TyperException):
        said = error.format_message()
        if said.startswith("Usage: "):  # a group of commands without one: its whole help, over several lines
            sys.stderr.write(f"{said}\n")
        else:
            tell(_sentence(said), _usage_hint(error))
        return error.exit_code
    if os.environ.get("MODELCENSUS_DEBUG"):
        traceback.print_exception(error)
    tell(
        f"internal error ({type(error).__name__}: {_first_line(error)})",
        "please report it; run again with MODELCENSUS_DEBUG=1 for the traceback",
    )
    return INTERNAL


def interrupted() -> int:
    """Say that a person stopped it."""
    sys.stderr.write("\n")
    tell("interrupted", "nothing is half-recorded; run it again")
    return INTERRUPTED


def _usage_hint(error: typer.TyperException) -> str:
    if getattr(error, "option_name", None) in ("--database", "--config-dir", "--verbose", "-v"):
        return f"global options come before the command: modelcensus {error.option_name} ... COMMAND"  # type: ignore[attr-defined]  # the line above
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "modelcensus"
    return f"see '{path} --help'; put -- before an id that starts with a dash"


def _sentence(message: str) -> str:
    """Typer's message in our shape: one line, a small letter first, no full stop."""
    line = " ".join(message.replace("Value error, ", "").split()).rstrip(".")
    return line[:1].lower() + line[1:]


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "")[:200]
