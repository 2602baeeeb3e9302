"""An upstream that answers when the test lets it, and a census that asks nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event

import msgspec

from modelcensus.operations.census import Census
from modelcensus.settings import Settings, SourceSettings, SyncSettings
from modelcensus.sources.registry import installed
from modelcensus.upstream import Play, Received, Upstream
from modelcensus.wiring import open_census, utc_now
from tests.builders import QUICK, modelsdev

TWO = modelsdev(lab=["one", "two"])
EAGER = SyncSettings(retry_ms=10, wait_seconds=20)
"""No long pauses between attempts."""


class Gate:
    """A script that answers with a catalog once it is opened; ``asked`` is set when somebody waits for it."""

    def __init__(self, body: bytes = TWO) -> None:
        self.body = body
        self.opened = Event()
        self.asked = Event()

    def __call__(self, _request: Received) -> Play:
        self.asked.set()
        self.opened.wait(30)
        return Play(self.body)


def asking(up: Upstream, *names: str) -> dict[str, SourceSettings]:
    """Sources of models.dev's kind that ask this upstream, each at ``/name/api.json``; all others are off."""
    off = {name: SourceSettings(enabled=False) for name, adapter in installed().adapters.items() if adapter.own_source}
    mine = {name: SourceSettings(adapter="modelsdev", base_url=f"{up.url}/{name}/") for name in names}
    return {**off, **mine}


def settings_of(url: str, up: Upstream, *names: str, sync: SyncSettings = EAGER) -> Settings:
    """Settings of a census with these sources."""
    quick = msgspec.structs.replace(QUICK, read_seconds=20, total_seconds=25)
    return Settings(database_url=url, http=quick, sources=asking(up, *names), sync=sync)


class Gated(msgspec.Struct):
    """A census whose sources all wait at one gate."""

    census: Census
    gate: Gate
    settings: Settings

    @contextmanager
    def again(self, later: float = 0.0) -> Iterator[Census]:
        """The same census as another process sees it, with a clock so many seconds ahead."""
        with open_census(self.settings, now=ahead(later)) as census:
            yield census


@contextmanager
def gated(url: str, *names: str) -> Iterator[Gated]:
    """Such a census; the gate is opened at the end."""
    gate = Gate()
    names = names or ("lab",)
    with Upstream({f"/{name}/api.json": gate for name in names}) as up:
        settings = settings_of(url, up, *names)
        with open_census(settings) as census:
            try:
                yield Gated(census, gate, settings)
            finally:
                gate.opened.set()


def ahead(seconds: float) -> Callable[[], datetime]:
    """A clock so many seconds ahead of this machine's."""
    return lambda: utc_now() + timedelta(seconds=seconds)


def eventually(true: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Whether it becomes true in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.02)
    return False
