"""What every test may ask for: databases, a browser, a small disk; and the guard that keeps tests on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests import sockets
from tests.browser import BrowserMissing, find_chromium, launched
from tests.postgres import PostgresHome, PostgresMissing, PostgresServer

sockets.guard()

_HOME = pytest.StashKey[PostgresHome]()
_HOME_PATH = pytest.StashKey[Path]()


def pytest_configure(config: pytest.Config) -> None:
    """Prepare one PostgreSQL folder for the whole session; the first test that asks starts the server in it."""
    workerinput = getattr(config, "workerinput", None)
    if workerinput is not None:
        config.stash[_HOME_PATH] = Path(workerinput["postgres_home"])
        return
    home = PostgresHome()
    config.stash[_HOME] = home
    config.stash[_HOME_PATH] = home.path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Three for two cores: a third of the tests' time goes by in waiting for servers and programs."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(2, cores * 3 // 2)


@pytest.hookimpl(optionalhook=True)  # A hook of pytest-xdist, without which the tests run as well.
def pytest_configure_node(node: Any) -> None:
    """Tell each xdist worker where the one server lives."""
    node.workerinput["postgres_home"] = str(node.config.stash[_HOME_PATH])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that nothing has to wait for it at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server."""
    home = config.stash.get(_HOME, None)
    if home is not None:
        home.close()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> PostgresServer:
    """The session's PostgreSQL, shared by all workers. Ask for ``postgres_url`` unless you need several databases."""
    if os.environ.get("MODELCENSUS_NO_POSTGRES") == "1":
        pytest.skip("MODELCENSUS_NO_POSTGRES=1")
    try:
        return PostgresServer(request.config.stash[_HOME_PATH])
    except PostgresMissing as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def postgres_pattern(postgres_server: PostgresServer) -> str:
    """The URL of a database with all tables and no row, to make others like it: ten migrations take far longer."""
    from modelcensus.store.engine import open_store

    url = postgres_server.create_database()
    open_store(url).close()
    return url


@pytest.fixture
def postgres_url(postgres_server: PostgresServer, postgres_pattern: str) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own: an empty census."""
    url = postgres_server.create_database(like=postgres_pattern)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def bare_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database of this test's own, in which there is nothing at all."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of a SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'census.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of an empty census; a test that asks for it runs once on each kind."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    assert isinstance(url, str)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest) -> str:
    """The URL of a place for a census, where there is nothing yet."""
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "bare_postgres_url")
    assert isinstance(url, str)
    return url


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes, where this machine lets us mount one."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("mounting a small tmpfs needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium; of one module only, for its event loop would disturb asyncio tests elsewhere."""
    if os.environ.get("MODELCENSUS_NO_BROWSER") == "1":
        pytest.skip("MODELCENSUS_NO_BROWSER=1")
    try:
        find_chromium()
    except BrowserMissing as error:
        pytest.fail(str(error), pytrace=False)
    with launched() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page in a browser profile of this test's own."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
