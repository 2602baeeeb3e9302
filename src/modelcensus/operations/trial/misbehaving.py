"""Trials of every fault that the local upstream knows, on every page."""

from __future__ import annotations

import re
from functools import partial

from modelcensus.core.reading import understand
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.core.verdict import Evidence, plausible
from modelcensus.operations.trial.breaking import pages_by_call, strike
from modelcensus.operations.trial.difference import Entities, difference
from modelcensus.operations.trial.scene import Scene, Stage
from modelcensus.operations.trial.trials import Trial
from modelcensus.operations.trial.verdicts import Flaw, Spared
from modelcensus.upstream import Fault

GROUPS: dict[str, tuple[Fault, ...]] = {
    "refusals and failures": (
        Fault.BAD_REQUEST, Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND, Fault.REQUEST_TIMEOUT, Fault.TOO_MANY,
        Fault.TOO_MANY_UNTIL, Fault.SERVER_ERROR, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.GATEWAY_TIMEOUT,
        Fault.ERROR_OBJECT, Fault.NOT_MODIFIED_UNASKED, Fault.NO_CONTENT, Fault.PARTIAL_CONTENT,
    ),
    "a slow or breaking connection": (
        Fault.DELAY, Fault.DRIP, Fault.DRIP_HEADERS, Fault.HANG_BEFORE_HEADERS, Fault.HANG_IN_BODY,
        Fault.CUT_WITH_LENGTH, Fault.CUT_WITHOUT_LENGTH, Fault.CUT_CHUNKED, Fault.LENGTH_TOO_LONG,
        Fault.LENGTH_TOO_SHORT, Fault.RESET, Fault.CLOSE_AT_ONCE, Fault.NOT_HTTP,
    ),
    "half, no or strangely spelled text": (
        Fault.EMPTY_BODY, Fault.HTML, Fault.TRUNCATED_JSON, Fault.UTF16, Fault.UTF16_UNDECLARED, Fault.LATIN1,
        Fault.LATIN1_UNDECLARED, Fault.UTF8_CALLED_LATIN1, Fault.INVALID_UTF8, Fault.BYTE_ORDER_MARK,
    ),
    "packed bodies, sound, broken and bombs": (
        Fault.GZIP, Fault.DEFLATE, Fault.BROTLI, Fault.ZSTD, Fault.GZIP_BOMB, Fault.BROTLI_BOMB, Fault.ZSTD_BOMB,
        Fault.GZIP_BROKEN, Fault.GZIP_HALF, Fault.BROTLI_HALF, Fault.ZSTD_HALF, Fault.GZIP_CLAIMED,
        Fault.UNKNOWN_CODING,
    ),
    "redirects astray": (
        Fault.REDIRECT, Fault.REDIRECT_LOOP, Fault.REDIRECT_NOWHERE, Fault.REDIRECT_FILE, Fault.REDIRECT_METADATA,
        Fault.REDIRECT_PRIVATE,
    ),
    "wrong entities and listings": (
        Fault.HALF_LIST, Fault.NO_ENTITIES, Fault.DUPLICATED, Fault.NUMBER_FOR_STRING, Fault.LIST_FOR_OBJECT,
        Fault.WRONG_TOP_LEVEL, Fault.EMPTY_LIST, Fault.NAN, Fault.DUPLICATE_MEMBERS, Fault.NESTED_100,
        Fault.NESTED_100K,
    ),
}  # fmt: skip
"""Every fault, each once."""
_SLOW = frozenset({Fault.DRIP, Fault.DRIP_HEADERS, Fault.HANG_BEFORE_HEADERS, Fault.HANG_IN_BODY})
_HASTY = {"read_seconds": 0.15, "total_seconds": 0.2}
_DRIP_SECONDS = 0.002
_SHORTER = frozenset({Fault.HALF_LIST, Fault.NO_ENTITIES, Fault.EMPTY_LIST})
"""Valid answers that are too short: a small loss cannot be told from a real one."""
_LETTERS = frozenset({Fault.LATIN1, Fault.LATIN1_UNDECLARED, Fault.UTF8_CALLED_LATIN1})
"""They put a letter into a text, which may be an id, and spell what latin-1 has not as a question mark."""
_OTHER = re.compile(rb"[^\x00-\x7f]|\?")
_NUMBER = b"12345"


def misbehave(scene: Scene, fault: Fault, number: int | None, calls: tuple[int, ...] = ()) -> list[SyncRecord]:
    """Sync while a fault strikes an exchange (None: every one), then again without it. Raises ``Flaw``.

    The scene must hold exactly what the example expects, and does so afterwards.
    """
    before = scene.live()
    strike(scene, fault, number, _DRIP_SECONDS)
    records = scene.sync(calls=calls, limits=_HASTY if fault in _SLOW else None).records
    strike(scene, None)
    after = scene.live()
    for record in records:
        _has_words(record)
    _lost_nothing(scene, before, after, fault)
    if all(record.status is SyncStatus.COMPLETE for record in records):
        _is_what_came(before, after, fault)
    again = scene.sync(calls=calls).records
    if lines := difference(scene.expected, scene.live()):
        raise Flaw(f"the next good sync is not whole again: {lines[0]}", "", tuple(lines[1:]))
    for record in again:
        if record.status is not SyncStatus.COMPLETE:
            raise Flaw(f"the next good sync of {record.document} ended {record.status.value}: {record.error}")
    return records


def _has_words(record: SyncRecord) -> None:
    """Whatever is not complete says so in one line, with a hint."""
    if record.status is SyncStatus.COMPLETE:
        return
    if not (record.error or record.quarantined) or not record.hint:
        raise Flaw(f"the {record.status.value} record says too little: {record.error!r}, hint {record.hint!r}")
    if len(f"{record.error}{record.hint}".splitlines()) > 1:
        raise Flaw("the record takes more than one line to say what happened", "raise errors of one line")


def _lost_nothing(scene: Scene, before: Entities, after: Entities, fault: Fault) -> None:
    """No entity is gone, or comes out other than it is, but where the fault itself says so."""
    gone = before.keys() - after.keys()
    if fault in _LETTERS:
        spelled = {_plain(place) for place in after}
        gone = {place for place in gone if _plain(place) not in spelled}
    if (
        gone
        and not (fault in _SHORTER and _believable(before, after))
        and not (scene.file and _believable(before, after))
    ):
        names = ", ".join(f"{category} {key}" for category, key in sorted(gone)[:5])
        raise Flaw(f"{len(gone)} entities were removed: {names}", "what is not whole must be incomplete or a fault")
    altered = [place for place in before.keys() & after.keys() if before[place] != after[place]]
    if fault in _LETTERS:
        altered = [place for place in altered if _OTHER.sub(b"", after[place]) != _OTHER.sub(b"", before[place])]
    if fault is Fault.NUMBER_FOR_STRING:
        altered = [place for place in altered if _NUMBER not in after[place]]
    if altered:
        told = _told(scene)
        altered = [place for place in altered if after[place] not in told.get(place, ())]
    if altered:
        raise Flaw(f"{len(altered)} entities came out other than they are: {altered[0][0]} {altered[0][1]}")


def _told(scene: Scene) -> dict[tuple[str, str], list[bytes]]:
    """Everything that upstream says of each entity, where it may name one more than once."""
    found: dict[tuple[str, str], list[bytes]] = {}
    for document in (call.document for call in scene.adapter.calls if call.document.repeats):
        for number in range(len(scene.example.exchanges)):
            for each in document.split(scene.player.body(number, scene.upstream.url)).slices:
                content = understand(bytes(each.raw), document.volatile.get(each.category, ()))
                found.setdefault((each.category, each.key), []).append(content.data)
    return found


def _is_what_came(before: Entities, after: Entities, fault: Fault) -> None:
    """A reading that calls itself complete may add nothing that upstream does not have."""
    new = after.keys() - before.keys()
    if fault in _LETTERS:
        spelled = {_plain(place) for place in before}
        new = {place for place in new if _plain(place) not in spelled}
    if fault is Fault.NUMBER_FOR_STRING:
        new = {place for place in new if _NUMBER.decode() not in place[1]}
    if new:
        category, key = sorted(new)[0]
        raise Flaw(f"an entity was made up: {category} {key}", "a key comes from the entity alone")


def _plain(place: tuple[str, str]) -> tuple[str, bytes]:
    return place[0], _OTHER.sub(b"", place[1].encode())


def _believable(before: Entities, after: Entities) -> bool:
    for category in {place[0] for place in before}:
        live = sum(1 for place in before if place[0] == category)
        seen = sum(1 for place in after if place[0] == category)
        if not plausible(Evidence(complete=True, unnamed=0, seen=seen, live_before=live)):
            return False
    return True


def survives(stage: Stage, faults: tuple[Fault, ...], *, every_page: bool = True) -> None:
    """Each fault on every page, or on one page in turn: nothing is lost, and the next good sync is whole again."""
    calls = _calls_of_exchanges(stage)
    flaws: list[Flaw] = []
    scene = _ready(stage)
    try:
        for turn, fault in enumerate(faults):
            places = list(calls.items())
            for number, asking in places if every_page else [places[turn % len(places)]]:
                try:
                    misbehave(scene, fault, number, asking)
                except Flaw as flaw:
                    place = "" if scene.file else f" on exchange {number + 1}"
                    flaws.append(Flaw(f"'{fault.value}'{place}: {flaw.problem}", flaw.hint, flaw.details))
                    scene.close()
                    scene = _ready(stage)
                    break
    finally:
        scene.close()
    if flaws:
        first, *more = flaws
        raise Flaw(first.problem, first.hint, (*first.details, *(flaw.problem for flaw in more)))


def _calls_of_exchanges(stage: Stage) -> dict[int, tuple[int, ...]]:
    """Exchange -> the calls that ask for it; a file is one exchange."""
    if not stage.example.exchanges:
        return {0: ()}
    found: dict[int, tuple[int, ...]] = {}
    for call, numbers in pages_by_call(stage).items():
        for number in dict.fromkeys(numbers):
            if number is not None:
                found[number] = (*found.get(number, ()), call)
    if not found:
        raise Spared("it asks for none of the example's exchanges")
    return found


def _ready(stage: Stage) -> Scene:
    scene = stage.scene()
    try:
        scene.whole()
    except BaseException:
        scene.close()
        raise
    return scene


TRIALS = tuple(
    Trial("misbehaviour", f"{title}: nothing is lost ({len(faults)} faults)", partial(survives, faults=faults))
    for title, faults in GROUPS.items()
)
