"""Trials of a well behaved upstream: the example is read whole, page by page, and again."""

from __future__ import annotations

from itertools import pairwise

from modelcensus.core.records import SyncStatus
from modelcensus.operations.trial.difference import difference
from modelcensus.operations.trial.scene import Scene, Stage
from modelcensus.operations.trial.trials import Trial
from modelcensus.operations.trial.verdicts import Flaw, Spared
from modelcensus.upstream.exchanges import rearranged

_REQUESTS_FOR_EACH_EXCHANGE = 20


def reads_whole(stage: Stage) -> None:
    """The census holds exactly what the example expects."""
    with stage.scene() as scene:
        scene.whole()


def asks_for_every_page(stage: Stage) -> None:
    """No exchange of the example is left out, and nothing is asked for that it has not."""
    _asks(stage)
    with stage.scene() as scene:
        synced = scene.whole()
        answered = set(scene.player.answered)
        for number, exchange in enumerate(stage.example.exchanges):
            if number not in answered:
                query = "&".join(f"{name}={value}" for name, value in exchange.query.items())
                raise Flaw(
                    f"exchange {number + 1} ({exchange.path}?{query}) is never asked for",
                    "follow the paging to its end, or take the exchange out of the example",
                    tuple(f"asked: {each.path}?{each.query}" for each in synced.requests),
                )


def paging_ends(stage: Stage) -> None:
    """A listing whose pages lead back to earlier ones is left, and is no proof that all was read."""
    _asks(stage)
    continued = _continued(stage)
    if not continued:
        raise Spared("its upstream has no pages")
    for page, following in continued:
        with stage.scene() as scene:
            scene.whole()
            before = scene.live()
            scene.player.instead = {following: page}
            most = len(scene.player.requests) + _REQUESTS_FOR_EACH_EXCHANGE * len(stage.example.exchanges)
            scene.player.most = most
            scene.sync()
            if len(scene.player.requests) > most:
                raise Flaw(
                    "a page that leads back to an earlier one is followed for ever",
                    "stop with UpstreamBroken when a cursor or link comes a second time",
                )
            nothing_lost(before, scene, "pages that lead in a circle")
            scene.player.instead, scene.player.most = {}, None
            scene.whole()


def changes_nothing_when_read_again(stage: Stage) -> None:
    """A second reading of the same answers is no change."""
    with stage.scene() as scene:
        scene.whole()
        _unchanged(scene, "the same answers")


def order_is_no_change(stage: Stage) -> None:
    """The entities of each page in another order are the same entities."""
    with stage.scene() as scene:
        scene.whole()
        if scene.file:
            scene.write(rearranged(scene.file.read_bytes()))
        else:
            exchanges = range(len(stage.example.exchanges))
            scene.player.bodies = {n: rearranged(stage.example.exchanges[n].content) for n in exchanges}
        _unchanged(scene, "the same entities in another order")


def takes_not_modified(stage: Stage) -> None:
    """Where upstream may say that nothing has changed, it is asked so that it can, and that is no change."""
    _asks(stage)
    tried = 0
    with stage.scene() as scene:
        scene.player.conditional = True
        singles = [
            number for number in range(len(scene.adapter.calls)) if len(scene.sync(calls=(number,)).requests) == 1
        ]
        for number in singles:
            call = scene.adapter.calls[number]
            if not call.conditional:
                continue
            tried += 1
            synced = scene.sync(calls=(number,))
            (record,) = synced.records
            if not any("if-none-match" in each.headers for each in synced.requests):
                raise Flaw(f"{record.document}: a second reading does not ask with the ETag of the first")
            if record.status is not SyncStatus.COMPLETE or record.changed or record.bytes_read:
                raise Flaw(
                    f"{record.document}: 'not modified' ended {record.status.value} with {record.changed} changes: "
                    f"{record.error or 'no word'}",
                    "yield the answer that is not_modified and end; or set conditional=False",
                )
        if lines := difference(scene.expected, scene.live()):
            raise Flaw(lines[0], "", tuple(lines[1:]))
    if not tried:
        raise Spared("none of its calls is conditional and one page long")


def nothing_lost(before: dict[tuple[str, str], bytes], scene: Scene, after: str) -> None:
    """Raise ``Flaw`` if an entity of before is gone."""
    if gone := sorted(before.keys() - scene.live().keys()):
        names = ", ".join(f"{category} {key}" for category, key in gone[:5])
        raise Flaw(f"{len(gone)} entities were removed after {after}: {names}", "only a complete reading may remove")


def _unchanged(scene: Scene, what: str) -> None:
    synced = scene.sync()
    for record in synced.records:
        if record.changed or record.status is not SyncStatus.COMPLETE:
            raise Flaw(
                f"{what}: {record.document} ended {record.status.value} with {record.changed} changes",
                "an entity's key and data must not depend on its place or on the time",
                tuple(difference(scene.expected, scene.live())),
            )


def _asks(stage: Stage) -> None:
    if not stage.example.exchanges:
        raise Spared("it asks no upstream")


def _continued(stage: Stage) -> list[tuple[int, int]]:
    """(exchange, the one after it) of every page that says that another follows."""
    found: list[tuple[int, int]] = []
    with stage.scene() as scene:
        for number, call in enumerate(scene.adapter.calls):
            before = len(scene.player.answered)
            scene.sync(calls=(number,))
            for page, following in pairwise(scene.player.answered[before:]):
                if page is None or following is None:
                    continue
                link = any('rel="next"' in value for value in stage.example.exchanges[page].send.values())
                if link or call.document.split(scene.player.body(page, scene.upstream.url)).more:
                    found.append((page, following))
    return found


TRIALS = (
    Trial("reading", "the example is read whole and gives exactly what is expected", reads_whole),
    Trial("reading", "every page is asked for", asks_for_every_page),
    Trial("reading", "paging ends, even in a circle", paging_ends),
    Trial("again", "read again, nothing changes", changes_nothing_when_read_again),
    Trial("again", "another order of the entities is no change", order_is_no_change),
    Trial("again", "'not modified' is asked for, and is no change", takes_not_modified),
)
