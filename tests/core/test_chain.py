"""The chain: whatever is changed in what a sync wrote changes its digest, and every link after it."""

from __future__ import annotations

import pytest

from modelcensus.core.chain import START, Seal, link

FACTS = {"id": 1, "source": "s", "entities": 2}
HASH, OTHER = b"\1" * 32, b"\2" * 32
Snapshots = list[tuple[str, str, int, bytes | None]]
PLAIN: Snapshots = [("model", "a", 1, HASH), ("model", "b", 1, None)]


def digest(
    facts: dict[str, object] = FACTS, snapshots: Snapshots = PLAIN, records: list[list[object]] | None = None
) -> bytes:
    seal = Seal(facts)
    for row in records if records is not None else [[1, "x"]]:
        seal.record("coverage", row)
    for snapshot in snapshots:
        seal.snapshot(*snapshot)
    return seal.digest()


def test_the_same_writes_have_the_same_digest() -> None:
    assert digest() == digest()


def test_the_order_of_facts_does_not_matter() -> None:
    assert digest(dict(reversed(FACTS.items()))) == digest()


@pytest.mark.parametrize(
    "other",
    [
        {"facts": FACTS | {"entities": 3}},
        {"records": []},
        {"records": [[1, "y"]]},
        {"snapshots": PLAIN[:1]},
        {"snapshots": PLAIN[::-1]},
        {"snapshots": [("model", "a", 1, OTHER), PLAIN[1]]},
        {"snapshots": [("model", "a", 2, HASH), PLAIN[1]]},
        {"snapshots": [("model", "c", 1, HASH), PLAIN[1]]},
        {"snapshots": [("endpoint", "a", 1, HASH), PLAIN[1]]},
        {"snapshots": [("model", "a", 1, None), PLAIN[1]]},
    ],
)
def test_any_other_write_has_another_digest(other: dict[str, object]) -> None:
    assert digest(**other) != digest()  # type: ignore[arg-type]  # one argument at a time


def test_a_link_depends_on_all_before_it() -> None:
    one, two = digest(), digest(records=[])
    assert link(link(START, one), two) != link(link(START, two), one)
    assert link(START, one) != one
