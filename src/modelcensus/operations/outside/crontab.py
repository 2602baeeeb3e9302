"""The user's crontab: lines between two markers are ours, nothing else is touched. Times are those of this machine."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from modelcensus.core.errors import InvalidInput
from modelcensus.operations.outside.job import MARK, Job, Place, Step, ask, check, remove, write
from modelcensus.operations.outside.timing import plain_cron

FILE = "modelcensus.crontab"
_BEGIN = "# modelcensus: begin"
_END = "# modelcensus: end"
_NONE_YET = (b"no crontab", b"can't open")
"""What ``crontab -l`` says of a user who has none: cronie's and Debian's words, and BusyBox's."""
_HINT = "try by hand: crontab -l"


def install(place: Place, jobs: Sequence[Job], folder: Path | None) -> list[Step]:
    """The steps that put the jobs into the user's crontab, or into a file in ``folder``.

    Raises ``InvalidInput``, ``NotFound`` where there is no crontab, ``CensusError``.
    """
    lines = block(place, jobs)
    if folder is not None:
        return [write(folder / FILE, f"# {MARK} install cron'; add it to a crontab with 'crontab -e'\n{lines}")]
    old = _current()
    new = with_block(old, lines)
    return [] if new == old else [_put(new, "replace" if _BEGIN in old else "add", lines)]


def uninstall(folder: Path | None) -> list[Step]:
    """The steps that take them out again; none where there is nothing of ours. Raises as ``install`` does."""
    if folder is not None:
        gone = remove(folder / FILE)
        return [gone] if gone else []
    old = _current()
    new = with_block(old, "")
    return [] if new == old else [_put(new, "take out", None)]


def block(place: Place, jobs: Sequence[Job]) -> str:
    """Our lines, markers included. Raises ``InvalidInput`` for a timing that cron cannot tell."""
    lines = [
        f"{_BEGIN} ({MARK} install cron'; to take it out: modelcensus schedule remove cron)",
        f"# settings: {place.env_file} and {place.folder / 'modelcensus.toml'}",
    ]
    for job in jobs:
        command = f"cd {shlex.quote(str(place.folder))} && {shlex.join(place.words(job))} >/dev/null"
        lines += [f"# {job.told}", f"{plain_cron(job.timing).text} {_escaped(command)}"]
    return "\n".join([*lines, _END]) + "\n"


def with_block(crontab: str, lines: str) -> str:
    """A crontab with our lines in their place or at the end, or with none. Raises ``InvalidInput`` for half a block."""
    kept = crontab.splitlines(keepends=True)
    begins = [place for place, line in enumerate(kept) if line.startswith(_BEGIN)]
    ends = [place for place, line in enumerate(kept) if line.startswith(_END)]
    if not begins and not ends:
        gap = "" if not lines or not crontab or crontab.endswith("\n") else "\n"
        return crontab + gap + lines
    if len(begins) != 1 or len(ends) != 1 or ends < begins:
        raise InvalidInput("the markers of this program in the crontab do not fit", "remove them with 'crontab -e'")
    return "".join(kept[: begins[0]]) + lines + "".join(kept[ends[0] + 1 :])


def _escaped(command: str) -> str:
    """For crontab, a bare ``%`` ends the command, ``\\%`` is one, and a backslash before that must not stand there."""
    return re.sub(r"(\\?)%", lambda match: (match[1] and match[1] + "''") + r"\%", command)


def _current() -> str:
    done = ask(("crontab", "-l"))
    if done.returncode and any(word in done.stderr for word in _NONE_YET):
        return ""
    check(done, _HINT)
    return done.stdout.decode("utf-8", "surrogateescape")


def _put(crontab: str, does: str, shown: str | None) -> Step:
    def do() -> None:
        check(ask(("crontab", "-"), stdin=crontab.encode("utf-8", "surrogateescape")), "the crontab is as it was")

    return Step(f"{does} the lines of this program in your crontab (crontab -)", shown, do)
