"""schedule, schedule install, remove, write: when sources are read, and clocks outside that start it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from modelcensus.cli import options
from modelcensus.cli.context import loaded, opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.text import Text

    from modelcensus.cli.output import Row
    from modelcensus.operations.outside.job import Step
    from modelcensus.operations.scheduling import LastRun, Outlook
    from modelcensus.settings import Settings


class Clock(StrEnum):
    """Clocks of this machine."""

    CRON = "cron"
    SYSTEMD = "systemd"


class Host(StrEnum):
    """Clocks elsewhere."""

    GITHUB = "github"
    KUBERNETES = "kubernetes"
    VERCEL = "vercel"


Next = Annotated[int, typer.Option("--next", min=1, max=1000, metavar="N", help="So many times of each source.")]
OfClock = Annotated[Clock, typer.Argument(metavar="cron|systemd", show_default=False)]
OfHost = Annotated[Host, typer.Argument(metavar="github|kubernetes|vercel", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
User = Annotated[bool, typer.Option("--user/--system", help="systemd: of this user, or of the whole machine.")]
Folder = Annotated[Path | None, typer.Option("--folder", metavar="DIR", help="Only write (or remove) the files there.")]
Root = Annotated[Path, typer.Option("--folder", metavar="DIR", help="The folder of your repository.")]
Force = Annotated[bool, typer.Option("--force", help="Also where a file is there that is not ours.")]
Image = Annotated[str | None, typer.Option("--image", help="kubernetes: an image in which the program is.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(
        rich_markup_mode=None,
        epilog=options.examples(
            "modelcensus schedule", "modelcensus schedule --next 5", "modelcensus schedule install systemd --dry-run",
            "modelcensus schedule write github",
        ),
    )  # fmt: skip
    group.callback(invoke_without_command=True)(schedule)
    group.command(
        epilog=options.examples(
            "modelcensus schedule install cron --dry-run", "modelcensus schedule install systemd",
            "modelcensus schedule install systemd --folder units",
        )
    )(install)  # fmt: skip
    group.command(epilog=options.examples("modelcensus schedule remove cron"))(remove)
    group.command(
        epilog=options.examples(
            "modelcensus schedule write github", "modelcensus schedule write kubernetes --image census:1",
            "modelcensus schedule write vercel --folder ../site --force",
        )
    )(write)  # fmt: skip
    app.add_typer(group, name="schedule")


def schedule(ctx: typer.Context, count: Next = 1, json: options.Json = False) -> None:
    """Show when each source is read next, and how it went last; set up clocks outside.

    A worker keeps these times ('modelcensus serve' has one inside). Times are those of this machine's time zone, with
    --json UTC.
    """
    if ctx.invoked_subcommand is not None:
        return
    from modelcensus.cli import output
    from modelcensus.operations.scheduling import outlook

    settings = loaded(ctx).settings
    with opened(ctx, create=False) as census:
        now = census.clock()
        found = outlook(census, settings.sync, settings.sources, now, count)
    if json:
        output.document(found)
        return
    columns = ("|source", "what", "|next", "|in", ">jitter", "|last", "ended")
    out = output.Out()
    output.table(out, columns, (row for each in found for row in _rows(each, now)))
    off = [each for each in found if each.off]
    for each in off:
        output.say(out, f"{each.source}: {each.off}")


def install(
    ctx: typer.Context, clock: OfClock, dry_run: DryRun = False, user: User = True, folder: Folder = None,
    json: options.Json = False,
) -> None:  # fmt: skip
    """Let this machine's clock start a sync and a look at the health, each at its schedule.

    Says what it does, and can be given again: what was there before of ours is replaced. For machines without a worker.
    """
    from modelcensus.cli import clocks
    from modelcensus.operations.outside import crontab, systemd
    from modelcensus.operations.outside.job import jobs

    found = loaded(ctx)
    place = clocks.place_of(ctx)
    if clock is Clock.CRON:
        steps = crontab.install(place, jobs(found.settings), folder)
    else:
        whose = clocks.systemd_of(user=user, folder=folder, place=place)
        steps = systemd.install(place, jobs(found.settings), found.settings.sync, whose)
    notes = [*clocks.unseen(found), *clocks.after_install(clock.value, found.settings, folder, user=user)]
    _carried_out(steps, notes if steps else [], dry_run=dry_run, json=json)


def remove(
    clock: OfClock, dry_run: DryRun = False, user: User = True, folder: Folder = None, json: options.Json = False
) -> None:
    """Take away what 'schedule install' put there, and nothing else."""
    from modelcensus.cli import clocks
    from modelcensus.operations.outside import crontab, systemd

    if clock is Clock.CRON:
        steps = crontab.uninstall(folder)
    else:
        steps = systemd.uninstall(clocks.systemd_of(user=user, folder=folder, place=None))
    _carried_out(steps, [], dry_run=dry_run, json=json)


def write(
    ctx: typer.Context, host: OfHost, folder: Root = Path(), image: Image = None, force: Force = False,
    dry_run: DryRun = False, json: options.Json = False,
) -> None:  # fmt: skip
    """Write the file by which GitHub, Kubernetes or Vercel start syncs. To be rid of it, delete the file."""
    from modelcensus.cli import clocks

    settings = loaded(ctx).settings
    step = _written(host, settings, folder, image, force=force)
    _carried_out([step], list(clocks.after_write(host.value, settings)), dry_run=dry_run, json=json)


def _written(host: Host, settings: Settings, folder: Path, image: str | None, *, force: bool) -> Step:
    from modelcensus.operations.outside import github, kubernetes, vercel
    from modelcensus.operations.outside.job import jobs

    if host is Host.GITHUB:
        return github.workflow(settings, folder, force=force)
    if host is Host.VERCEL:
        return vercel.crons(settings, folder, force=force)
    return kubernetes.cron_jobs(
        jobs(settings), settings.sync, folder, image=image or kubernetes.IMAGE, force=force
    )  # fmt: skip


def _carried_out(steps: Sequence[Step], notes: Sequence[str], *, dry_run: bool, json: bool) -> None:
    from modelcensus.cli import output

    if json:
        for step in () if dry_run else steps:
            step.do()
        told = [{"does": step.does, "content": step.content} for step in steps]
        output.document({"dry_run": dry_run, "steps": told, "notes": list(notes)})
        return
    out = output.Out()
    for step in steps:
        output.say(out, f"would {step.does}" if dry_run else step.does)
        for line in (step.content or "").splitlines():
            output.say(out, line, indent=4)
        if not dry_run:
            step.do()
    if not steps:
        output.say(out, "nothing to do")
    for note in notes:
        output.say(out, f"note: {note}")


def _rows(found: Outlook, now: int) -> Iterator[Row]:
    from modelcensus.cli.clocks import ahead, local

    last, ended = _ended(found.last)
    if not found.next:
        yield (found.source, "off", "-", "-", "-", last, ended)
    for number, each in enumerate(found.next):
        what = "everything" if each.documents == "all" else "models"
        late = f"{int(found.jitter_seconds)} s"
        shown = (last, ended) if number == 0 else ("", "")
        yield (found.source, what, local(each.starts_at), ahead(each.starts_at - now), late, *shown)


def _ended(last: LastRun | None) -> tuple[str, str | Text]:
    from modelcensus.cli.clocks import local
    from modelcensus.cli.output import cell
    from modelcensus.core.run import RunState

    if last is None:
        return "-", "never"
    began = local(last.started_at)
    if last.state is RunState.DONE:
        return began, cell("well", "green") if last.success else cell("with errors", "red")
    return began, cell(last.state.value, "yellow" if last.state is RunState.RUNNING else "red")
