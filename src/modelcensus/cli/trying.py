"""source test, source adapters: try any adapter against its own example, without a network."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded
from modelcensus.cli.exits import ATTENTION

if TYPE_CHECKING:
    from rich.text import Text

    from modelcensus.cli.output import Out
    from modelcensus.operations.trial import Outcome, Trial
    from modelcensus.sources.adapter import Adapter

_SIGNS = {"passed": ("✓", "green"), "failed": ("✗", "bold red"), "spared": ("-", "dim")}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    source = typer.Typer(
        help="Try adapters, built in or installed, and list them.", rich_markup_mode=None, no_args_is_help=True
    )
    source.command(
        "test",
        epilog=options.examples("modelcensus source test openrouter", "modelcensus source test my-lab --only paging"),
    )(try_)
    source.command("adapters", epilog=options.examples("modelcensus source adapters"))(adapters)
    app.add_typer(source, name="source")


def try_(
    ctx: typer.Context,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Adapters or sources.", show_default=False)],
    only: Annotated[str, typer.Option("--only", metavar="TEXT", help="Only trials whose title or group has it.")] = "",
    json: options.Json = False,
) -> None:
    """Run the connector kit: everything that an adapter must do, against its own example.

    Paging, keys, resuming, 304, order, completeness, and every fault that a catalog can have. Needs no network and
    touches no census. With --json one line of JSON for each trial. Exit code 1 if any fails.
    """
    from modelcensus.cli import output
    from modelcensus.core.errors import InvalidInput
    from modelcensus.operations.trial import TRIALS, try_adapter

    trials = tuple(trial for trial in TRIALS if only.casefold() in f"{trial.group}: {trial.title}".casefold())
    if not trials:
        groups = ", ".join(dict.fromkeys(trial.group for trial in TRIALS))
        raise InvalidInput(f"no trial has '{only}' in its title or group", f"the groups are: {groups}")
    chosen = [_adapter(ctx, name) for name in dict.fromkeys(names)]
    out = output.Out()
    failed = 0
    for adapter in chosen:
        if not json:
            out.print(_heading(adapter))
        counts = dict.fromkeys(_SIGNS, 0)
        for outcome in try_adapter(adapter, begun=_begun if _watched(json) else _nothing, trials=trials):
            _clear(json)
            counts[outcome.verdict] += 1
            if json:
                output.drain(output.json_lines([_ready(adapter, outcome)]))
            else:
                _line(out, outcome)
        failed += counts["failed"]
        if not json:
            out.print(_sum(counts))
    if failed:
        raise typer.Exit(ATTENTION)


def adapters(json: options.Json = False) -> None:
    """List every adapter, and what other packages bring that cannot be used."""
    from modelcensus.cli import output
    from modelcensus.sources.registry import ADAPTERS, installed

    found = installed()
    known = found.adapters
    rows = [
        {
            "name": adapter.name, "title": adapter.title, "categories": list(adapter.categories),
            "needs_key": adapter.needs_key, "built_in": name in ADAPTERS, "example": adapter.example is not None,
        }
        for name, adapter in known.items()
    ]  # fmt: skip
    if json:
        output.document(rows)
        return
    out = output.Out()
    columns = ("|name", "title", "categories", "|key", "|from")
    output.table(
        out,
        columns,
        (
            (
                adapter.name, adapter.title, ", ".join(adapter.categories), "needed" if adapter.needs_key else "-",
                "built in" if name in ADAPTERS else "a package",
            )
            for name, adapter in known.items()
        ),
    )  # fmt: skip
    for rejected in found.rejected:
        output.say(out, f"! {rejected}")


def _adapter(ctx: typer.Context, name: str) -> Adapter:
    """An adapter by its name or that of a source. Raises ``NotFound`` and ``SettingsError``."""
    from modelcensus.core.errors import NotFound
    from modelcensus.sources.registry import installed

    found = installed()
    known = found.adapters
    if name in known:
        return known[name]
    for rejected in found.rejected:
        if rejected.name == name:
            raise NotFound(str(rejected), "correct the package that brings it")
    given = loaded(ctx).settings.sources.get(name)
    if given and given.adapter in known:
        return known[given.adapter]
    raise NotFound(f"there is no adapter '{name}'", f"the adapters are: {', '.join(sorted(known))}")


def _ready(adapter: Adapter, outcome: Outcome) -> dict[str, object]:
    """An outcome as plain members, with the adapter that it is of."""
    import msgspec

    return {"adapter": adapter.name, **msgspec.structs.asdict(outcome), "seconds": round(outcome.seconds, 3)}


def _heading(adapter: Adapter) -> Text:
    from modelcensus.cli.output import cell

    return cell(f"{adapter.title} ({adapter.name})", "bold")


def _line(out: Out, outcome: Outcome) -> None:
    """``✓ the example is read whole``; below a ✗ the reason, its hint and the details."""
    from rich.text import Text

    from modelcensus.cli.output import say
    from modelcensus.cli.text import visible

    sign, style = _SIGNS[outcome.verdict]
    line = Text.assemble((sign, style), " ", visible(outcome.title))
    if outcome.verdict == "spared":
        line.append(f" ({visible(outcome.problem or '')})", style="dim")
    say(out, line, indent=2)
    if outcome.verdict != "failed":
        return
    say(out, Text(visible(outcome.problem or ""), style="red"), indent=6)
    for detail in outcome.details:
        say(out, Text(visible(detail)), indent=8)
    if outcome.hint:
        say(out, Text.assemble(("hint: ", "dim"), visible(outcome.hint)), indent=6)


def _sum(counts: dict[str, int]) -> str:
    spared = f", {counts['spared']} not for it" if counts["spared"] else ""
    return f"{counts['passed']} passed, {counts['failed']} failed{spared}\n"


def _watched(json: bool) -> bool:
    return not json and sys.stderr.isatty()


def _nothing(trial: Trial) -> None:
    """Nobody watches."""


def _begun(trial: Trial) -> None:
    sys.stderr.write(f"\r\x1b[K  … {trial.title}")
    sys.stderr.flush()


def _clear(json: bool) -> None:
    if _watched(json):
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
