"""``up`` and ``serve``: the real program, stopped by a real signal."""

from __future__ import annotations

import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from modelcensus.upstream import Play, Upstream
from tests.builders import genai_prices, model, modelsdev, openrouter
from tests.cli.program import Program


@contextmanager
def running(program: Program, *words: str, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The program once it serves, and its address."""
    process = program.start(*words, "--port", "0", **env)
    assert process.stderr
    try:
        line = b""
        while b"serving" not in line:
            line = process.stderr.readline()
            assert line, "it ended before it served"
        yield process, line.split()[1].decode()
    finally:
        process.kill()
        process.communicate()


def asked(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return str(answer.read().decode())


def test_up_reads_every_source_then_serves_until_it_is_stopped(program: Program) -> None:
    catalogs = {
        "/models": [Play(openrouter(model("lab/one")))],
        "/models/lab/one/endpoints": [Play(b'{"data":{"id":"lab/one","endpoints":[]}}')],
        "/providers": [Play(b'{"data":[]}')],
        "/api.json": [Play(modelsdev(lab=["two"]))],
        "/data.json": [Play(genai_prices(lab=["three"]))],
    }
    with Upstream(catalogs) as upstream:
        names = ("OPENROUTER", "MODELSDEV", "GENAI_PRICES")
        given = {f"MODELCENSUS_SOURCES__{name}__BASE_URL": upstream.url for name in names}
        given |= {f"MODELCENSUS_SOURCES__{name}__ENABLED": "false" for name in ("HUGGINGFACE", "LITELLM")}
        with running(program, "up", **given) as (process, address):
            assert "lab/one" in asked(f"{address}/changes/sources")
            assert '"live":5' in asked(f"{address}/api/stats")
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert out.decode().count("complete") == 5


def test_serve_shows_what_is_there_and_ends_well_on_sigterm(weeks: Program) -> None:
    with running(weeks, "serve") as (process, address):
        assert "lab/three" in asked(address)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=15)
    assert process.returncode == 0


def test_an_address_in_use_is_told(weeks: Program) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        ran = weeks("serve", "--port", str(other.getsockname()[1]))
    assert (ran.code, len(ran.err.splitlines())) == (2, 2)
    assert "--port" in ran.err
