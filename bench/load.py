"""The served catalog under load, beside constant bytes on two servers, Datasette and the LiteLLM proxy; needs wrk.

All on this machine and at 32 connections, in turns, so that what else runs there is shared by all.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from bench import wrk
from bench.measure import environment, python
from bench.report import Report, arguments
from bench.wrk import Loaded

PEERS = Path(__file__).parent / "peers"
TARGET = 0.6
_KEY = "sk-only-for-this-loopback-measurement-3f9a"
LIST = "/api/models?limit=1000"
ONE = "/api/models/lab1/model-1"


@dataclass
class Server:
    """Something that serves, as a process."""

    url: str
    pid: int
    output: Any = None


@dataclass
class Case:
    """One thing that is asked, and of whom; ``among`` names what it is compared with."""

    name: str
    url: str
    pid: int
    among: str
    headers: Sequence[str] = ()
    ours: bool = False
    runs: list[Loaded] = field(default_factory=list)
    size: int = 0

    def __post_init__(self) -> None:
        self.size = _size(self.url, self.headers)

    def median(self, member: str) -> float:
        return float(statistics.median(getattr(each, member) for each in self.runs))


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--models", type=int, default=600, help="default: %(default)s")
    parser.add_argument("--seconds", type=int, default=3, help="of each run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="the median of so many (default: %(default)s)")
    parser.add_argument("--syncs", type=int, default=20, help="published under load (default: %(default)s)")
    parser.add_argument("--log", default="off", help="how we log requests: off, text, json (default: %(default)s)")
    parser.add_argument("--litellm", help="interpreter with litellm[proxy]; without it there is no such row")
    given = parser.parse_args()
    report = Report(
        f"{given.models} models, 32 connections, loopback",
        ("what", "bytes", "requests/s", "p50 ms", "p99 ms", "CPU us", "rate / best constant", "CPU best constant / it"),
        passed=True,
    )
    if not wrk.is_there():
        report.notes.append("wrk is missing: install Debian's package of that name")
        return report.show(as_json=given.json)
    with TemporaryDirectory(prefix="modelcensus-bench-") as folder, ExitStack() as open_:
        ours = open_.enter_context(serving(python("bench.served", folder, str(given.models), given.log)))
        peers = _peers(open_, given.litellm, Path(folder), ours.url, report.notes)
        cases = _cases(open_, ours, peers)
        for _ in range(given.rounds):
            for case in cases:
                case.runs.append(wrk.load(case.url, case.pid, seconds=given.seconds, headers=case.headers))
        _judge(cases, report)
        _churn(folder, given.models, given.syncs, ours, report)
    return report.show(as_json=given.json)


@contextmanager
def serving(command: Sequence[str], url: str | None = None, **more: str) -> Iterator[Server]:
    """A server until the end of the block; one without ``url`` prints it."""
    told = subprocess.DEVNULL if url else subprocess.PIPE  # a pipe that nobody reads would stop whoever logs to it
    process = subprocess.Popen(
        command, env=environment() | more, stdout=told, stderr=subprocess.DEVNULL, text=True,
        cwd=Path(__file__).parent.parent,
    )  # fmt: skip
    try:
        server = Server(url or (process.stdout.readline().strip() if process.stdout else ""), process.pid)
        _wait_for(server.url)
        yield server
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(url: str) -> None:
    for _ in range(400):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers at {url}")


def _cases(open_: ExitStack, ours: Server, peers: list[Case]) -> list[Case]:
    tag = _asked(f"{ours.url}{LIST}").headers["etag"]
    asked = (
        ("list", LIST, ()),
        ("list, br", LIST, ("Accept-Encoding: br",)),
        ("one model", ONE, ()),
        ("304", LIST, (f"If-None-Match: {tag}",)),
    )
    cases = []
    for name, path, headers in asked:
        size = _size(f"{ours.url}{path}", headers)
        for server in ("uvicorn", "granian"):
            port = _free_port()
            constant = open_.enter_context(
                serving(python("bench.constant", server, str(size), str(port)), f"http://127.0.0.1:{port}/")
            )
            cases.append(Case(f"{name}: constant bytes on {server}", constant.url, constant.pid, name))
        cases.append(Case(f"{name}: modelcensus", f"{ours.url}{path}", ours.pid, name, headers, ours=True))
    return cases + peers


def _peers(open_: ExitStack, litellm: str | None, folder: Path, ours: str, notes: list[str]) -> list[Case]:
    listed = json.loads(_asked(f"{ours}{LIST}").content)["data"]
    rows = folder / "models.json"
    rows.write_text(json.dumps(listed))
    port = _free_port()
    database = folder / "peer.db"
    subprocess.run([sys.executable, str(PEERS / "datasette_rows.py"), str(rows), str(database)], check=True)
    command = [sys.executable, "-m", "datasette", str(database), "-p", str(port), "--setting", "default_cache_ttl", "0"]
    cases = []
    try:
        datasette = open_.enter_context(serving(command, f"http://127.0.0.1:{port}/"))
        cases.append(
            Case("list: Datasette", f"{datasette.url}peer/models.json?_size=max&_shape=array", datasette.pid, "list")
        )
        cases.append(
            Case("one model: Datasette", f"{datasette.url}peer/models/lab1~2Fmodel-1.json", datasette.pid, "one model")
        )
    except (SystemExit, httpx2.HTTPError) as error:
        notes.append(f"Datasette: {error}")
    if litellm is None:
        notes.append("LiteLLM proxy: name an interpreter that has litellm[proxy] with --litellm")
        return cases
    config = folder / "litellm.yaml"
    config.write_text(
        json.dumps({"model_list": [_routed(each["id"]) for each in listed], "general_settings": {"master_key": _KEY}})
    )
    port = _free_port()
    command = [str(Path(litellm).with_name("litellm")), "--config", str(config), "--port", str(port),
               "--host", "127.0.0.1"]  # fmt: skip
    try:
        proxy = open_.enter_context(
            serving(
                command, f"http://127.0.0.1:{port}/v1/models", LITELLM_LOCAL_MODEL_COST_MAP="True", LITELLM_LOG="ERROR"
            )
        )
        cases.append(Case("list: LiteLLM proxy", proxy.url, proxy.pid, "list", (f"Authorization: Bearer {_KEY}",)))
    except (SystemExit, httpx2.HTTPError) as error:
        notes.append(f"LiteLLM proxy: {error}")
    return cases


def _routed(model_id: str) -> dict[str, Any]:
    return {"model_name": model_id, "litellm_params": {"model": "openai/gpt-4o", "api_key": "none"}}


def _judge(cases: list[Case], report: Report) -> None:
    for case in cases:
        constants = [each for each in cases if each.among == case.among and "constant" in each.name]
        best = max(each.median("rate") for each in constants)
        cheapest = min(each.median("cpu_us") for each in constants)
        share = case.median("rate") / best
        report.rows.append((
            case.name, case.size, case.median("rate"), case.median("p50"), case.median("p99"),
            case.median("cpu_us"), share, cheapest / case.median("cpu_us") if case.median("cpu_us") else None,
        ))  # fmt: skip
        bad = sum(each.bad for each in case.runs)
        if bad:
            report.notes.append(f"{case.name}: {bad} answers were no good")
        if case.ours:
            report.require(share >= TARGET and not bad)
    report.notes.append(f"target: ours at least {TARGET:.0%} of the best of constant bytes of the same size")


def _churn(folder: str, models: int, syncs: int, ours: Server, report: Report) -> None:
    """Publish syncs from another process under load, and read the list all the while."""
    reached, faults, lists = [0], [], [0]
    ended = threading.Event()
    now = _prices(ours.url)
    assert len(now) == 1

    def read() -> None:
        with httpx2.Client(trust_env=False, timeout=30) as client:
            while not ended.is_set():
                at_least = reached[-1]
                answer = client.get(ours.url + LIST)
                if answer.status_code != 200 or "x-census-stale" in answer.headers:
                    faults.append(f"status {answer.status_code}")
                    continue
                found = {each["price"]["input"] for each in answer.json()["data"]}
                if len(found) != 1:
                    faults.append("a torn list")
                elif float(min(found)) < 1 + at_least:
                    faults.append("a stale list")
                lists[0] += 1

    readers = [threading.Thread(target=read) for _ in range(2)]
    command = python("bench.churn", folder, str(models))
    with subprocess.Popen(
        command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parent.parent,
    ) as churn:  # fmt: skip
        assert churn.stdin is not None
        assert churn.stdout is not None
        churn.stdout.readline()
        for each in readers:
            each.start()
        runs: list[Loaded] = []
        noise = threading.Thread(
            target=lambda: runs.extend(_noise(ours, ended))
        )  # fmt: skip
        noise.start()
        published = 0
        for turn in range(1, syncs + 1):
            churn.stdin.write(f"{turn}\n")
            churn.stdin.flush()
            published += churn.stdout.readline().strip().isdigit()
            reached.append(turn)
        ended.set()
        for thread in (*readers, noise):
            thread.join()
        churn.stdin.close()
    bad = sum(each.bad for each in runs)
    report.notes.append(
        f"{published} of {syncs} syncs published by another process under load: {lists[0]} lists read and looked into, "
        f"{len(faults)} torn, stale or failed{': ' + ', '.join(sorted(set(faults))) if faults else ''}; beside them "
        f"{statistics.median(each.rate for each in runs):,.0f} requests/s at 32 connections (p99 "
        f"{statistics.median(each.p99 for each in runs):.0f} ms), {bad} no good"
    )
    report.require(not faults and not bad and published == syncs and _prices(ours.url) == {str(1 + syncs)})


def _noise(ours: Server, ended: threading.Event) -> Iterator[Loaded]:
    while not ended.is_set():
        yield wrk.load(ours.url + LIST, ours.pid, seconds=1, headers=("Accept-Encoding: br",))


def _prices(url: str) -> set[str]:
    return {each["price"]["input"] for each in json.loads(_asked(url + LIST).content)["data"]}


def _asked(url: str, headers: Sequence[str] = ()) -> httpx2.Response:
    named = dict(each.split(": ", 1) for each in headers)
    with httpx2.Client(trust_env=False, timeout=30) as client:
        return client.get(url, headers={"Accept-Encoding": "identity", **named})


def _size(url: str, headers: Sequence[str]) -> int:
    answer = _asked(url, headers)
    return int(answer.headers.get("content-length", len(answer.content))) if answer.status_code != 304 else 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", "src")
    sys.exit(main())
