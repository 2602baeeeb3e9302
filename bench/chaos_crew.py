"""The workers under fire: real processes, killed, frozen, thawed and started anew. Only our own are ever touched."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.chaos_world import Eyes
from bench.measure import python


@dataclass
class Member:
    """One worker's process. ``ident`` is its id in the table of workers, once it is there."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path
    started: float = field(default_factory=time.monotonic)
    started_at: int = field(default_factory=lambda: time.time_ns() // 1000)
    ident: str | None = None
    thaws: float | None = None
    """When it is to go on (monotonic), where it is frozen."""

    @property
    def lives(self) -> bool:
        return self.process.poll() is None


class Crew:
    """So many workers, each started anew when it is gone. A context manager: none is left at its end."""

    def __init__(
        self, size: int, env: Mapping[str, str], folder: Path, eyes: Eyes, command: Sequence[str] | None = None
    ) -> None:
        self._env = dict(env)
        self._folder = folder
        self._eyes = eyes
        self._command = list(command or python("modelcensus", "worker"))
        self._count = 0
        self.fallen: list[str] = []
        """What is to be said of workers that ended by themselves."""
        self.members = [self._start(f"w{number + 1}") for number in range(size)]

    def _start(self, name: str) -> Member:
        self._count += 1
        log = self._folder / f"{self._count:04d}-{name}.log"
        # A worker must not outlive whoever started it, should that be killed itself.
        tied = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*tied, *self._command, "--name", name], env=self._env, cwd=self._folder,
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        return Member(name, process, log)

    def tend(self) -> None:
        """Thaw who has been frozen for long enough, start anew who ended by itself, and learn who is at work."""
        now = time.monotonic()
        for index, each in enumerate(self.members):
            if not each.lives:
                self.fallen.append(f"{each.name} ended by itself with {each.process.returncode}: {last_words(each)}")
                self.members[index] = self._start(each.name)
            elif each.thaws is not None and now >= each.thaws:
                self.thaw(each)
        fresh = [each for each in self.members if each.ident is None]
        if fresh:
            since = min(each.started_at for each in fresh)
            found = self._eyes.glance("SELECT id, pid FROM worker WHERE started_at >= :since", {"since": since})
            for each in fresh:
                each.ident = next((ident for ident, pid in found if pid == each.process.pid), None)

    def kill(self, member: Member) -> None:
        """SIGKILL, and one of the same name in its place."""
        member.process.kill()
        member.process.wait()

    def replace(self, member: Member) -> None:
        """Start one of the same name in the place of one that was killed."""
        self.members[self.members.index(member)] = self._start(member.name)

    def freeze(self, member: Member, seconds: float) -> None:
        """SIGSTOP for so many seconds."""
        member.process.send_signal(signal.SIGSTOP)
        member.thaws = time.monotonic() + seconds

    def thaw(self, member: Member) -> None:
        """Let it go on."""
        member.process.send_signal(signal.SIGCONT)
        member.thaws = None

    def stop(self, seconds: float = 30.0) -> list[str]:
        """Ask all to end by SIGTERM; what is to be said of those that do not, or not well."""
        for each in self.members:
            if each.lives:
                self.thaw(each)
                each.process.send_signal(signal.SIGTERM)
        until, told = time.monotonic() + seconds, []
        for each in self.members:
            try:
                code = each.process.wait(timeout=max(until - time.monotonic(), 0.1))
                if code:
                    told.append(f"{each.name} ended with {code} after SIGTERM: {last_words(each)}")
            except subprocess.TimeoutExpired:
                told.append(f"{each.name} did not end within {seconds:g} s of SIGTERM: {last_words(each)}")
                self.kill(each)
        return told

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self.members:
            self.kill(each)


def last_words(member: Member) -> str:
    """The end of what it wrote, on one line."""
    return " | ".join(member.log.read_text("utf-8", "replace").strip().splitlines()[-3:])[-600:]
