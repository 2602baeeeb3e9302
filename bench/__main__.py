"""The same history through this program, dlt and git-history: CPU seconds of whole processes. See docs/bench.md."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Cost, best, python, run
from bench.readings import readings
from bench.report import Report, arguments

PEERS = Path(__file__).parent / "peers"
GIT_HISTORY = "from git_history.cli import cli; cli()"
CONVERT = 'json.loads(content)["data"]'
TARGETS = {"git-history": 6.0, "dlt (scd2 merge)": 12.0}


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument(
        "--peers", default=sys.executable, help="interpreter that has dlt and git-history (default: this one)"
    )
    parser.add_argument(
        "--times", type=int, default=2, help="runs of each, of which the cheapest counts (default: %(default)s)"
    )
    given = parser.parse_args()
    report = Report(
        "CPU seconds to record one history",
        ("what", "CPU s", "of it start-up", "wall s", "ours is 1/", "times the floor", "peak MB"),
    )
    with readings("openrouter", Path(given.recorded)) as found, TemporaryDirectory(prefix="modelcensus-bench-") as work:
        report.notes.append(found.note)
        measured = _measure(str(found.folder), Path(work), given.peers, given.times, report.notes)
    ours, floor = measured["modelcensus"][1], measured["floor"][1]
    for name, (idle, cost) in measured.items():
        start_up = idle.cpu if idle else None
        ratio = None if name in ("modelcensus", "floor") else cost.cpu / ours.cpu
        report.rows.append((name, cost.cpu, start_up, cost.wall, ratio, cost.cpu / floor.cpu, cost.peak_mb))
    report.passed = _judge(measured, ours, report.notes)
    return report.show(as_json=given.json)


Measured = dict[str, tuple[Cost | None, Cost]]


def _measure(folder: str, work: Path, peers: str, times: int, notes: list[str]) -> Measured:
    number = count()

    def place() -> Path:
        path = work / str(next(number))
        path.mkdir()
        return path

    def both(command: Callable[[str], list[str]]) -> tuple[Cost, Cost]:
        run(command("0"))  # the first run compiles modules
        return best(lambda: command("0"), times), best(lambda: command("1000000"), times)

    measured: Measured = {
        "floor": both(lambda limit: python("bench.floor", folder, limit)),
        "modelcensus": both(
            lambda limit: python("bench.worker", "import", f"sqlite:///{place()}/census.db", folder, limit)
        ),
    }
    if not _has(peers, "dlt", notes) or not _has(peers, "git_history", notes):
        return measured
    repository = place()
    measured["git commits"] = (None, run([peers, str(PEERS / "git_commits.py"), folder, str(repository)]))
    run([peers, "-c", GIT_HISTORY, "--version"])
    idle = best(lambda: [peers, "-c", GIT_HISTORY, "--version"], times)
    models = str(repository / "repo" / "models.json")
    options = ["--repo", str(repository / "repo"), "--id", "id", "--convert", CONVERT]
    cost = best(lambda: [peers, "-c", GIT_HISTORY, "file", f"{place()}/out.db", models, *options], times)
    measured["git-history"] = (idle, cost)
    script = str(PEERS / "dlt_scd2.py")
    run([peers, script, folder, str(place()), "0"])
    idle = best(lambda: [peers, script, folder, str(place()), "0"], times)
    measured["dlt (scd2 merge)"] = (idle, run([peers, script, folder, str(place())]))
    return measured


def _has(peers: str, module: str, notes: list[str]) -> bool:
    found = subprocess.run([peers, "-c", f"import {module}"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    if not found:
        notes.append(f"{module} is missing: 'make bench' installs it, or name an interpreter that has it with --peers")
    return found


def _judge(measured: Measured, ours: Cost, notes: list[str]) -> bool | None:
    passed: bool | None = None
    for name, target in TARGETS.items():
        if name in measured:
            ratio = measured[name][1].cpu / ours.cpu
            notes.append(f"{name}: we take 1/{ratio:.1f} of its CPU (target: at most 1/{target:.0f})")
            passed = passed is not False and ratio >= target
    return passed


if __name__ == "__main__":
    sys.exit(main())
