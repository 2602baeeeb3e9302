"""Different triggers at the same instant; ``python -m bench.chaos --triggers 1000`` does the same more often."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

from bench.chaos_triggers import fire
from modelcensus.upstream import Upstream
from tests.api.sync_server import CRON, sync_server
from tests.builders import rows
from tests.cli.program import Program
from tests.operations.gated import eventually


def test_two_triggers_of_different_processes_at_the_same_instant_give_one_sync(
    database_url: str, tmp_path: Path
) -> None:
    fired = list(fire(database_url, tmp_path, 16, random.Random(2)))
    assert len(fired) == 16
    assert [(each.started, each.recorded) for each in fired] == [(1, 1)] * 16


def test_an_http_request_a_tick_and_the_command_line_together_give_one_sync(database_url: str, tmp_path: Path) -> None:
    with sync_server(database_url, opened=False) as server, Upstream(server.gate) as up:
        lab = {"MODELCENSUS_SOURCES__LAB__ADAPTER": "modelsdev", "MODELCENSUS_SOURCES__LAB__BASE_URL": f"{up.url}/"}
        process = Program(tmp_path).start("sync", "lab", MODELCENSUS_DATABASE_URL=database_url, **lab)
        answers: dict[str, int] = {}
        barrier = Barrier(2)

        def ask(name: str, request: Callable[[], int]) -> None:
            barrier.wait()
            answers[name] = request()

        asks = {
            "http": lambda: server.post("/api/admin/sync-models?wait=0").status_code,
            "cron": lambda: int(not server.ask("/api/cron/sync-models?wait=0", headers=CRON).json()["skipped"]),
        }
        threads = [Thread(target=ask, args=each) for each in asks.items()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused_both = answers == {"http": 409, "cron": 0}
        # The gate stays closed until the last of the three has been told whether it may.
        assert refused_both or eventually(lambda: process.poll() is not None, 30)
        server.gate.opened.set()
        process.communicate(timeout=30)
        started = [answers["http"] == 202, answers["cron"] == 1, process.returncode == 0]
        assert started.count(True) == 1
        assert eventually(lambda: not server.ask("/api/admin/sync-models").json()["running"])
        assert len(rows(server.census.store, "SELECT 1 FROM sync WHERE status = 'complete'")) == 1
