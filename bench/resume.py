"""A Hub of 200,000 models, its reading killed at a random page: it goes on there, and ends as an undisturbed one."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import astuple, dataclass, field
from functools import cache
from urllib.parse import parse_qs

from bench.databases import empty
from bench.measure import python, start
from bench.report import Report, arguments
from modelcensus.operations import browse
from modelcensus.operations.verify import verify
from modelcensus.store.engine import open_store
from modelcensus.upstream import LinkedPages, Play, Received, Upstream

PAGE = 1000
SERVED = 2500
"""Models that inference providers serve: the second listing, all of them in the first too."""
COLUMNS = ("kill", "at page", "pages before", "pages after", "asked again", "entities", "unlike", "seconds")


def model(index: int) -> bytes:
    """One model of the Hub; downloads fall with the index, as the listing is sorted."""
    return b'{"_id":"%024x","id":"org%d/model-%d","downloads":%d,"likes":%d,"tags":["text-generation"],%s}' % (
        index, index % 997, index, 10_000_000 - index, index % 5000,
        b'"pipeline_tag":"text-generation","private":false,"createdAt":"2025-01-01T00:00:00.000Z"',
    )  # fmt: skip


@dataclass
class Hub:
    """The upstream; ``pages`` are the pages that were asked for, by listing and cursor."""

    count: int
    pages: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, request: Received) -> Play:
        """One page of the listing that is asked for."""
        served = "inference_provider" in parse_qs(request.query)
        self.pages.append(("served" if served else "tagged", request.number("cursor", 0)))
        return LinkedPages(count=SERVED if served else self.count, entity=model, limit=PAGE)(request)


def main() -> int:
    parser = arguments(__doc__)
    parser.add_argument("--kills", type=int, default=20, help="default: %(default)s")
    parser.add_argument("--models", type=int, default=200_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=11, help="of the random pages (default: %(default)s)")
    given = parser.parse_args()
    report = Report("Killed at a random page, and resumed", COLUMNS)
    chance = random.Random(given.seed)
    whole = given.models // PAGE + -(-SERVED // PAGE)
    for number in range(1, given.kills + 1):
        page = chance.randrange(2, whole)
        trial = killed(given.models, page)
        report.rows.append((number, page, *astuple(trial)))
        # The page that was on its way, or not yet written down, is asked for again.
        report.require(trial.unlike == 0 and trial.asked_again <= 2)
    return report.show(as_json=given.json)


@dataclass
class Trial:
    """What came of one kill; ``unlike``: entities that an undisturbed reading would have given otherwise."""

    pages_before: int
    pages_after: int
    asked_again: int
    entities: int
    unlike: int
    seconds: float


def killed(models: int, page: int) -> Trial:
    """Read a hub in a process that is killed at a page, then in another to the end, and compare."""
    hub = Hub(models)
    with empty("sqlite", None) as database:
        first, second = _read(database, hub, page)
        got = _state(database)
    unlike = len(_undisturbed(models).items() ^ got.items()) if second.ended else models
    again = len(hub.pages) - len(set(hub.pages))
    return Trial(first.pages, second.pages, again, len(got), unlike, first.seconds + second.seconds)


@cache
def _undisturbed(models: int) -> dict[str, str | None]:
    with empty("sqlite", None) as database:
        _read(database, Hub(models))
        return _state(database)


@dataclass
class Run:
    """One process that read the hub: the pages it asked for, and whether it ended by itself and well."""

    pages: int
    ended: bool
    seconds: float


def _read(database: str, hub: Hub, *kills: int) -> list[Run]:
    """Read in processes of their own: each is killed once it has asked for so many pages, the last one is not."""
    runs = []
    with Upstream(hub, kept_requests=1) as upstream:
        for until in (*kills, None):
            began, before = time.monotonic(), len(hub.pages)
            process = start(python("bench.worker", "sync", database, f"{upstream.url}/", "huggingface"))
            while process.poll() is None:
                if until is not None and len(hub.pages) - before >= until:
                    process.kill()
                time.sleep(0.001)
            runs.append(Run(len(hub.pages) - before, process.returncode == 0, time.monotonic() - began))
    return runs


def _state(database: str) -> dict[str, str | None]:
    store = open_store(database)
    try:
        problems = verify(store).problems
        if problems:
            raise RuntimeError(problems[0])
        return {version.key: version.sha256 for version in browse.as_of(store, 2**62)}
    finally:
        store.close()


if __name__ == "__main__":
    sys.exit(main())
