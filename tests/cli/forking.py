"""The program by fork: a process of its own for every command, without the second that loading its modules takes.

One process has loaded what nearly every command needs, and forks for each. ``Program.start`` begins from nothing, as
people do.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any

_LOADED = (
    "alembic.command", "modelcensus.cli.main", "modelcensus.cli.output", "modelcensus.operations.browse",
    "modelcensus.operations.catalog.catalog", "modelcensus.operations.collect", "modelcensus.wiring", "pydantic",
    "rich.progress", "rich.table", "sqlalchemy.dialects.sqlite",
)  # fmt: skip
SECONDS = 60
"""A command may take so long."""
_ROOT = Path(__file__).parents[2]
_PROGRAM = str(_ROOT / "src/modelcensus/__main__.py")
"""How the program is called where it is started by ``python -m``."""
_STARTS = "import sys; from tests.cli.forking import serve; serve(int(sys.argv[1]))"
_LENGTH = struct.Struct("!I")
_NUMBER = struct.Struct("!i")


class Forks:
    """The process that forks; begun by the first command, and ended with the one that began it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._orders: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, words: Sequence[str], folder: Path, env: Mapping[str, str]) -> tuple[int, str, str]:
        """Exit code (below 0: a signal's number), standard output and error. Raises ``TimeoutExpired``."""
        with TemporaryFile() as out, TemporaryFile() as err:
            ours, theirs = socket.socketpair()
            with ours:
                with theirs, self._lock:
                    self._order(words, folder, env, (theirs.fileno(), out.fileno(), err.fileno()))
                code = _ended(ours, words)
            return code, _text(out), _text(err)

    def _order(self, words: Sequence[str], folder: Path, env: Mapping[str, str], files: Sequence[int]) -> None:
        if self._orders is None:
            self._orders, self._process = _begun()
        order = json.dumps({"words": list(words), "folder": str(folder), "env": dict(env)}).encode()
        socket.send_fds(self._orders, [_LENGTH.pack(len(order))], files)
        self._orders.sendall(order)


def _begun() -> tuple[socket.socket, subprocess.Popen[bytes]]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-c", _STARTS, str(theirs.fileno())]
    paths = os.pathsep.join([str(_ROOT / "src"), str(_ROOT)])
    process = subprocess.Popen(
        command, cwd=_ROOT, env=os.environ | {"PYTHONPATH": paths}, pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    theirs.close()
    return ours, process


def _ended(conversation: socket.socket, words: Sequence[str]) -> int:
    """The exit code of a command that was ordered."""
    conversation.settimeout(SECONDS)
    pid = 0
    try:
        (pid,) = _NUMBER.unpack(_received(conversation, _NUMBER.size))
        (status,) = _NUMBER.unpack(_received(conversation, _NUMBER.size))
    except TimeoutError:
        if pid:
            os.kill(pid, signal.SIGKILL)
        raise subprocess.TimeoutExpired(list(words), SECONDS) from None
    return int(status)


def _received(conversation: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        part = conversation.recv(size - len(found))
        if not part:
            raise EOFError("the forking process is gone")
        found += part
    return found


def _text(file: Any) -> str:
    file.seek(0)
    text: str = file.read().decode()
    return text.replace("\r\n", "\n")


def serve(orders_fd: int) -> None:
    """Fork for each order until nobody can give one; returns in the process that is to be the command, too."""
    for module in _LOADED:
        import_module(module)
    with socket.socket(fileno=orders_fd) as orders:
        while True:
            head, files, _, _ = socket.recv_fds(orders, _LENGTH.size, 3)
            if not head:
                return
            order = json.loads(_received(orders, _LENGTH.unpack(head)[0]))
            child = os.fork()
            if child == 0:
                # One more process, which waits for the command: this one is free for the next order.
                if os.fork() == 0:
                    orders.close()
                    _attend(files, order)
                os._exit(0)
            os.waitpid(child, 0)
            for each in files:
                os.close(each)


def _attend(files: Sequence[int], order: dict[str, Any]) -> None:
    conversation, out, err = files
    pid = os.fork()
    if pid == 0:
        os.close(conversation)
        _become(out, err, order)
    with socket.socket(fileno=conversation) as told:
        told.sendall(_NUMBER.pack(pid))
        told.sendall(_NUMBER.pack(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))
    os._exit(0)


def _become(out: int, err: int, order: dict[str, Any]) -> None:
    """Be the command: ends this process as the program ends itself."""
    os.dup2(out, 1)
    os.dup2(err, 2)
    os.close(out)
    os.close(err)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    random.seed()
    sys.argv = [_PROGRAM, *order["words"]]
    from modelcensus.cli.main import run

    sys.exit(run())


FORKS = Forks()
"""Those of this process."""
