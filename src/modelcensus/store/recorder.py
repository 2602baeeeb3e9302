"""Record one reading: compare with the state just before it, write what is new, altered, vanished or back."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence

import msgspec
from sqlalchemy import Connection, text

from modelcensus.core.canonical import Malformed, digest
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, Understood, understand
from modelcensus.core.verdict import Evidence, plausible, removes
from modelcensus.store.bulk import CHUNK, chunks, insert, select_in, update
from modelcensus.store.quarantine import Quarantine
from modelcensus.store.refold import refold
from modelcensus.store.seen import Seen
from modelcensus.store.series import Series
from modelcensus.store.timeline import AS_OF, Known, Timeline


class Tally(msgspec.Struct):
    """What one reading did, counted. ``held`` and ``incomplete`` say why it removed nothing, ``faults`` counts them."""

    entities: int = 0
    appeared: int = 0
    altered: int = 0
    vanished: int = 0
    reappeared: int = 0
    faults: int = 0
    held: bool = False
    incomplete: bool = False


class _Parsed(msgspec.Struct, gc=False):
    slice: Slice
    raw_hash: bytes
    known: Known | None
    content: Understood


class Recorder:
    """Writes one reading of one document inside the caller's transaction: ``add`` its pages, then ``finish``.

    Memory is bounded by the page and by one bit per entity. ``categories`` are those of the document to record.
    """

    def __init__(
        self,
        tx: Connection,
        *,
        source_id: int,
        sync_id: int,
        document: Document,
        observed_at: int,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._tx = tx
        self._source_id = source_id
        self._sync_id = sync_id
        self._document = document
        self._observed_at = observed_at
        self._progress = progress
        self._timelines = {name: Timeline(tx, source_id, name, observed_at) for name in document.covers}
        self._seen = Seen()
        self._named = dict.fromkeys(document.covers, 0)
        self._still_live = dict.fromkeys(document.covers, 0)
        self._unnamed = dict.fromkeys(document.covers, 0)
        self._total: int | None = None
        self._truncated = False
        self._more = False
        self._series = Series(tx)
        self._faulty: dict[str, set[str]] = {name: set() for name in document.covers}
        self._quarantine = Quarantine(tx, sync_id)
        self._next_entity = self._maximum("entity") + 1
        self._next_body = self._maximum("body") + 1
        self.tally = Tally()

    def add(self, split: Split) -> None:
        """Record the entities of one page."""
        if split.total is not None:
            self._total = split.total
        self._truncated |= split.truncated
        self._more = split.more
        for category, timeline in self._timelines.items():
            for part in chunks([entity for entity in split.slices if entity.category == category]):
                self._add_chunk(timeline, part)
        self._add_faults(split.faults)

    def repeat(self, observed_at: int) -> bool:
        """Take over, unread, the reading of ``observed_at``: True if it is the latest and was believed in full."""
        previous = {name: timeline.previous() for name, timeline in self._timelines.items()}
        for name, before in previous.items():
            if before is None or before.observed_at != observed_at or not before.removes:
                return False
            if not self._timelines[name].in_order:
                return False
        for name, before in previous.items():
            self._named[name] = before.evidence.seen if before else 0
            self._still_live[name] = self._timelines[name].live_before
        return True

    def finish(self, *, complete: bool, accepted: bool = False) -> Tally:
        """Judge the reading, bury what has vanished, and set later readings right.

        ``complete``: the fetch reached the end; ``accepted``: a person vouches for a much smaller catalog.
        """
        if self._total is not None and sum(self._named.values()) + sum(self._unnamed.values()) < self._total:
            complete = False
        self._quarantine.flush()
        for timeline in self._timelines.values():
            evidence = Evidence(
                complete=complete and not (self._truncated or self._more),
                unnamed=self._unnamed[timeline.category],
                seen=self._named[timeline.category],
                live_before=timeline.live_before,
                accepted=accepted,
            )
            self.tally.incomplete |= not evidence.complete
            self.tally.held |= evidence.complete and not plausible(evidence)
            if removes(evidence):
                self._bury(timeline)
            else:
                self._remember_sightings(timeline)
            self._cover(timeline, evidence)
            if not timeline.in_order:
                refold(timeline, self._sync_id)
                self._refresh_current()
                self._series.settle(timeline)
        self.tally.entities = sum(self._named.values())
        return self.tally

    def _maximum(self, table: str) -> int:
        return int(self._tx.execute(text(f"SELECT coalesce(max(id), 0) FROM {table}")).scalar() or 0)

    def _add_chunk(self, timeline: Timeline, slices: Sequence[Slice]) -> None:
        known = timeline.lookup([entity.key for entity in slices])
        fresh: set[str] = set()
        parsed: list[_Parsed] = []
        volatile = self._document.volatile.get(timeline.category, ())
        for entity in slices:
            before = known.get(entity.key)
            first = self._seen.add(before.id) if before else entity.key not in fresh
            if not first or entity.key in self._faulty[timeline.category]:
                self._fault(Fault(FaultKind.DUPLICATE_KEY, entity.key, bytes(entity.raw), entity.category, entity.key))
                continue
            self._named[timeline.category] += 1
            if before is None:
                fresh.add(entity.key)
            elif before.body_id is not None:
                self._still_live[timeline.category] += 1
            raw_hash = digest(entity.raw)
            if before and before.raw_hash == raw_hash and before.body_id is not None:
                continue
            try:
                content = understand(bytes(entity.raw), volatile)
            except Malformed as error:
                self._fault(
                    msgspec.structs.replace(
                        error.fault, raw=bytes(entity.raw), category=entity.category, key=entity.key
                    )
                )
                continue
            parsed.append(_Parsed(entity, raw_hash, before, content))
        self._write(timeline, parsed)
        self._progress(len(slices))

    def _write(self, timeline: Timeline, parsed: list[_Parsed]) -> None:
        if not parsed:
            return
        bodies = self._body_ids([item.content for item in parsed])
        created: list[tuple[object, ...]] = []
        updated: list[tuple[object, ...]] = []
        versions: list[tuple[int, int, int, int | None]] = []
        ids: list[int] = []
        for item in parsed:
            known, content = item.known, item.content
            body_id = bodies[content.hash]
            entity_id = known.id if known else self._new_entity()
            ids.append(entity_id)
            current = (body_id, item.raw_hash, content.volatile.decode() if content.volatile else None)
            if known is None:
                created.append((entity_id, self._source_id, timeline.category, item.slice.key, *current))
            else:
                updated.append((*current, entity_id))
            if known is None or known.body_id != body_id:
                versions.append((entity_id, self._observed_at, self._sync_id, body_id))
                self._count(known)
        before = self._volatile_before(timeline, parsed)
        insert(self._tx, "entity", ("id", "source_id", "category", "key", "body_id", "raw_hash", "volatile"), created)
        if timeline.in_order:
            update(self._tx, "entity", ("body_id", "raw_hash", "volatile"), updated)
        insert(self._tx, "snapshot", ("entity_id", "observed_at", "sync_id", "body_id"), versions)
        if self._document.volatile.get(timeline.category):
            documents = [item.content.volatile.decode() if item.content.volatile else None for item in parsed]
            self._write_metrics(timeline, list(zip(ids, documents, strict=True)), before)

    def _write_metrics(
        self, timeline: Timeline, documents: list[tuple[int, str | None]], before: dict[int, str | None]
    ) -> None:
        if timeline.in_order:
            self._series.extend(self._observed_at, documents, before)
        else:
            self._series.backfill(timeline, documents)

    def _count(self, known: Known | None) -> None:
        if known is None or not known.existed:
            self.tally.appeared += 1
        elif known.body_id is None:
            self.tally.reappeared += 1
        else:
            self.tally.altered += 1

    def _new_entity(self) -> int:
        entity_id = self._next_entity
        self._next_entity += 1
        self._seen.add(entity_id)
        return entity_id

    def _body_ids(self, contents: list[Understood]) -> dict[bytes, int]:
        by_hash = {content.hash: content.data for content in contents}
        rows = select_in(self._tx, "SELECT hash, id FROM body WHERE hash $in", "bytea", list(by_hash))
        ids = {bytes(hash_): id_ for hash_, id_ in rows}
        missing: list[tuple[int, bytes, str]] = []
        for hash_, data in by_hash.items():
            if hash_ not in ids:
                ids[hash_] = self._next_body
                missing.append((self._next_body, hash_, data.decode()))
                self._next_body += 1
        insert(self._tx, "body", ("id", "hash", "data"), missing)
        return ids

    def _volatile_before(self, timeline: Timeline, parsed: list[_Parsed]) -> dict[int, str | None]:
        """Documents that tell for certain what the metrics were: an older reading voids an entity's raw hash."""
        if not timeline.in_order or not self._document.volatile.get(timeline.category):
            return {}
        ids = [item.known.id for item in parsed if item.known and item.known.raw_hash]
        rows = select_in(self._tx, "SELECT id, volatile FROM entity WHERE id $in", "bigint", ids)
        return dict(map(tuple, rows))

    def _fault(self, fault: Fault) -> None:
        self.tally.faults += 1
        self._quarantine.add(fault)
        if fault.category and fault.key and fault.kind is not FaultKind.DUPLICATE_KEY:
            self._faulty[fault.category].add(fault.key)

    def _add_faults(self, faults: Iterable[Fault]) -> None:
        """Faults of the split. One that names its entity counts as seen: what is merely broken is not buried."""
        for fault in faults:
            if fault.category is None or fault.key is None:
                self._fault(fault)
                for category in [fault.category] if fault.category else self._document.covers:
                    self._unnamed[category] += 1
                continue
            known = self._timelines[fault.category].lookup([fault.key]).get(fault.key)
            first = self._seen.add(known.id) if known else fault.key not in self._faulty[fault.category]
            if not first:
                self._fault(msgspec.structs.replace(fault, kind=FaultKind.DUPLICATE_KEY))
                continue
            self._fault(fault)
            self._named[fault.category] += 1
            if known and known.body_id is not None:
                self._still_live[fault.category] += 1

    def _bury(self, timeline: Timeline) -> None:
        if self._still_live[timeline.category] == timeline.live_before:
            return
        gone = array("q", (entity_id for entity_id in timeline.live_ids() if entity_id not in self._seen))
        for start in range(0, len(gone), CHUNK):
            part = gone[start : start + CHUNK]
            rows = [(entity_id, self._observed_at, self._sync_id, None) for entity_id in part]
            insert(self._tx, "snapshot", ("entity_id", "observed_at", "sync_id", "body_id"), rows)
            if timeline.in_order:
                update(self._tx, "entity", ("body_id",), [(None, entity_id) for entity_id in part])
        self.tally.vanished += len(gone)

    def _remember_sightings(self, timeline: Timeline) -> None:
        """What a reading that removes nothing did see: an older reading imported later needs to know."""
        faulty = self._faulty[timeline.category]
        own = self._tx.execute(
            text("SELECT id, key FROM entity WHERE source_id = :source AND category = :category"),
            timeline.scope,
            execution_options={"stream_results": True},
        )
        for part in own.partitions(10_000):
            rows = [
                (self._source_id, timeline.category, self._observed_at, id_)
                for id_, key in part
                if id_ in self._seen and key not in faulty
            ]
            insert(self._tx, "sighting", ("source_id", "category", "observed_at", "entity_id"), rows)

    def _cover(self, timeline: Timeline, evidence: Evidence) -> None:
        row = (
            self._source_id, timeline.category, self._observed_at, self._sync_id, int(evidence.complete),
            evidence.unnamed, evidence.seen, evidence.live_before, int(evidence.accepted), int(removes(evidence)),
        )  # fmt: skip
        insert(self._tx, "coverage", COVERAGE_COLUMNS, [row])

    def _refresh_current(self) -> None:
        """After an older reading: entities that it touched are now what their latest version says."""
        latest = AS_OF.format(entity="entity.id", time=":forever")
        self._tx.execute(
            text(
                f"""UPDATE entity SET body_id = {latest}, raw_hash = NULL
                WHERE id IN (SELECT entity_id FROM snapshot WHERE sync_id = :sync AND observed_at >= :time)
                AND body_id IS DISTINCT FROM {latest}"""
            ),
            {"forever": 2**62, "sync": self._sync_id, "time": self._observed_at},
        )


COVERAGE_COLUMNS = (
    "source_id", "category", "observed_at", "sync_id", "complete", "unnamed", "seen", "live_before", "accepted",
    "removes",
)  # fmt: skip
