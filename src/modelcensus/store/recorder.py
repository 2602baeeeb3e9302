"""Record one reading: compare it with the state just before, tell what is new, and judge what it may remove."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence

import msgspec
from sqlalchemy import Connection

from modelcensus.core.canonical import Malformed, digest
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Slice, Split, named_twice, understand
from modelcensus.core.verdict import Evidence, plausible, removes
from modelcensus.store.bulk import chunks
from modelcensus.store.quarantine import Quarantine
from modelcensus.store.refold import refold
from modelcensus.store.seen import Seen
from modelcensus.store.timeline import Known, Timeline
from modelcensus.store.writer import Parsed, Writer


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


class Recorder:
    """Writes one reading of one document inside the caller's transaction: ``add`` its pages, then ``finish``.

    Memory is bounded by the page and by one bit per entity.
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
        self._sync_id = sync_id
        self._document = document
        self._progress = progress
        self._timelines = {name: Timeline(tx, source_id, name, observed_at) for name in document.covers}
        self._seen = Seen()
        self._named = dict.fromkeys(document.covers, 0)
        self._still_live = dict.fromkeys(document.covers, 0)
        self._unnamed = dict.fromkeys(document.covers, 0)
        self._total: int | None = None
        self._truncated = False
        self._more = False
        self._faulty: dict[str, set[str]] = {name: set() for name in document.covers}
        self._quarantine = Quarantine(tx, sync_id)
        self._writer = Writer(tx, source_id=source_id, sync_id=sync_id, document=document, observed_at=observed_at)
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
                self._writer.sightings(timeline, self._seen, self._faulty[timeline.category])
            self._writer.coverage(timeline, evidence)
            if not timeline.in_order:
                refold(timeline, self._sync_id)
                self._writer.refresh_current(timeline)
        self.tally.entities = sum(self._named.values())
        return self.tally

    def _add_chunk(self, timeline: Timeline, slices: Sequence[Slice]) -> None:
        known = timeline.lookup([entity.key for entity in slices])
        fresh: set[str] = set()
        parsed: list[Parsed] = []
        volatile = self._document.volatile.get(timeline.category, ())
        for entity in slices:
            before = known.get(entity.key)
            first = self._seen.add(before.id) if before else entity.key not in fresh
            if not first or entity.key in self._faulty[timeline.category]:
                if self._document.repeats:
                    continue
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
                if error.fault.kind is FaultKind.DUPLICATE_MEMBER and named_twice(bytes(entity.raw), entity.key):
                    # Any entity may hide behind the other name.
                    self._unnamed[timeline.category] += 1
                self._fault(
                    msgspec.structs.replace(
                        error.fault, raw=bytes(entity.raw), category=entity.category, key=entity.key
                    )
                )
                continue
            parsed.append(Parsed(entity, raw_hash, before, content))
        self._write(timeline, parsed)
        self._progress(len(slices))

    def _write(self, timeline: Timeline, parsed: list[Parsed]) -> None:
        for entity_id, known in self._writer.versions(timeline, parsed):
            self._count(known)
            if known is None:
                self._seen.add(entity_id)

    def _count(self, known: Known | None) -> None:
        if known is None or not known.existed:
            self.tally.appeared += 1
        elif known.body_id is None:
            self.tally.reappeared += 1
        else:
            self.tally.altered += 1

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
                if self._document.repeats:
                    continue
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
        self._writer.tombstones(timeline, gone)
        self.tally.vanished += len(gone)
