"""The program ``modelcensus``: its commands, and one exit code with one line for all trouble."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from modelcensus.cli import (
    agents,
    catalog,
    collecting,
    compacting,
    comparing,
    explaining,
    exporting,
    health,
    inspecting,
    keeping,
    looking,
    notify,
    past,
    pushing,
    schedule,
    serving,
    tokens,
    trends,
    trying,
    upkeep,
    webhooks,
    worker,
)
from modelcensus.cli.context import Globals
from modelcensus.cli.exits import INTERRUPTED, MEANINGS, PIPE_CLOSED, USAGE, WELL, interrupted, tell, told
from modelcensus.version import __version__

_EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())


class Commands(TyperGroup):
    """The commands in the order in which they were added."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command; a reader that went away ends it quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise typer.Exit(PIPE_CLOSED) from None


app = typer.Typer(
    cls=Commands,
    # Plain help: starts in half the time of the boxed one, and keeps the examples as they are.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"modelcensus {__version__}")
        raise typer.Exit


@app.callback()
def census(
    ctx: typer.Context,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The census to use: sqlite:///PATH or postgresql://USER@HOST/NAME."),
    ] = None,
    config_dir: Annotated[
        Path | None,
        typer.Option(metavar="DIR", file_okay=False, exists=True, help="Read modelcensus.toml and .env there."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell of every step on standard error.")] = False,
    _version_wanted: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """A true, current and complete record of the world's AI models: prices, limits, abilities, and every change.

    Begin with 'modelcensus up'. Every command has --help with examples and --json. Times are UTC. An id that starts
    with a dash needs -- before it: modelcensus show -- -odd-id
    """
    ctx.obj = Globals(database=database, config_dir=config_dir, verbose=verbose)


for _room in (
    serving,
    worker,
    collecting,
    looking,
    explaining,
    past,
    comparing,
    inspecting,
    catalog,
    trends,
    exporting,
    pushing,
    tokens,
    webhooks,
    notify,
    agents,
    trying,
    schedule,
    health,
    keeping,
    upkeep,
    compacting,
):
    _room.add_to(app)


def run() -> int:
    """Run the program on its arguments; the exit code. Never a traceback for foreseeable trouble."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        if any(not _is_text(word) for word in sys.argv):
            tell("an argument is not valid UTF-8", "set the terminal's language to a UTF-8 one")
            return USAGE
        code = app(standalone_mode=False, prog_name="modelcensus")
        if code == INTERRUPTED:
            interrupted()
        sys.stdout.flush()
    except BrokenPipeError:
        code = PIPE_CLOSED
    except (Exception, KeyboardInterrupt) as error:
        code = told(error)
    if code == PIPE_CLOSED:
        # Python would complain of the closed pipe once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code if isinstance(code, int) else WELL


def _is_text(word: str) -> bool:
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(run())
