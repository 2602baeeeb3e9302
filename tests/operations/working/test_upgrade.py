"""Work in flight when the program is replaced by one of a newer protocol."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from bench.chaos_crew import Crew
from bench.chaos_world import Eyes, prepare, variables
from modelcensus.core.working import PROTOCOL
from modelcensus.upstream import Upstream
from tests.operations.gated import Gate, eventually

OF_PROTOCOL = (
    "import sys, modelcensus.core.working as w; w.PROTOCOL = int(sys.argv.pop(1));"
    "from modelcensus.cli.main import run; sys.exit(run())"
)
"""The program with another protocol number, which only a release changes."""


def worker_of(protocol: int) -> list[str]:
    return [sys.executable, "-c", OF_PROTOCOL, str(protocol), "worker"]


def test_what_an_old_worker_left_is_ended_by_one_of_a_newer_protocol(database_url: str, tmp_path: Path) -> None:
    prepare(database_url, ["one", "two"])
    eyes, gate = Eyes(database_url), Gate()
    with Upstream(gate) as up:
        env = variables(database_url, up.url, ["one", "two"], MODELCENSUS_WORKER__LEASE_SECONDS="1")
        with Crew(1, env, tmp_path, eyes, worker_of(PROTOCOL)):
            held = "SELECT source, due_at, protocol FROM due WHERE state = 'running' ORDER BY source"
            assert eventually(lambda: len(eyes.rows(held)) == 2, 60)
            taken = eyes.rows(held)
        assert [row.protocol for row in taken] == [PROTOCOL, PROTOCOL]
        gate.opened.set()
        killed_at = time.time_ns() // 1000
        with Crew(1, env, tmp_path, eyes, worker_of(PROTOCOL + 1)) as crew:
            open_ = "SELECT 1 FROM due WHERE due_at <= :at AND state IN ('waiting', 'running')"
            assert eventually(lambda: not eyes.rows(open_, {"at": killed_at}), 60)
            assert crew.stop() == []
    ended = "SELECT state, protocol, attempts FROM due WHERE source = :source AND due_at = :due_at"
    for row in taken:
        ((state, protocol, attempts),) = eyes.rows(ended, {"source": row.source, "due_at": row.due_at})
        assert (state, protocol) == ("done", PROTOCOL + 1)
        assert attempts >= 2  # a machine that stands still for a second takes a lease from its worker, too
