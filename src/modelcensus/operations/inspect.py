"""Inspect what syncs recorded: how the shape of the entities drifts, and of what quality they are.

Both are projections of what is recorded. An inspection runs after a sync, in short transactions of its own, and can
neither stop nor undo the recording: whatever it did not get to, the next one does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection

from modelcensus.core.canonical import Malformed
from modelcensus.core.check import Check, Refers, Unique
from modelcensus.core.drift import DriftEvent, Field, Watch
from modelcensus.core.errors import CensusError, SourceError
from modelcensus.core.known import Known, known_fields
from modelcensus.core.quality import EntityFinding, Score, findings, heads, links, score_tenths
from modelcensus.core.reading import Document
from modelcensus.core.shape import Shape, decoded, shape_of
from modelcensus.store import drift, inspection, quality
from modelcensus.store.bulk import chunks
from modelcensus.store.engine import Store
from modelcensus.store.inspection import CategoryState, Mark, NextSync, Touched
from modelcensus.store.quality import Findings, Judged

_FORM = 1
"""Raised when shapes or findings are worked out differently: everything is then looked at once more."""
BATCH = 2000
"""Entities of one transaction: short enough that nobody who records waits for it."""
_PART = 100
"""Entities whose bodies are in memory at once."""
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LEAST = 20
"""What a sync counts for in a batch, however little it changed."""


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """What one inspection did: syncs and entities looked at, new drift events, and the scores as they are now.

    ``problem``: why it could not go on; what is left is done by the next one.
    """

    source: str
    syncs: int = 0
    entities: int = 0
    events: int = 0
    scores: tuple[Score, ...] = ()
    seconds: float = 0.0
    problem: CensusError | None = None


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """The scores, how many findings there are of which kind, and the worst of them."""

    scores: list[Score]
    counts: list[Count]
    findings: list[EntityFinding]


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many findings of one kind a category has."""

    source: str
    category: str
    severity: str
    kind: str
    findings: int


def inspect(store: Store, source: str, documents: Iterable[Document], clock: Callable[[], int]) -> Inspection:
    """Look at what the source's syncs wrote since the last inspection, in recorded order.

    ``documents``: what the source's adapter declares of its categories. Never raises: what goes wrong is the answer's
    ``problem``, and what is left is done the next time.
    """
    started = clock()
    documents = tuple(documents)
    syncs = entities = events = 0
    scores: tuple[Score, ...] = ()
    problem: CensusError | None = None
    try:
        more = True
        while more:
            with store.writing() as tx:
                done = step(tx, source, documents)
            syncs, entities, events = syncs + done.syncs, entities + done.entities, events + done.events
            more = done.more
        with store.reading() as tx:
            scores = tuple(quality.list_scores(tx, source=source))
    except CensusError as error:
        problem = error
    except Exception as error:  # what an adapter declares may be anybody's; the recording must not suffer from it
        problem = SourceError(
            f"the entities of '{source}' cannot be judged: {type(error).__name__}",
            "this is a defect of its adapter or of this program: please report it",
        )
    return Inspection(
        source=source, syncs=syncs, entities=entities, events=events, scores=scores,
        seconds=(clock() - started) / 1e6, problem=problem,
    )  # fmt: skip


def step(tx: Connection, source: str, documents: Iterable[Document]) -> Step:
    """One batch of an inspection, inside the caller's transaction."""
    taken = Step(tx, source, rules_of(documents))
    taken.more = taken.run()
    return taken


def drift_events(
    store: Store, *, source: str | None = None, since: int | None = None, limit: int = 100
) -> list[DriftEvent]:
    """Drift events that last happened at ``since`` (microseconds since 1970) or later, newest first."""
    with store.reading() as tx:
        return drift.list_events(tx, source=source, since=since, limit=limit)


def quality_of(store: Store, *, source: str | None = None, limit: int = 100) -> Quality:
    """The latest scores, the findings counted, and the worst ``limit`` of them."""
    with store.reading() as tx:
        counted = quality.count_findings(tx, source=source)
        return Quality(
            scores=quality.list_scores(tx, source=source),
            counts=[
                Count(source=name, category=category, severity=severity, kind=kind, findings=count)
                for (name, category, kind, severity), count in counted.items()
            ],
            findings=quality.list_findings(tx, source=source, limit=limit),
        )


class Rules(msgspec.Struct, frozen=True):
    """What an adapter declares of one category; ``hash`` tells when it declares something else.

    ``heads``: the entity's own members that its checks look into.
    """

    known: Known | None = None
    enums: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    hash: bytes = bytes(32)
    heads: frozenset[str] = frozenset()

    @property
    def maps(self) -> frozenset[str]:
        """Paths of objects whose members' names are data."""
        return self.known.maps if self.known else frozenset()


def rules_of(documents: Iterable[Document]) -> dict[str, Rules]:
    """The rules of each category."""
    return {
        category: _rules(
            document.records.get(category),
            frozenset(document.enums.get(category, ())),
            tuple(document.checks.get(category, ())),
        )
        for document in documents
        for category in document.covers
    }


@lru_cache(maxsize=256)
def _rules(record: type[msgspec.Struct] | None, enums: frozenset[str], checks: tuple[Check, ...]) -> Rules:
    known = known_fields(record) if record else None
    told: list[Any] = [_FORM, sorted(enums), [repr(check) for check in checks]]
    if known:
        told += [{path: sorted(types) for path, types in known.types.items()}, sorted(known.anything)]
        told.append(sorted(known.maps))
    digest = hashlib.sha256(msgspec.json.encode(told, order="sorted")).digest()
    return Rules(known, enums, checks, digest, frozenset(head for check in checks for head in heads(check)))


class Step:
    """One batch of an inspection: what it did, and whether there is ``more`` to do."""

    def __init__(self, tx: Connection, source: str, rules: Mapping[str, Rules]) -> None:
        self._tx = tx
        self._source = source
        self._rules = rules
        self._states: dict[str, CategoryState] = {}
        self._shapes: dict[str, tuple[dict[str, dict[str, Field]], dict[str, set[str]]]] = {}
        self.syncs = self.entities = self.events = 0
        self.more = False

    def run(self) -> bool:
        """Do a batch's worth; whether there is more to do."""
        mark = inspection.mark_of(self._tx, self._source)
        if mark is None:
            return False
        self._states = inspection.categories(self._tx, mark.source_id)
        more = self._rebuild(mark) or self._inspect(mark)
        for category, state in self._states.items():
            inspection.keep_category(self._tx, mark.source_id, category, state)
        inspection.keep_mark(self._tx, mark)
        return more

    def _inspect(self, mark: Mark) -> bool:
        room = BATCH
        while room > 0:
            sync = inspection.next_sync(self._tx, mark)
            if sync is None:
                return False
            batch = inspection.touched(self._tx, mark, sync, room)
            self._fold(mark, sync, [each for each in batch if each.before != each.after])
            room -= max(len(batch), _LEAST)
            if batch and room <= 0:
                mark.entity_id = batch[-1].entity_id
                return True
            self._finish(mark, sync)
        return True

    def _rebuild(self, mark: Mark) -> bool:
        """Where the adapter declares something else than before: look at what is known once more, silently."""
        for category, rules in self._rules.items():
            state = self._states.setdefault(category, CategoryState(rules.hash))
            if state.rules != rules.hash:
                state.rules, state.changed, state.rebuilt_to = rules.hash, True, ""
                drift.forget_counts(self._tx, mark.source_id, category)
                self._shapes.pop(category, None)
            if state.rebuilt_to is None:
                continue
            sync = inspection.last_sync(self._tx, mark) or inspection.next_sync(self._tx, mark)
            batch = inspection.inspected_after(self._tx, mark.source_id, category, state.rebuilt_to, BATCH)
            if sync and batch:
                self._fold_category(mark, sync, category, batch, rebuilding=True)
                state.rebuilt_to = batch[-1].key
            elif sync:
                self._tell_missing(mark, sync, category, silent=True)
                state.rebuilt_to = None
            return True
        return False

    def _fold(self, mark: Mark, sync: NextSync, batch: Sequence[Touched]) -> None:
        inspection.keep_inspected(self._tx, batch)
        by_category: dict[str, list[Touched]] = {}
        for each in batch:
            by_category.setdefault(each.category, []).append(each)
        for category, touched in by_category.items():
            state = self._state(category)
            state.live += sum((each.after is not None) - (each.before is not None) for each in touched)
            self._fold_category(mark, sync, category, touched)
            self._resolve(mark, sync, category, touched)

    def _fold_category(
        self, mark: Mark, sync: NextSync, category: str, batch: Sequence[Touched], *, rebuilding: bool = False
    ) -> None:
        state, rules = self._state(category), self._of(category)
        watch = self._watch(mark, sync, category, silent=rebuilding)
        judged: list[Judged] = []
        for part in chunks(batch, _PART):
            judged += self._look(part, rules, watch)
        self.events += drift.keep(self._tx, mark.source_id, category, watch, sync, repeats=not rebuilding)
        Findings(self._tx, mark.source_id, category, sync.id).replace(
            judged,
            [check for check in rules.checks if isinstance(check, Unique)],
            [check for check in rules.checks if isinstance(check, Refers) and self._read(check.category)],
            rebuilding=rebuilding,
        )
        state.changed = True
        self.entities += len(batch)

    def _look(self, batch: Sequence[Touched], rules: Rules, watch: Watch) -> list[Judged]:
        """Fold a few entities, and judge each by itself."""
        wanted = {body for each in batch for body in (each.before, each.after) if body is not None}
        texts = dict(inspection.bodies(self._tx, sorted(wanted)))
        judged = []
        for each in batch:
            before = texts.get(each.before) if each.before is not None else None
            after = texts.get(each.after) if each.after is not None else None
            differing = _differing(before, after)
            if differing is not None:
                watch.fold(each.entity_id, *(_shape(members, rules) for members in differing))
                if "*" not in rules.heads and rules.heads.isdisjoint(differing[0].keys() | differing[1].keys()):
                    continue
            value = _value(after)
            if differing is None:
                watch.fold(each.entity_id, _shape(_value(before), rules), _shape(value, rules))
            if value is None:
                judged.append(Judged(each))
            else:
                judged.append(Judged(each, findings(value, rules.checks), links(value, rules.checks)))
        return judged

    def _resolve(self, mark: Mark, sync: NextSync, target: str, batch: Sequence[Touched]) -> None:
        """Entities came and went: references to them are right or wrong now."""
        appeared = [each.key for each in batch if each.before is None]
        vanished = [each.key for each in batch if each.after is None]
        if not self._read(target) or not (appeared or vanished):
            return
        for category, check in self._references(target):
            kept = Findings(self._tx, mark.source_id, category, sync.id)
            self._state(category).changed |= kept.resolve(check, appeared, vanished)

    def _finish(self, mark: Mark, sync: NextSync) -> None:
        """A sync is inspected in full: what is missing now, and its score."""
        covered = inspection.covered(self._tx, mark.source_id, sync)
        for category, complete in covered.items():
            state = self._state(category)
            if state.changed and state.live:
                self._tell_missing(mark, sync, category)
            if complete and not state.baselined:
                state.baselined = True
                for other, check in self._references(category):
                    kept = Findings(self._tx, mark.source_id, other, sync.id)
                    self._state(other).changed |= kept.resolve_all(check)
        for category in covered:
            self._score(mark, sync, category)
        mark.sync_id, mark.entity_id = sync.id, 0
        self.syncs += 1

    def _score(self, mark: Mark, sync: NextSync, category: str) -> None:
        state = self._state(category)
        if not state.changed and not sync.quarantined:
            last = quality.last_scored(self._tx, mark.source_id, category)
            same = last is not None and sync.payload_hash == inspection.payload_of(self._tx, last)
            if quality.repeat_score(self._tx, mark.source_id, category, sync, same_payload=same):
                return
        quality.keep_score(
            self._tx, mark.source_id, category, sync, live=state.live, first=category == sync.document,
            tenths=score_tenths,
        )  # fmt: skip
        state.changed = False

    def _tell_missing(self, mark: Mark, sync: NextSync, category: str, *, silent: bool = False) -> None:
        watch = self._watch(mark, sync, category, silent=silent)
        watch.missing()
        self.events += drift.keep(self._tx, mark.source_id, category, watch, sync)

    def _watch(self, mark: Mark, sync: NextSync, category: str, *, silent: bool) -> Watch:
        if category not in self._shapes:
            fields = drift.fields(self._tx, mark.source_id, category)
            self._shapes[category] = fields, drift.values(self._tx, mark.source_id, category)
        # A watch changes them in place, and what it has learned is stored: they stay true for this transaction.
        return Watch(
            *self._shapes[category],
            sync_id=sync.id,
            baseline=silent or not self._state(category).baselined,
            known=self._of(category).known,
        )

    def _references(self, target: str) -> list[tuple[str, Refers]]:
        return [
            (category, check)
            for category, rules in self._rules.items()
            for check in rules.checks
            if isinstance(check, Refers) and check.category == target
        ]

    def _read(self, category: str) -> bool:
        """Whether a category has been read in full, so that what is not there is not there."""
        return category in self._states and self._states[category].baselined

    def _state(self, category: str) -> CategoryState:
        return self._states.setdefault(category, CategoryState(self._of(category).hash))

    def _of(self, category: str) -> Rules:
        return self._rules.get(category, Rules())


def _value(data: bytes | None) -> Any:
    """The value in canonical text; None where there is none, or none that this program has written."""
    try:
        return decoded(data) if data is not None else None
    except Malformed:
        return None


def _differing(before: bytes | None, after: bytes | None) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The members that an altered entity had, and has, otherwise; None for one that came, went or cannot be read."""
    if before is None or after is None:
        return None
    try:
        old, new = _members.decode(before), _members.decode(after)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    lost = {name: _value(bytes(text)) for name, text in old.items() if new.get(name) != text}
    won = {name: _value(bytes(text)) for name, text in new.items() if old.get(name) != text}
    return lost, won


def _shape(value: Any, rules: Rules) -> Shape | None:
    return shape_of(value, maps=rules.maps, enums=rules.enums) if value is not None else None
