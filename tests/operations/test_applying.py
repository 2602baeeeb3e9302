"""Plans become revisions: what is applied is what was reviewed, whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec
import pytest
from sqlalchemy import text

from modelcensus.core.catalog import planning
from modelcensus.core.catalog.model import Plan, Status
from modelcensus.core.catalog.sealed import digest_of_catalog
from modelcensus.core.errors import AlteredPlan, CensusError, InvalidInput, NotFound, StalePlan
from modelcensus.operations.catalog import applying
from modelcensus.operations.catalog.proving import catalog_problems, unexplained
from modelcensus.store.catalog import models
from modelcensus.store.catalog.plans import PlanState
from modelcensus.store.engine import Store
from tests.builders import everything, rows
from tests.operations.catalog_world import NOW, applied, as_of, head, merged, planned, proposed, published, store_at


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with store_at(database_url) as opened:
        yield opened


def test_an_applied_plan_is_published_as_one_revision(store: Store) -> None:
    revision = applied(store, merged("lab/a"), merged("lab/b", price="3"))
    assert (revision.number, revision.models, head(store)) == (1, 2, 1)
    assert {model.id: model.fields["price.input"] for model in published(store).values()} == {
        "lab/a": "2",
        "lab/b": "3",
    }


def test_proposing_writes_nothing_to_the_catalog(store: Store) -> None:
    before = everything(store)
    proposed(store, merged())
    assert (published(store), head(store), everything(store)) == ({}, 0, before)


def test_what_a_revision_leaves_alone_keeps_its_revisions(store: Store) -> None:
    applied(store, merged("lab/a"), merged("lab/b"))
    applied(store, merged("lab/a"), merged("lab/b", price="3"))
    now = published(store)
    assert [(model.since_revision, model.changed_revision) for model in now.values()] == [(1, 1), (1, 2)]


def test_an_archived_model_keeps_its_price(store: Store) -> None:
    applied(store, merged("lab/a"), merged("lab/b"))
    applied(store, merged("lab/a"), gone=["lab/b"])
    assert published(store)["lab/b"].status is Status.ARCHIVED
    assert published(store)["lab/b"].fields["price.input"] == "2"


def test_the_catalog_can_be_read_as_of_every_revision(store: Store) -> None:
    seen = []
    for price in ("2", "3", "4"):
        revision = applied(store, merged("lab/a", price=price), merged("lab/b"))
        seen.append((revision.catalog_digest, published(store)))
    for number, (digest, then) in enumerate(seen, 1):
        assert as_of(store, number) == then
        assert digest_of_catalog(as_of(store, number).values()) == digest


def test_a_plan_made_before_another_was_applied_is_refused_and_says_what_moved(store: Store) -> None:
    applied(store, merged("lab/a"), merged("lab/b"))
    late = proposed(store, merged("lab/a", price="3"), merged("lab/b"))
    applied(store, merged("lab/a"), merged("lab/b", price="5"))
    with pytest.raises(StalePlan, match="lab/b") as refused:
        applying.apply(store, late.digest, "ann", NOW)
    assert refused.value.moved == ("lab/b",)
    assert applying.stored_plan(store, late.digest).state is PlanState.STALE
    assert published(store)["lab/a"].fields["price.input"] == "2"


def test_a_plan_on_a_revision_that_is_no_longer_current_is_not_even_stored(store: Store) -> None:
    late = planned(store, merged("lab/a"))
    applied(store, merged("lab/b"))
    with pytest.raises(StalePlan):
        applying.propose(store, late, "sync", NOW)


def test_a_stored_plan_that_was_altered_is_refused(store: Store) -> None:
    plan = proposed(store, merged(price="2"))
    with store.writing() as tx:
        tx.execute(text("""UPDATE plan SET data = replace(data, '"after":"2"', '"after":"1"')"""))
    with pytest.raises(AlteredPlan):
        applying.apply(store, plan.digest, "ann", NOW)
    assert published(store) == {}


@pytest.mark.parametrize("garbage", ["{}", "[", '{"base_revision":0,"steps":[]}'])
def test_a_stored_plan_that_is_no_plan_any_more_is_refused(store: Store, garbage: str) -> None:
    plan = proposed(store, merged())
    with store.writing() as tx:
        tx.execute(text("UPDATE plan SET data = :data"), {"data": garbage})
    with pytest.raises(AlteredPlan):
        applying.apply(store, plan.digest, "ann", NOW)


def test_a_plan_that_does_not_have_its_digest_is_not_stored(store: Store) -> None:
    forged = msgspec.structs.replace(planned(store, merged()), digest="0" * 64)
    with pytest.raises(AlteredPlan):
        applying.propose(store, forged, "sync", NOW)


def test_the_same_plan_is_stored_once(store: Store) -> None:
    proposed(store, merged(), now=NOW)
    proposed(store, merged(), now=NOW + 1)
    assert [stored.proposed_at for stored in applying.stored_plans(store)] == [NOW]


def test_a_plan_is_applied_once(store: Store) -> None:
    revision = applied(store, merged())
    with pytest.raises(InvalidInput, match="was applied as revision 1 by ann"):
        applying.apply(store, revision.plan, "bob", NOW)


def test_a_plan_can_be_named_by_the_beginning_of_its_digest(store: Store) -> None:
    plan = proposed(store, merged())
    assert applying.apply(store, plan.digest[:8], "ann", NOW).plan == plan.digest


@pytest.mark.parametrize("digest", ["", "abc", "%%%%%%%%", "________", "ABCDEF01", "x" * 64])
def test_what_is_no_digest_is_refused(store: Store, digest: str) -> None:
    proposed(store, merged())
    with pytest.raises(InvalidInput):
        applying.apply(store, digest, "ann", NOW)


def test_an_unknown_digest_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        applying.apply(store, "0" * 64, "ann", NOW)


def test_a_part_can_be_applied_and_the_rest_is_planned_again(store: Store) -> None:
    said = (merged("lab/a"), merged("lab/b"))
    applied(store, *said, only=["lab/b"])
    assert list(published(store)) == ["lab/b"]
    assert [step.model_id for step in planned(store, *said).steps] == ["lab/a"]


def test_a_part_that_the_plan_does_not_have_is_refused(store: Store) -> None:
    plan = proposed(store, merged("lab/a"))
    with pytest.raises(InvalidInput, match="no step for lab/zz"):
        applying.apply(store, plan.digest, "ann", NOW, only=["lab/zz"])


def test_what_a_guard_holds_is_left_out(store: Store) -> None:
    applied(store, merged("lab/a"))
    applied(store, merged("lab/a", price="2000", context=64_001))
    assert published(store)["lab/a"].fields["price.input"] == "2"
    assert published(store)["lab/a"].fields["context"] == 64_001


def test_what_a_guard_holds_is_let_through_by_a_person_with_a_reason(store: Store) -> None:
    applied(store, merged())
    applied(store, merged(price="200"), released={"lab/one#price.input": "announced"}, actor="ann")
    assert published(store)["lab/one"].fields["price.input"] == "200"
    (entry,) = applying.audit_log(store, act="release")
    assert (entry.actor, entry.target, entry.reason, entry.revision) == ("ann", "lab/one#price.input", "announced", 2)


def test_a_release_without_a_reason_is_refused(store: Store) -> None:
    applied(store, merged())
    plan = proposed(store, merged(price="200"))
    with pytest.raises(InvalidInput, match="why"):
        applying.apply(store, plan.digest, "ann", NOW, released={"lab/one#price.input": " "})


def test_what_is_not_held_cannot_be_released(store: Store) -> None:
    plan = proposed(store, merged())
    with pytest.raises(InvalidInput, match="does not hold"):
        applying.apply(store, plan.digest, "ann", NOW, released={"lab/one": "because"})


def test_a_plan_of_which_all_is_held_makes_no_revision(store: Store) -> None:
    applied(store, merged())
    plan = proposed(store, merged(price="200"))
    with pytest.raises(InvalidInput, match="nothing to apply"):
        applying.apply(store, plan.digest, "ann", NOW)
    assert head(store) == 1


def test_a_rejected_plan_is_not_applied_and_says_who_rejected_it(store: Store) -> None:
    plan = proposed(store, merged())
    applying.reject(store, plan.digest, "ann", "wrong price", NOW)
    with pytest.raises(InvalidInput, match="rejected by ann: wrong price"):
        applying.apply(store, plan.digest, "bob", NOW)


def test_a_rejected_plan_stays_rejected_when_a_sync_makes_it_again(store: Store) -> None:
    plan = proposed(store, merged())
    applying.reject(store, plan.digest, "ann", "no", NOW)
    proposed(store, merged())
    assert applying.stored_plan(store, plan.digest).state is PlanState.REJECTED


def test_a_person_can_open_a_rejected_plan_again(store: Store) -> None:
    plan = proposed(store, merged())
    applying.reject(store, plan.digest, "ann", "no", NOW)
    applying.propose(store, plan, "bob", NOW, reopen=True)
    assert applying.apply(store, plan.digest, "bob", NOW).number == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\0b"])
def test_a_rejection_says_why(store: Store, reason: str) -> None:
    plan = proposed(store, merged())
    with pytest.raises(InvalidInput, match="why"):
        applying.reject(store, plan.digest, "ann", reason, NOW)


@pytest.mark.parametrize("actor", ["", " ", "a\nb", "x" * 201])
def test_an_act_says_who(store: Store, actor: str) -> None:
    plan = proposed(store, merged())
    with pytest.raises(InvalidInput, match="who"):
        applying.apply(store, plan.digest, actor, NOW)


def test_a_rollback_is_a_plan_and_brings_the_fields_back(store: Store) -> None:
    applied(store, merged("lab/a", price="2"))
    applied(store, merged("lab/a", price="3"), merged("lab/b"))
    plan = applying.rollback(store, 1, "ann", "bad day", NOW)
    assert published(store)["lab/a"].fields["price.input"] == "3"
    applying.apply(store, plan.digest, "ann", NOW)
    now = published(store)
    assert now["lab/a"].fields == as_of(store, 1)["lab/a"].fields
    assert now["lab/b"].status is Status.ARCHIVED


@pytest.mark.parametrize("revision", [-1, 0, 2])
def test_a_rollback_to_no_revision_is_not_found(store: Store, revision: int) -> None:
    applied(store, merged())
    with pytest.raises(NotFound):
        applying.rollback(store, revision, "ann", "bad day", NOW)


def test_a_rollback_to_today_is_nothing(store: Store) -> None:
    applied(store, merged())
    with pytest.raises(InvalidInput, match="nothing to roll back"):
        applying.rollback(store, 1, "ann", "bad day", NOW)


def test_every_revision_is_explained_by_the_audit_log(store: Store) -> None:
    applied(store, merged("lab/a"), merged("lab/b"), only=["lab/a"])
    applied(store, merged("lab/a", price="200"), released={"lab/a#price.input": "announced"})
    assert catalog_problems(store) == []
    assert [(entry.act, entry.actor, entry.revision) for entry in applying.audit_log(store)] == [
        ("apply", "ann", 2), ("release", "ann", 2), ("apply", "ann", 1)
    ]  # fmt: skip


def drop_guards(store: Store, *names: str) -> None:
    with store.writing() as tx:
        for table in names:
            if tx.dialect.name == "sqlite":
                tx.execute(text(f"DROP TRIGGER {table}_no_update"))
            else:
                tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only"))


@pytest.mark.parametrize(
    ("table", "tampering", "found"),
    [
        ("model_version", "UPDATE model_version SET fields = replace(fields, '\"3\"', '\"1\"')", "was altered"),
        ("audit", "UPDATE audit SET actor = 'nobody' WHERE id = 1", "audit log"),
        ("revision", "UPDATE revision SET actor = 'nobody' WHERE number = 1", "does not follow"),
        (None, "UPDATE model SET fields = replace(fields, '\"3\"', '\"1\"')", "is not what its last revision wrote"),
    ],
)
def test_tampering_with_what_was_published_is_found(
    store: Store, table: str | None, tampering: str, found: str
) -> None:
    applied(store, merged(price="2"))
    applied(store, merged(price="3"))
    assert catalog_problems(store) == []
    if table:
        drop_guards(store, table)
    with store.writing() as tx:
        tx.execute(text(tampering))
    assert found in " ".join(catalog_problems(store))


def test_a_plan_altered_after_it_was_applied_no_longer_explains_its_revision(store: Store) -> None:
    applied(store, merged(price="2"))
    with store.writing() as tx:
        tx.execute(text("""UPDATE plan SET data = replace(data, '"after":"2"', '"after":"1"')"""))
    assert list(unexplained(store)) == ["revision 1: its plan is not the one that the audit log names"]


def test_of_many_who_apply_the_same_plan_at_once_one_does(store: Store) -> None:
    plan = proposed(store, merged())
    results: list[str] = []

    def run(name: str) -> None:
        try:
            results.append(str(applying.apply(store, plan.digest, name, NOW).number))
        except CensusError as error:
            results.append(type(error).__name__)

    threads = [threading.Thread(target=run, args=(f"p{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["1", "InvalidInput", "InvalidInput", "InvalidInput"]


def test_an_apply_that_fails_leaves_nothing_behind(store: Store) -> None:
    plan = proposed(store, merged("lab/a"))
    on_sqlite = store.url.startswith("sqlite")
    refuse = (
        "CREATE TRIGGER broken BEFORE INSERT ON model_version BEGIN SELECT RAISE(ABORT, 'broken'); END"
        if on_sqlite
        else "CREATE TRIGGER broken BEFORE INSERT ON model_version EXECUTE FUNCTION modelcensus_append_only()"
    )
    with store.writing() as tx:
        tx.execute(text(refuse))
    with pytest.raises(CensusError):
        applying.apply(store, plan.digest, "ann", NOW)
    assert (published(store), head(store), rows(store, "SELECT id FROM audit")) == ({}, 0, [])
    assert applying.stored_plan(store, plan.digest).state is PlanState.OPEN


def test_a_clock_that_goes_back_does_not_break_the_order_of_revisions(store: Store) -> None:
    applied(store, merged(price="2"), now=NOW)
    applied(store, merged(price="3"), now=NOW - 10**12)
    assert catalog_problems(store) == []
    with store.reading() as tx:
        assert [model.fields["price.input"] for model in models.versions(tx, "lab/one")] == ["2", "3"]


def test_an_empty_plan_makes_no_revision(store: Store) -> None:
    plan: Plan = planning.sealed(0, ())
    applying.propose(store, plan, "sync", NOW)
    with pytest.raises(InvalidInput):
        applying.apply(store, plan.digest, "ann", NOW)
