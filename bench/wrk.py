"""wrk (Debian's package), run for a moment: rate, latencies, and the CPU that the server took for it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Loaded:
    """Requests a second, milliseconds, microseconds of the server's CPU for each request, answers that were no good."""

    rate: float
    p50: float
    p99: float
    cpu_us: float
    bad: int


def is_there() -> bool:
    """Whether wrk is installed."""
    return shutil.which("wrk") is not None


def load(url: str, pid: int, *, seconds: float, connections: int = 32, headers: Sequence[str] = ()) -> Loaded:
    """Ask again and again for some seconds. ``pid`` is the server's; ``headers`` as ``Name: value``."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency", "--timeout", "10s"]
    before = cpu_seconds(pid)
    said = subprocess.run(
        [*command, *(word for each in headers for word in ("-H", each)), url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    took = cpu_seconds(pid) - before
    requests = int(_found(r"(\d+) requests in", said) or 0)
    bad = sum(int(each) for each in re.findall(r"Non-2xx or 3xx responses: (\d+)", said))
    bad += sum(int(each) for each in re.findall(r"(?:connect|read|write|timeout) (\d+)", said))
    return Loaded(
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said) or 0),
        p50=_milliseconds(_found(r"50%\s+(\S+)", said)),
        p99=_milliseconds(_found(r"99%\s+(\S+)", said)),
        cpu_us=took / requests * 1e6 if requests else 0.0,
        bad=bad,
    )


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and all its threads, so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _found(pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    return match[1] if match else None


def _milliseconds(text: str | None) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s)", text or "")
    return float(match[1]) * _UNITS[match[2]] if match else 0.0
