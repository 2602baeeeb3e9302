"""Trials of keys and of upstreams that ask for patience."""

from __future__ import annotations

from urllib.parse import unquote_plus

from modelcensus.core.records import SyncStatus
from modelcensus.operations.trial.plain import nothing_lost
from modelcensus.operations.trial.scene import Scene, Stage, Synced
from modelcensus.operations.trial.trials import Trial
from modelcensus.operations.trial.verdicts import Flaw, Spared
from modelcensus.upstream import Fault
from modelcensus.upstream.exchanges import Strike

_WRONG = "wrong-key-9876543210"
_WAIT_SECONDS = 0.3


def is_sent_as_told(stage: Stage) -> None:
    """Every request carries the key in its header, and no address does."""
    header = _key_header(stage)
    with stage.scene() as scene:
        synced = scene.sync()
        for request in synced.requests:
            if scene.key and scene.key in unquote_plus(f"{request.path}?{request.query}"):
                raise Flaw("the key stands in an address", "send it in the header 'key_header' only; ask.get does that")
        for request in synced.requests:
            if scene.key and scene.key not in request.headers.get(header.lower(), ""):
                raise Flaw(f"{request.path}: asked without the key in {header}", "ask for it with ask.get")
        _untold(synced, scene.key)


def is_missed(stage: Stage) -> None:
    """Without a key that is needed nothing is asked, and the setting is named."""
    if not stage.adapter.needs_key:
        raise Spared("it needs no key")
    with stage.scene() as scene:
        synced = scene.sync(key=None)
        record = synced.records[0]
        if synced.requests:
            raise Flaw(f"{len(synced.requests)} requests were made without a key")
        if record.status is not SyncStatus.FAILED or "key" not in (record.hint or ""):
            raise Flaw(f"the sync ended {record.status.value} and its hint names no setting: {record.hint}")


def is_refused(stage: Stage) -> None:
    """A wrong key (401) and a forbidden one (403) are tried once, and the hint says what to do."""
    _key_header(stage)
    for fault in (Fault.UNAUTHORIZED, Fault.FORBIDDEN):
        with stage.scene() as scene:
            scene.whole()
            before = scene.live()
            scene.player.strike = Strike(fault=fault)
            synced = scene.sync(key=_WRONG, limits={"attempts": 4})
            record = synced.records[0]
            if len(synced.requests) != 1:
                raise Flaw(f"{fault.value}: {len(synced.requests)} requests instead of one", "do not catch KeyRefused")
            if record.status is not SyncStatus.FAILED or not record.error or not record.hint:
                raise Flaw(f"{fault.value}: the sync ended {record.status.value}: {record.error} ({record.hint})")
            _untold(synced, _WRONG)
            nothing_lost(before, scene, fault.value)


def waits_as_told(stage: Stage) -> None:
    """After 429 with Retry-After the next request comes that much later, and the reading is whole."""
    _asks(stage)
    with stage.scene() as scene:
        scene.player.strike = Strike(fault=Fault.TOO_MANY, request=0, times=1, seconds=_WAIT_SECONDS)
        synced = scene.sync(limits={"attempts": 3})
        waited = synced.requests[1].at - synced.requests[0].at if len(synced.requests) > 1 else 0.0
        if waited < _WAIT_SECONDS:
            raise Flaw(f"{waited:.2f} s after 'come back in {_WAIT_SECONDS} s' it came back", "ask with ask.get")
        if not synced.whole:
            raise Flaw("the reading is not whole after a wait", "let ask.get wait; catch nothing around it")
        _expected(scene)


def _expected(scene: Scene) -> None:
    if scene.live() != scene.expected:
        raise Flaw("the census does not hold what the example expects after a wait")


def _untold(synced: Synced, key: str | None) -> None:
    """Raise ``Flaw`` if a record tells the key."""
    if key and any(key in repr(record) for record in synced.records):
        raise Flaw("the key stands in the record of the sync", "put no key into messages or addresses")


def _key_header(stage: Stage) -> str:
    _asks(stage)
    if stage.adapter.key_header is None:
        if stage.adapter.needs_key:
            raise Flaw("it needs a key but has no key_header", "name the header that carries the key")
        raise Spared("it takes no key")
    return stage.adapter.key_header


def _asks(stage: Stage) -> None:
    if not stage.example.exchanges:
        raise Spared("it asks no upstream")


TRIALS = (
    Trial("key", "the key is sent as told, and stands in no address and no record", is_sent_as_told),
    Trial("key", "without a key nothing is asked, and the setting is named", is_missed),
    Trial("key", "a wrong key is tried once, and the hint helps", is_refused),
    Trial("patience", "429 is waited out as told", waits_as_told),
)
