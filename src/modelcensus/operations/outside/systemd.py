"""systemd: a service and a timer for each job, of the user or of the system.

The forms: https://www.freedesktop.org/software/systemd/man/latest/systemd.timer.html
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from modelcensus.core.errors import InvalidInput
from modelcensus.operations.outside.job import MARK, Job, Place, Step, ask, remove, run, write
from modelcensus.operations.outside.timing import calendars
from modelcensus.settings import SyncSettings

SYSTEM = Path("/etc/systemd/system")
_NAMES = ("sync", "health")


class Systemd(msgspec.Struct, frozen=True):
    """Whose systemd it is. ``folder``: the units are only written there, and the rest is left to a person.

    ``run_as``: of the system's systemd, the user that the program runs as.
    """

    system: bool = False
    folder: Path | None = None
    run_as: str = ""

    @property
    def units(self) -> Path:
        """The folder of the units."""
        return self.folder or (SYSTEM if self.system else Path.home() / ".config/systemd/user")

    @property
    def program(self) -> tuple[str, ...]:
        """The words that speak to it."""
        return ("systemctl",) if self.system else ("systemctl", "--user")

    @property
    def commands(self) -> tuple[tuple[str, ...], ...]:
        """What makes it read and start the timers."""
        return ((*self.program, "daemon-reload"), (*self.program, "enable", "--now", *_timers()))


def install(place: Place, jobs: Sequence[Job], sync: SyncSettings, whose: Systemd) -> list[Step]:
    """The steps that write the units and start the timers. Raises ``InvalidInput``, ``NotFound`` without systemctl."""
    if set(place.program[0]) & set("\"'\\"):
        raise InvalidInput(f"systemd does not start a program of the name {place.program[0]}", "rename its folder")
    steps = []
    for job in jobs:
        for kind, content in (("service", _service(place, job, whose)), ("timer", _timer(job, sync))):
            steps.append(write(whose.units / f"modelcensus-{job.name}.{kind}", content))
    if whose.folder is None:
        ask(("systemctl", "--version"))
        steps += [run(words, _hint(whose)) for words in whose.commands]
    return steps


def uninstall(whose: Systemd) -> list[Step]:
    """The steps that stop the timers and remove the units; none where there are none. Raises as ``install`` does."""
    paths = [whose.units / f"modelcensus-{name}.{kind}" for name in _NAMES for kind in ("timer", "service")]
    gone = [step for path in paths if (step := remove(path))]
    if not gone or whose.folder is not None:
        return gone
    ask(("systemctl", "--version"))
    stop = run((*whose.program, "disable", "--now", *_timers()), _hint(whose))
    return [stop, *gone, run((*whose.program, "daemon-reload"), _hint(whose))]


def _service(place: Place, job: Job, whose: Systemd) -> str:
    words = place.words(job)
    # With the colon nothing is put in for a dollar sign.
    start = ":" * any("$" in word for word in words) + " ".join(map(_quoted, words))
    lines = [
        f"# {MARK} install systemd'; to take it away: modelcensus schedule remove systemd",
        f"# settings: {place.env_file} and {place.folder / 'modelcensus.toml'}",
        "[Unit]", f"Description=modelcensus: {job.told}",
        "", "[Service]", "Type=oneshot", f"WorkingDirectory={str(place.folder).replace('%', '%%')}",
        f"ExecStart={start}", "TimeoutStartSec=2h",
    ]  # fmt: skip
    if whose.system and whose.run_as:
        lines.append(f"User={whose.run_as}")
    return "\n".join(lines) + "\n"


def _timer(job: Job, sync: SyncSettings) -> str:
    late = sync.jitter_seconds if job.name == "sync" else 0
    lines = [
        f"# {MARK} install systemd'; to take it away: modelcensus schedule remove systemd",
        "[Unit]", f"Description=modelcensus: when to {job.told}",
        "", "[Timer]", *(f"OnCalendar={each}" for each in calendars(job.timing, sync.time_zone)),
        f"Persistent={'false' if sync.catch_up == 'skip' else 'true'}", "AccuracySec=1s",
        f"RandomizedDelaySec={late:g}", "FixedRandomDelay=true",
        "", "[Install]", "WantedBy=timers.target",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _timers() -> tuple[str, ...]:
    return tuple(f"modelcensus-{name}.timer" for name in _NAMES)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != word or " " in word or "'" in word or ";" in word or not word else word


def _hint(whose: Systemd) -> str:
    return f"try by hand: {' '.join(whose.program)} list-timers; or write the units to a folder with --folder"
