"""A counted long walk through the life of catalogs: syncs, plans, applies, edits, rollbacks, each step checked."""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.report import Report, arguments
from modelcensus.store.engine import open_store
from tests.operations.catalog_walk import Walk

ACTS = {
    "sync": (4, 22), "apply": (3, 22), "latest": (0, 14), "reject": (1, 4), "rollback": (1, 4), "edit": (2, 14),
    "undo": (1, 4), "override": (3, 8), "rules": (0, 2), "jump": (1, 6),
}  # fmt: skip
"""How many small numbers an act takes, and its share of the walk in percent."""
MEMORY = Path("/dev/shm")  # a folder in memory where there is one: the walk is not about the disk


@dataclass
class Walked:
    """What one process did. ``broken`` is the seed of the first walk that broke a rule, with the reason."""

    steps: int = 0
    walks: int = 0
    revisions: int = 0
    done: Counter[str] = field(default_factory=Counter)
    broken: str | None = None


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=600, help="stop after so long (default: %(default)s)")
    parser.add_argument("--length", type=int, default=100, help="steps of one walk (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=1, help="side by side (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=4, help="default: %(default)s")
    given = parser.parse_args()
    began = time.monotonic()
    share = -(-given.steps // given.processes)
    with ProcessPoolExecutor(given.processes) as pool:
        seeds = [f"{given.seed}:{number}" for number in range(given.processes)]
        jobs = [pool.submit(walk_on, seed, share, given.length, given.seconds) for seed in seeds]
        found = [job.result() for job in jobs]
    seconds = time.monotonic() - began
    done = sum((each.done for each in found), Counter[str]())
    steps = sum(each.steps for each in found)
    report = Report("Interleavings of syncs, edits, plans and applies on SQLite", ("what", "times"))
    report.rows = [("steps", steps), ("walks", sum(each.walks for each in found))]
    report.rows += sorted(done.items(), key=lambda item: -item[1])
    report.notes.append(f"{seconds:.0f} s, {steps / seconds:,.0f} steps a second; rules broken:")
    report.notes += [each.broken for each in found if each.broken] or ["none"]
    report.require(not any(each.broken for each in found))
    return report.show(as_json=given.json)


def walk_on(seed: str, steps: int, length: int, seconds: float) -> Walked:
    """Walk after walk, each in a new census, until so many steps are done or the time is up."""
    walked = Walked()
    until = time.monotonic() + seconds
    with TemporaryDirectory(prefix="modelcensus-walk-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        empty = Path(folder) / "empty.db"
        open_store(f"sqlite:///{empty}").close()
        while walked.steps < steps and time.monotonic() < until and not walked.broken:
            _walk(Path(folder), empty, f"{seed}:{walked.walks}", min(length, steps - walked.steps), walked)
    return walked


def _walk(folder: Path, empty: Path, seed: str, length: int, walked: Walked) -> None:
    chance = random.Random(seed)
    path = folder / "walk.db"
    shutil.copy(empty, path)
    store = open_store(f"sqlite:///{path}")
    walk = Walk(store)
    names, weights = list(ACTS), [weight for _, weight in ACTS.values()]
    try:
        for name in chance.choices(names, weights, k=length):
            _act(walk, name, chance)
            walk.check()
            walked.steps += 1
        walk.check_all()
    except Exception as error:  # whatever it is, the walk that led there is what is wanted
        walked.broken = f"seed {seed}, step {walked.steps % length}: {type(error).__name__}: {error}"
    finally:
        store.close()
        for left in folder.glob("walk.db*"):
            left.unlink()
    walked.walks += 1
    walked.done.update(walk.done)


def _act(walk: Walk, name: str, chance: random.Random) -> None:
    if name == "latest":
        walk.apply(0, 0, 1)
    elif name == "jump":
        walk.jump(chance.randint(-48, 48))
    else:
        getattr(walk, name)(*(chance.randrange(51) for _ in range(ACTS[name][0])))


if __name__ == "__main__":
    sys.exit(main())
