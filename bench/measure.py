"""What a thing costs: CPU seconds of whole processes, medians of a function in this one."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a process and all that it started took; ``peak_mb`` is the largest resident size of one process."""

    cpu: float
    wall: float
    peak_mb: float


class ProcessFailed(RuntimeError):
    """A measured process ended badly; the message has its last words."""


@cache
def environment() -> dict[str, str]:
    """The environment of every measured process: compiled modules are kept, in one place for all."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    paths = [str(ROOT), str(ROOT / "src"), kept.get("PYTHONPATH", "")]
    compiled = Path(tempfile.gettempdir()) / f"modelcensus-bench-compiled-{os.getuid()}"
    return kept | {"PYTHONPYCACHEPREFIX": str(compiled), "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def start(command: Sequence[str], output: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    """A process of ours, in the environment of all."""
    return subprocess.Popen(command, env=environment(), cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)


def run(command: Sequence[str]) -> Cost:
    """Run a command to its end. Raises ``ProcessFailed``."""
    with tempfile.TemporaryFile() as output:
        began = time.monotonic()
        process = start(command, output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        if process.returncode:
            output.seek(0)
            raise ProcessFailed(f"{' '.join(command)}\n{output.read().decode('utf-8', 'replace')[-2000:]}")
    return Cost(cpu=usage.ru_utime + usage.ru_stime, wall=wall, peak_mb=usage.ru_maxrss / 1024)


def best(command: Callable[[], Sequence[str]], times: int) -> Cost:
    """The cheapest of several runs; ``command`` is asked anew for each, since most need an empty place."""
    return min((run(command()) for _ in range(times)), key=lambda cost: cost.cpu)


def python(module: str, *words: str) -> list[str]:
    """``python -m module words`` with this interpreter."""
    return [sys.executable, "-m", module, *words]


def median_ms(action: Callable[[], object], times: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """Median milliseconds of an action."""
    taken = []
    for _ in range(times):
        began = clock()
        action()
        taken.append(clock() - began)
    return statistics.median(taken) * 1000
