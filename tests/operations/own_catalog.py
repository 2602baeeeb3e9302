"""A source of our own whose entities are plain objects in ``data``, and a look at what inspections say of it."""

from __future__ import annotations

from typing import Any

import msgspec

from modelcensus.core import envelope
from modelcensus.core.canonical import digest
from modelcensus.core.check import AtMost, Check, Price, Refers, Required, Unique
from modelcensus.core.faults import Fault
from modelcensus.core.reading import Document, Split, slice_by_id
from modelcensus.operations.census import Census
from modelcensus.operations.inspect import Inspection, drift_events, inspect, quality_of
from modelcensus.operations.record import Reading, record, taken_apart
from modelcensus.store.engine import Store
from modelcensus.store.readings import last_payload
from modelcensus.store.syncs import SyncFacts
from tests.builders import as_json, at, rows


class Model(msgspec.Struct):
    id: str
    price: str | None = None
    limit: int | None = None
    name: str | None = None
    kind: str | None = None


CHECKS: tuple[Check, ...] = (Required("price"), Price("price", most="1"), AtMost("out", "limit"), Unique("name"))
ONE = {"id": "a", "price": "0.5"}


def split_as(category: str) -> Any:
    def split(body: bytes) -> Split:
        listing = envelope.open_listing(body, "data")
        if listing.fault:
            return Split(faults=[listing.fault], truncated=True)
        found = Split(truncated=not listing.closed)
        for item in slice_by_id(listing.items, category):
            if isinstance(item, Fault):
                found.faults.append(item)
            else:
                found.slices.append(item)
        return found

    return split


def document(
    category: str = "model",
    *,
    checks: tuple[Check, ...] = CHECKS,
    enums: tuple[str, ...] = (),
    records: type[msgspec.Struct] | None = None,
) -> Document:
    return Document(
        category=category, covers=(category,), split=split_as(category), checks={category: checks},
        enums={category: enums}, records={category: records} if records else {},
    )  # fmt: skip


ENDPOINTS = document("endpoint", checks=(Refers("model", "model"),))


class Catalog:
    """A source of our own in a census: ``read`` records one reading of a document, ``look`` inspects."""

    def __init__(self, census: Census, *documents: Document) -> None:
        self.census = census
        self.documents = documents or (document(),)
        self.hours = 0.0

    @property
    def store(self) -> Store:
        return self.census.store

    def read(
        self, *entities: Any, hours: float | None = None, category: str = "model", body: bytes | None = None
    ) -> None:
        """Record without inspecting, as if the program had ended in between."""
        document = next(each for each in self.documents if each.category == category)
        self.hours += 1
        if body is None:
            body = b'{"data":[' + b",".join(e if isinstance(e, bytes) else as_json(e) for e in entities) + b"]}"
        when, payload, reader = at(self.hours if hours is None else hours), digest(body), f"own/{category}@1"
        with self.store.reading() as tx:
            last = last_payload(tx, "own", reader)
        facts = SyncFacts(
            source="own", adapter="own", reader=reader, observed_at=when, started_at=when, origin="a test"
        )  # fmt: skip
        reading = Reading(
            facts=facts, document=document, splits=taken_apart(document, [body]), complete=True, payload_hash=payload,
            repeats=last[0] if last and last[1] == payload else None, accepted=True,
        )  # fmt: skip
        record(self.store, reading, self.census.clock)

    def look(self) -> Inspection:
        done = inspect(self.store, "own", self.documents, self.census.clock)
        assert done.problem is None
        return done

    def see(self, *entities: Any, **options: Any) -> Inspection:
        self.read(*entities, **options)
        return self.look()

    def drift(self) -> list[tuple[str, str]]:
        return sorted((event.kind.value, event.path) for event in drift_events(self.store))

    def findings(self) -> list[tuple[str, str]]:
        return sorted((each.key, each.kind.value) for each in quality_of(self.store).findings)

    def scores(self, category: str = "model") -> list[float]:
        sql = "SELECT score_tenths FROM quality WHERE category = :category ORDER BY sync_id"
        return [row[0] / 10 for row in rows(self.store, sql, category=category)]
