"""Incidents out of what is recorded: each kind, when it is one, and when it is none any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from modelcensus.core.health import Severity
from modelcensus.core.notice import NoticeKind
from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.operations.catalog.overriding import set_override
from modelcensus.operations.noticing.noticing import listed
from modelcensus.operations.noticing.syncs import SyncsSeen, fold
from modelcensus.settings import NoticeSettings, RuleSettings
from modelcensus.store.notices import Notice
from tests.builders import model, openrouter, read
from tests.operations.catalog_world import applied, merged, proposed
from tests.operations.noticing.scene import Scene, scene

NOWHERE = {"here": "json://127.0.0.1:9"}
"""Incidents wait there, and are looked at in the list."""


def on(*kinds: str, **more: Any) -> NoticeSettings:
    """A rule for these kinds, gathered for so long that nothing is sent."""
    return NoticeSettings(targets=NOWHERE, rules={"r": RuleSettings(on=list(kinds), **more)}, group_seconds=86_400)


def found(it: Scene, **state: Any) -> list[str]:
    """The new incidents of a look, as text."""
    before = {each.key for each in listed(it.census, limit=1000)}
    it.tell(at_once=False, **state)
    return [each.text for each in sorted(listed(it.census, limit=1000), key=_place) if each.key not in before]


def _place(notice: Notice) -> tuple[int, str]:
    return notice.at, notice.key


@pytest.fixture
def everything(database_url: str) -> Iterator[Scene]:
    """A census whose catalog has two models, of which every kind of incident is told."""
    kinds = [kind.value for kind in NoticeKind if kind is not NoticeKind.HEALTH_CHANGED]
    with scene(database_url, on(*kinds)) as it:
        publish(it, "2")
        assert found(it) == []
        yield it


def publish(it: Scene, price: str, **fields: Any) -> None:
    one = merged("lab/a", provider="lab", price=price, **fields)
    applied(it.census.store, one, merged("lab/b", provider="rival"), now=it.census.clock())


def test_a_source_recovers_only_when_all_that_it_needs_can_be_read_and_optional_documents_do_not_count() -> None:
    counted = {"s": {"model", "endpoint"}}
    seen, incidents = fold(SyncsSeen(), [sync(1, "model"), sync(2, "endpoint"), sync(3, "orphan")], counted)
    assert [(each.key, each.times) for each in incidents] == [("sync-failed:s:1", 1)]
    good = SyncStatus.COMPLETE
    seen, incidents = fold(seen, [sync(4, "model", good), sync(5, "endpoint"), sync(6, "model", good)], counted)
    assert [(each.key, each.times) for each in incidents] == [("sync-failed:s:1", 2)]
    seen, incidents = fold(seen, [sync(7, "endpoint", SyncStatus.PARTIAL), sync(8, "orphan")], counted)
    assert [(each.key, each.ends) for each in incidents] == [("sync-recovered:s:1", "sync-failed:s:1")]
    assert seen == SyncsSeen(8)


def sync(number: int, document: str, status: SyncStatus = SyncStatus.FAILED) -> SyncRecord:
    return SyncRecord(
        id=number, source="s", document=document, status=status, observed_at=0, epoch=0, started_at=0, finished_at=0,
        origin="o", error="e",
    )  # fmt: skip


def test_a_price_that_moves_enough_is_an_incident_and_less_is_none(everything: Scene) -> None:
    publish(everything, "2.1")
    assert found(everything) == []
    publish(everything, "2.5")
    (text,) = found(everything)
    assert text.startswith("prices of lab/a moved: price.input 2.1 to 2.5 (")
    assert text.endswith("revision 3)")
    publish(everything, "1.5")
    assert len(found(everything)) == 1


def test_a_new_model_is_an_incident_but_not_those_that_the_catalog_began_with(everything: Scene) -> None:
    now = everything.census.clock()
    applied(everything.census.store, *(merged(f"lab/{name}", provider="lab") for name in "abc"), now=now)
    assert [text.partition(" (")[0] for text in found(everything)] == ["new model lab/c of lab"]


def test_a_model_that_becomes_deprecated_is_an_incident_once(everything: Scene) -> None:
    publish(everything, "2", stage="deprecated")
    assert [text.partition(" (")[0] for text in found(everything)] == ["lab/a is deprecated"]
    publish(everything, "2", stage="deprecated", deprecated="2026-01-01", context=64_001)
    assert [text for text in found(everything) if "lab/a is deprecated" not in text] == []


def test_a_model_that_retires_is_told_90_60_and_30_days_before(everything: Scene) -> None:
    end = everything.now().date() + timedelta(days=95)
    publish(everything, "2", retires=end.isoformat(), successor="lab/b")
    assert found(everything) == []
    told = []
    for _ in range(20):
        everything.wait(days=5)
        told += found(everything)
    assert [text.partition(" (")[0] for text in told] == [
        f"lab/a retires on {end}, in {days} days" for days in (90, 60, 30)
    ]
    assert "move to lab/b" in [each.hint for each in listed(everything.census)]


def test_what_a_plan_holds_is_an_incident_once_however_often_it_is_planned_again(everything: Scene) -> None:
    store = everything.census.store
    proposed(store, merged("lab/a", provider="lab", price="2000"), now=everything.census.clock())
    (text,) = found(everything)
    assert text.startswith("1 change is held since")
    assert "lab/a#price.input" in text
    everything.wait(hours=1)
    two = merged("lab/c", provider="lab")
    proposed(store, merged("lab/a", provider="lab", price="2000"), two, now=everything.census.clock())
    assert found(everything) == []
    everything.wait(hours=1)
    proposed(store, merged("lab/a", provider="lab", price="9000"), now=everything.census.clock())
    assert len(found(everything)) == 1


def test_an_override_that_upstream_moved_under_is_an_incident_each_time_that_it_moves(everything: Scene) -> None:
    store, now = everything.census.store, everything.census.clock()
    set_override(store, "lab/a", "context", 1000, actor="ann", reason="tested", now=now)
    assert found(everything) == []
    publish(everything, "2", context=120_000)
    everything.wait(seconds=1)
    (text,) = found(everything)
    assert "upstream moved under the override of context of lab/a" in text
    assert "128000 to 120000; the override by ann says 1000" in text
    assert found(everything) == []
    publish(everything, "2", context=110_000)
    assert len(found(everything)) == 1


def test_health_is_an_incident_when_it_changes_and_not_while_it_stays(sqlite_url: str) -> None:
    with scene(sqlite_url, on("health-changed")) as it:
        told = []
        for state in ("critical", "critical", "warning", "ok", "ok", "critical"):
            it.wait(minutes=2)
            told += found(it, health=Severity(state))
    assert [text.split()[2] for text in told] == ["critical", "warning", "ok", "critical"]
    assert told[2].endswith("it was warning")


def test_health_is_looked_at_once_a_minute_at_most(sqlite_url: str) -> None:
    with scene(sqlite_url, on("health-changed")) as it:
        assert found(it, health=Severity.CRITICAL) == []
        it.wait(seconds=61)
        assert len(found(it, health=Severity.CRITICAL)) == 1


def test_a_catalog_whose_quality_falls_is_an_incident(sqlite_url: str) -> None:
    with scene(sqlite_url, on("quality-fell")) as it:
        read(it.census, openrouter(*(model(f"lab/{number}") for number in range(4))), 0)
        assert found(it) == []
        bad = model("lab/0", price="nonsense")
        read(it.census, openrouter(bad, *(model(f"lab/{number}") for number in range(1, 4))), 1)
        (text,) = found(it)
        assert text.startswith("the quality of openrouter/model fell from 100.0 to 75.0 of 100")
        assert found(it) == []


def test_a_rule_can_be_narrowed_to_providers_models_and_sources(sqlite_url: str) -> None:
    settings = NoticeSettings(
        targets={"p": NOWHERE["here"], "m": NOWHERE["here"], "s": NOWHERE["here"]}, group_seconds=86_400,
        rules={
            "p": RuleSettings(on=["model-new"], to=["p"], providers=["RIVAL"]),
            "m": RuleSettings(on=["model-new"], to=["m"], models=["lab/c*"]),
            "s": RuleSettings(on=["model-new"], to=["s"], sources=["elsewhere"]),
        },
    )  # fmt: skip
    with scene(sqlite_url, settings) as it:
        publish(it, "2")
        it.tell()
        more = (merged("lab/c-1", provider="lab"), merged("lab/d", provider="rival"))
        applied(it.census.store, *more, now=it.census.clock())
        it.tell(at_once=False)
        assert {(each.target, each.text.split()[2]) for each in listed(it.census)} == {("p", "lab/d"), ("m", "lab/c-1")}


def test_what_nobody_wants_is_not_even_written_down(sqlite_url: str) -> None:
    with scene(sqlite_url, on("sync-failed", times=5)) as it:
        it.fail(4)
        publish(it, "2")
        publish(it, "3")
        assert found(it) == []


def test_what_is_older_than_a_week_is_news_to_nobody(sqlite_url: str) -> None:
    with scene(sqlite_url, on("price-moved")) as it:
        publish(it, "2")
        publish(it, "3")
        it.wait(days=8)
        assert found(it) == []
        publish(it, "4")
        assert len(found(it)) == 1
