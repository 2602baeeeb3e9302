from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from modelcensus.core.errors import InvalidInput
from modelcensus.server import listen, serve
from modelcensus.settings import Settings
from tests.builders import census_at
from tests.web.serving import ask

_PROGRAM = """
import sys
from modelcensus.server import serve
from modelcensus.settings import Settings
from tests.builders import census_at
with census_at(sys.argv[1]) as census:
    serve(census, Settings(), "127.0.0.1", 0, ready=lambda address: print(address, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_serving_and_nothing_else(sqlite_url: str, number: signal.Signals) -> None:
    command = [sys.executable, "-c", _PROGRAM, sqlite_url]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        assert ask(address, "/healthz").status_code == 200
        program.send_signal(number)
        out, errors = program.communicate(timeout=20)
    assert (program.returncode, out, errors) == (0, "ended\n", "")


def test_an_address_in_use_is_refused_with_a_next_step(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, listen("127.0.0.1", 0) as taken, pytest.raises(InvalidInput) as caught:
        serve(census, Settings(), "127.0.0.1", taken.getsockname()[1])
    assert "--port" in caught.value.hint


def test_an_address_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InvalidInput):
        listen("no such host", 8000)
    with pytest.raises(InvalidInput):
        listen("127.0.0.1", 70_000)


def test_a_port_can_be_taken_again_at_once_after_serving() -> None:
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            first.accept()[0].close()
    listen("127.0.0.1", port).close()
