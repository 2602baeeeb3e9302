"""People's word: edits, overrides and tiers, and that no sync changes any of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from modelcensus.core.catalog.curated import effectively_enabled, overridden, shown_status
from modelcensus.core.catalog.model import Curation, Status
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.operations.catalog.access import can_user_use_model, get_user_allowed_models
from modelcensus.operations.catalog.applying import audit_log
from modelcensus.operations.catalog.curating import curation_of, edit, edit_each, edit_one, undo
from modelcensus.operations.catalog.overriding import clear_override, notices, overrides, set_override
from modelcensus.store.engine import Store
from tests.operations.catalog_world import HOUR, NOW, applied, merged, published, store_at

MODELS = ("lab/a", "lab/b", "lab/c")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with store_at(database_url) as opened:
        applied(opened, *map(merged, MODELS))
        yield opened


def archive(store: Store, model_id: str) -> None:
    applied(store, *(merged(each) for each in MODELS if each != model_id), gone=[model_id])


def revive(store: Store) -> None:
    applied(store, *map(merged, MODELS))


def test_a_new_model_belongs_to_nobody_yet(store: Store) -> None:
    assert curation_of(store, "lab/a") == Curation(model_id="lab/a")


def test_an_edit_changes_what_it_names_and_nothing_else(store: Store) -> None:
    edit_one(store, "lab/a", {"is_pro": True, "notes": "ours"}, "ann", NOW)
    assert curation_of(store, "lab/a") == Curation(model_id="lab/a", is_pro=True, notes="ours", touched=True)
    assert curation_of(store, "lab/b") == Curation(model_id="lab/b")


@pytest.mark.parametrize(
    ("changes", "enabled", "status"),
    [
        ({"enabled": True}, True, "active"),
        ({"enabled": False}, False, "disabled"),
        ({"status": "active"}, True, "active"),
        ({"status": "disabled"}, False, "disabled"),
        ({"status": "new"}, False, "new"),
        ({"enabled": True, "status": "active"}, True, "active"),
        ({"enabled": False, "status": "new"}, False, "new"),
    ],
)
def test_enabled_and_status_say_one_thing(store: Store, changes: dict[str, Any], enabled: bool, status: str) -> None:
    edit_one(store, "lab/a", changes, "ann", NOW)
    found = curation_of(store, "lab/a")
    assert (found.enabled, found.status) == (enabled, status)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"colour": "red"},
        {"model_id": "lab/b"},
        {"touched": False},
        {"enabled": 1},
        {"enabled": None},
        {"is_free": "yes"},
        {"status": "inactive"},
        {"status": "archived"},
        {"status": None},
        {"status": ["new"]},
        {"enabled": True, "status": "disabled"},
        {"enabled": False, "status": "active"},
        {"display_name": 3},
        {"notes": "x" * 2001},
        {"notes": "a\0b"},
        {"display_name": "\ud800"},
    ],
)
def test_what_no_model_could_take_is_refused_and_changes_nothing(store: Store, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        edit(store, ["lab/a"], changes, "ann", NOW)
    assert curation_of(store, "lab/a") == Curation(model_id="lab/a")


def test_a_bulk_edit_tells_of_each_and_does_what_can_be_done(store: Store) -> None:
    archive(store, "lab/b")
    results = edit(store, ["lab/a", "lab/b", "lab/zz"], {"enabled": True}, "ann", NOW)
    assert [type(result.error) for result in results] == [type(None), InvalidInput, NotFound]
    assert curation_of(store, "lab/a").enabled
    assert not curation_of(store, "lab/b").enabled


def test_each_model_can_have_its_own_changes_in_one_edit(store: Store) -> None:
    edit_each(store, {"lab/a": {"is_free": True}, "lab/b": {"is_pro": True}}, "ann", NOW)
    assert curation_of(store, "lab/a").is_free
    assert curation_of(store, "lab/b").is_pro


def test_an_unknown_model_is_told_with_names_close_to_it(store: Store) -> None:
    with pytest.raises(NotFound, match="perhaps: lab/a"):
        edit_one(store, "other/lab/a", {"is_free": True}, "ann", NOW)


def test_an_edit_is_in_the_audit_log_with_who_when_what_and_why(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True}, "ann", NOW + 5, "we use it")
    entry = audit_log(store, target="lab/a")[0]
    assert (entry.actor, entry.at, entry.act, entry.reason) == ("ann", NOW + 5, "edit", "we use it")
    assert (entry.before, entry.after) == (
        {"enabled": False, "status": "new"},
        {"enabled": True, "status": "active"},
    )


def test_an_edit_that_changes_nothing_is_not_in_the_audit_log(store: Store) -> None:
    edit_one(store, "lab/a", {"is_free": True}, "ann", NOW)
    edit_one(store, "lab/a", {"is_free": True}, "ann", NOW)
    assert len(audit_log(store, target="lab/a")) == 1


def test_an_edit_can_be_undone_by_an_edit(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True, "notes": "x"}, "ann", NOW)
    undo(store, audit_log(store, target="lab/a")[0].id, "bob", NOW)
    assert curation_of(store, "lab/a") == Curation(model_id="lab/a", touched=True)
    assert [entry.act for entry in audit_log(store, target="lab/a")] == ["undo", "edit"]


def test_an_undoing_can_be_undone(store: Store) -> None:
    edit_one(store, "lab/a", {"is_free": True}, "ann", NOW)
    undo(store, audit_log(store)[0].id, "bob", NOW)
    undo(store, audit_log(store)[0].id, "bob", NOW)
    assert curation_of(store, "lab/a").is_free


def test_an_edit_is_not_undone_over_a_later_one(store: Store) -> None:
    edit_one(store, "lab/a", {"notes": "first"}, "ann", NOW)
    first = audit_log(store)[0].id
    edit_one(store, "lab/a", {"notes": "second"}, "bob", NOW)
    with pytest.raises(InvalidInput, match="changed since"):
        undo(store, first, "ann", NOW)
    assert curation_of(store, "lab/a").notes == "second"


def test_what_is_no_edit_cannot_be_undone(store: Store) -> None:
    apply_entry = audit_log(store, act="apply")[0].id
    for number in (apply_entry, 99):
        with pytest.raises(NotFound):
            undo(store, number, "ann", NOW)


def test_an_archived_model_cannot_be_enabled(store: Store) -> None:
    archive(store, "lab/a")
    for changes in ({"enabled": True}, {"status": "active"}):
        with pytest.raises(InvalidInput, match="archived"):
            edit_one(store, "lab/a", changes, "ann", NOW)


def test_an_undoing_cannot_enable_an_archived_model(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True}, "ann", NOW)
    edit_one(store, "lab/a", {"enabled": False}, "ann", NOW)
    last = audit_log(store)[0].id
    archive(store, "lab/a")
    with pytest.raises(InvalidInput, match="archived"):
        undo(store, last, "ann", NOW)


def test_a_model_that_is_archived_is_not_in_effect_enabled_and_comes_back_as_it_was_left(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True, "is_free": True}, "ann", NOW)
    mine = curation_of(store, "lab/a")
    archive(store, "lab/a")
    assert curation_of(store, "lab/a") == mine
    assert not effectively_enabled(mine, published(store)["lab/a"].status)
    assert shown_status(mine, Status.ARCHIVED) == "inactive"
    assert get_user_allowed_models(store, "enterprise") == []
    revive(store)
    assert get_user_allowed_models(store, "free") == ["lab/a"]


def test_an_archived_model_that_was_enabled_can_still_be_annotated_and_disabled(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True}, "ann", NOW)
    archive(store, "lab/a")
    edit_one(store, "lab/a", {"notes": "gone"}, "ann", NOW)
    edit_one(store, "lab/a", {"enabled": False}, "ann", NOW)
    assert curation_of(store, "lab/a").status == "disabled"


def test_no_sync_changes_what_people_own(store: Store) -> None:
    edit_one(store, "lab/a", {"enabled": True, "is_curated": True, "display_name": "A"}, "ann", NOW)
    set_override(store, "lab/a", "context", 9, actor="ann", reason="tested", now=NOW)
    before = (curation_of(store, "lab/a"), overrides(store))
    applied(store, merged("lab/a", name="Other", price="3"), merged("lab/b"), merged("lab/c"))
    archive(store, "lab/a")
    revive(store)
    assert (curation_of(store, "lab/a"), overrides(store)) == before


@pytest.mark.parametrize(
    ("tier", "allowed"),
    [("free", ["lab/a"]), (None, ["lab/a"]), ("pro", ["lab/a", "lab/b"]), ("enterprise", ["lab/a", "lab/b", "lab/c"])],
)
def test_a_tier_sees_its_own_models_and_those_below_it(store: Store, tier: str | None, allowed: list[str]) -> None:
    flags = ("is_free", "is_pro", "is_enterprise")
    edit_each(
        store, {each: {"enabled": True, flag: True} for each, flag in zip(MODELS, flags, strict=True)}, "ann", NOW
    )
    assert get_user_allowed_models(store, tier) == allowed
    assert [each for each in MODELS if can_user_use_model(store, tier, each)] == allowed


def test_a_model_of_a_tier_that_is_not_enabled_is_seen_by_nobody(store: Store) -> None:
    edit_one(store, "lab/a", {"is_free": True, "is_enterprise": True}, "ann", NOW)
    assert get_user_allowed_models(store, "enterprise") == []


def test_nobody_can_use_a_model_that_is_not_there(store: Store) -> None:
    assert not can_user_use_model(store, "enterprise", "lab/zz")


def test_an_unknown_tier_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="free, pro, enterprise"):
        get_user_allowed_models(store, "gold")


def test_an_override_stands_over_what_sources_say(store: Store) -> None:
    set_override(store, "lab/a", "price.input", "1.5", actor="ann", reason="contract", now=NOW)
    fields = overridden(published(store)["lab/a"].fields, overrides(store, model_id="lab/a"), NOW)
    assert fields["price.input"] == "1.5"
    assert published(store)["lab/a"].fields["price.input"] == "2"


def test_an_override_falls_away_the_moment_it_expires(store: Store) -> None:
    set_override(store, "lab/a", "context", 5, actor="ann", reason="trial", now=NOW, expires_at=NOW + HOUR)
    fields = published(store)["lab/a"].fields
    last, first = (overridden(fields, overrides(store), NOW + HOUR + each)["context"] for each in (-1, 0))
    assert (last, first) == (5, 128_000)
    assert overrides(store, now=NOW + HOUR) == []
    assert len(notices(store, NOW + HOUR).expired) == 1


def test_a_notice_is_due_when_upstream_moves_under_an_override(store: Store) -> None:
    set_override(store, "lab/a", "price.input", "1.5", actor="ann", reason="contract", now=NOW, owner="finance")
    assert notices(store, NOW).drifted == ()
    applied(store, merged("lab/a", price="3"), merged("lab/b"), merged("lab/c"))
    (notice,) = notices(store, NOW).drifted
    assert (notice.override.owner, notice.was, notice.now) == ("finance", "2", "3")


def test_an_override_of_what_upstream_does_not_say_is_noticed_when_it_says_it(store: Store) -> None:
    set_override(store, "lab/a", "max_output", 4096, actor="ann", reason="docs", now=NOW)
    assert notices(store, NOW).drifted == ()
    applied(store, merged("lab/a", max_output=8192), merged("lab/b"), merged("lab/c"))
    assert [notice.now for notice in notices(store, NOW).drifted] == [8192]


def test_setting_an_override_again_takes_the_word_of_upstream_anew(store: Store) -> None:
    for price in ("3", "4"):
        applied(store, merged("lab/a", price=price), merged("lab/b", price=price), merged("lab/c"))
        set_override(store, "lab/a", "price.input", "1.5", actor="ann", reason="contract", now=NOW)
    assert notices(store, NOW).drifted == ()
    assert len(overrides(store)) == 1


def test_a_cleared_override_is_gone_and_the_audit_log_tells(store: Store) -> None:
    set_override(store, "lab/a", "context", 5, actor="ann", reason="trial", now=NOW)
    clear_override(store, "lab/a", "context", actor="bob", reason="over", now=NOW)
    assert overrides(store) == []
    entry = audit_log(store, target="lab/a")[0]
    assert (entry.act, entry.actor, entry.before["value"], entry.after) == ("clear override", "bob", 5, None)


def test_clearing_what_is_not_there_is_told(store: Store) -> None:
    with pytest.raises(NotFound):
        clear_override(store, "lab/a", "context", actor="bob", reason="over", now=NOW)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("price.input", "2.50"), ("price.input", "0"), ("price.variable", True), ("context", 1), ("name", "A"),
        ("capabilities.vision", False), ("inputs", ["text"]), ("modality", "text"), ("stage", "deprecated"),
        ("price.tiers", []), ("links.home", "https://example.com"),
    ],
)  # fmt: skip
def test_an_override_takes_what_the_field_can_be(store: Store, path: str, value: Any) -> None:
    set_override(store, "lab/a", path, value, actor="ann", reason="right", now=NOW)
    assert overrides(store)[0].value == value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("price.input", 2), ("price.input", "-1"), ("price.input", "1e3"), ("price.input", "NaN"),
        ("price.input", "٣"), ("price.input", None), ("price.input", 2.5), ("price", "2"), ("price.", "2"),
        ("context", 0), ("context", True), ("context", "8k"), ("context.x", 5), ("colour", "red"), ("", "x"),
        ("name", ""), ("name", "a\0b"), ("name", "x" * 50_000), ("modality", "smell"), ("stage", ["active"]),
        ("capabilities.vision", "yes"), ("capabilities", True), ("inputs", "text"), ("inputs", [1]),
        ("price.tiers", [{"above": 1.5}]), ("name\0", "x"),
    ],
)  # fmt: skip
def test_an_override_takes_nothing_else(store: Store, path: str, value: Any) -> None:
    with pytest.raises(InvalidInput):
        set_override(store, "lab/a", path, value, actor="ann", reason="wrong", now=NOW)
    assert overrides(store) == []


def test_an_override_needs_a_reason_and_a_time_to_come(store: Store) -> None:
    with pytest.raises(InvalidInput, match="why"):
        set_override(store, "lab/a", "context", 5, actor="ann", reason="", now=NOW)
    with pytest.raises(InvalidInput, match="expired"):
        set_override(store, "lab/a", "context", 5, actor="ann", reason="r", now=NOW, expires_at=NOW)
