"""Trials of readings that break off, and of catalogs that are suddenly small."""

from __future__ import annotations

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations.trial.plain import nothing_lost
from modelcensus.operations.trial.scene import Scene, Stage
from modelcensus.operations.trial.trials import Trial
from modelcensus.operations.trial.verdicts import Flaw, Spared
from modelcensus.operations.trial.watching import Interruption
from modelcensus.upstream import Fault
from modelcensus.upstream.exchanges import Strike

_BREAKS = (Fault.NOT_FOUND, Fault.SERVER_ERROR, Fault.CUT_WITH_LENGTH, Fault.TRUNCATED_JSON, Fault.HTML)
_SMALL = (Fault.EMPTY_LIST, Fault.NO_ENTITIES, Fault.ERROR_OBJECT, Fault.EMPTY_BODY)


def goes_on_where_it_stopped(stage: Stage) -> None:
    """Interrupted after any page, the next sync asks for the rest only, and the result is the same."""
    pages = pages_by_call(stage)
    if not any(len(numbers) > 1 for numbers in pages.values()):
        raise Spared("each of its calls is one request")
    for call, numbers in pages.items():
        for stop in range(1, len(numbers)):
            with stage.scene() as scene:
                _interrupted(scene, call, stop)
                before = len(scene.player.requests)
                rest = _requests_of(scene, call)
                # The first answer of a reading is written down with the second one.
                if stop > 1 and rest > len(numbers) - stop:
                    raise Flaw(
                        f"interrupted after page {stop} of {len(numbers)}, it asked for {rest} again",
                        "ask in the same order with the same parameters every time",
                        tuple(f"asked: {each.path}?{each.query}" for each in scene.player.requests[before:]),
                    )
                scene.whole()


def removes_nothing_when_a_page_is_missing(stage: Stage) -> None:
    """Whichever page is missing, cut or no page at all: nothing is removed, and a record says so."""
    for fault in _BREAKS:
        for number in _places(stage):
            with stage.scene() as scene:
                if not strikes(scene, fault):
                    continue
                scene.whole()
                before = scene.live()
                strike(scene, fault, number)
                records = scene.sync().records
                if _carries(scene, number):
                    _told(records, fault)
                nothing_lost(before, scene, f"'{fault.value}' on exchange {number + 1}")


def removes_nothing_when_almost_nothing_comes(stage: Stage) -> None:
    """An empty catalog is held or incomplete, never believed."""
    for fault in _SMALL:
        with stage.scene() as scene:
            if not strikes(scene, fault):
                continue
            scene.whole()
            before = scene.live()
            strike(scene, fault)
            records = scene.sync().records
            _told(records, fault)
            nothing_lost(before, scene, f"'{fault.value}'")
            strike(scene, None)
            scene.whole()


def holds_half_a_list(stage: Stage) -> None:
    """Far fewer entities than before are held: none is removed."""
    with stage.scene() as scene:
        if not strikes(scene, Fault.HALF_LIST):
            raise Spared("its file is no JSON")
        scene.whole()
        before = scene.live()
        strike(scene, Fault.HALF_LIST)
        records = scene.sync().records
        gone = before.keys() - scene.live().keys()
        counts = {category: sum(1 for each in before if each[0] == category) for category, _ in before}
        for category, count in counts.items():
            lost = sum(1 for each in gone if each[0] == category)
            if lost > 2 or lost == count:
                raise Flaw(f"half of the list came, and {lost} of {count} entities of {category} were removed")
        if len(before) > 4 and all(record.status is SyncStatus.COMPLETE for record in records) and not gone:
            raise Flaw("half of the list came, and nobody noticed", "name every entity that comes, and no other")


def pages_by_call(stage: Stage) -> dict[int, list[int | None]]:
    """Exchanges that answered each call of the adapter, in the order in which they were asked for."""
    found: dict[int, list[int | None]] = {}
    with stage.scene() as scene:
        for call in range(len(scene.adapter.calls)):
            before = len(scene.player.answered)
            scene.sync(calls=(call,))
            found[call] = scene.player.answered[before:]
    return found


def strike(scene: Scene, fault: Fault | None, number: int | None = None, seconds: float = 0.01) -> None:
    """Misbehave from now on, on one exchange or on all; None: behave again."""
    if scene.file:
        scene.write(scene.player.file_body(fault))
        if fault is Fault.NOT_FOUND:
            scene.file.unlink()
        return
    exchanges = None if number is None else frozenset({number})
    scene.player.strike = Strike(fault=fault, exchanges=exchanges, seconds=seconds) if fault else None


def strikes(scene: Scene, fault: Fault) -> bool:
    """Whether a fault makes sense here: a file has no status, and no list if it is a table."""
    whole = scene.player.file_body(None)
    return not scene.file or fault is Fault.NOT_FOUND or scene.player.file_body(fault) != whole


def _places(stage: Stage) -> range:
    return range(len(stage.example.exchanges) or 1)


def _carries(scene: Scene, number: int) -> bool:
    """Whether an exchange holds any entity: one that holds none may be missed by nobody."""
    if scene.file:
        return True
    body = scene.player.body(number, scene.upstream.url)
    return any(call.document.split(body).slices for call in scene.adapter.calls)


def _interrupted(scene: Scene, call: int, stop: int) -> None:
    for earlier in range(call):
        scene.sync(calls=(earlier,))
    scene.watch.stop_after = (call, stop)
    try:
        scene.sync(calls=(call,))
    except Interruption:
        return
    finally:
        scene.watch.stop_after = None
    raise Spared("it yields its pages all at once")


def _requests_of(scene: Scene, call: int) -> int:
    return len(scene.sync(calls=(call,)).requests)


def _told(records: list[SyncRecord], fault: Fault) -> None:
    """Raise ``Flaw`` if no record tells of a fault that cannot have gone unnoticed."""
    if all(record.status is SyncStatus.COMPLETE for record in records):
        raise Flaw(
            f"'{fault.value}' went unnoticed: every document is complete",
            "let SourceError pass; what cannot be understood is a Fault of the split, or sets truncated",
        )
    for record in records:
        if record.status is not SyncStatus.COMPLETE and not record.hint:
            raise Flaw(f"'{fault.value}': the record of {record.document} has no hint")


TRIALS = (
    Trial("breaking off", "interrupted after a page, the next sync goes on there", goes_on_where_it_stopped),
    Trial("breaking off", "a missing, cut or broken page removes nothing", removes_nothing_when_a_page_is_missing),
    Trial("too little", "an empty catalog removes nothing", removes_nothing_when_almost_nothing_comes),
    Trial("too little", "half a catalog is held", holds_half_a_list),
)
