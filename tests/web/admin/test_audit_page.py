"""The audit log: every act, filtered, in pages, before and after, and undone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from modelcensus.core.catalog.model import AuditEntry
from modelcensus.operations.catalog import applying, bulk, catalog, curating, linking, overriding
from tests.builders import model, openrouter, read
from tests.operations.catalog_world import NOW
from tests.web.curating import Curator, five_models

LATER = NOW + 1_000_000


@pytest.fixture
def either(database_url: str) -> Iterator[Curator]:
    with five_models(database_url) as curator:
        yield curator


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curator]:
    """A census where people have done all kinds of things; for tests that change nothing."""
    with five_models(f"sqlite:///{tmp_path_factory.mktemp('busy') / 'census.db'}") as curator:
        store = curator.census.store
        curating.edit(store, ["lab/a", "lab/b", "lab/c"], {"is_free": True}, "ann", NOW, "to begin with")
        curating.edit(store, ["lab/a"], {"notes": "<b>bold</b>"}, "ben", LATER)
        overriding.set_override(
            store, "lab/a", "context", 9000, actor="ben", reason="tried", now=LATER, expires_at=LATER + 86_400_000_000
        )
        overriding.clear_override(store, "lab/a", "context", actor="ann", reason="it ended", now=LATER)
        read(curator.census, openrouter(model("lab/x")))
        catalog.refresh(curator.census, now=LATER)
        linking.link(store, "openrouter", "lab/x", "lab/a", "ann", "same", LATER)
        yield curator


def acts(page: str) -> list[str]:
    return re.findall(r'<h3><span class="badge [^"]*">([^<]*)</span>', page)


def test_every_act_is_told_newest_first_an_act_on_many_things_once(busy: Curator) -> None:
    page = busy.page("/admin/audit")
    assert acts(page) == ["link", "clear override", "override", "edit", "edit", "apply", "apply"]
    assert "2 more</a>" in page
    assert "to begin with" in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("act=override", ["override"]),
        ("actor=ben", ["override", "edit"]),
        ("target=lab%2Fb", ["edit"]),
        ("revision=2", ["apply"]),
        ("since=2100-01-01", []),
        ("act=edit&actor=ann", ["edit"]),
    ],
)
def test_the_log_is_filtered(busy: Curator, query: str, wanted: list[str]) -> None:
    page = busy.page(f"/admin/audit?{query}")
    assert acts(page) == wanted
    assert ("No act fits this filter" in page) is not bool(wanted)


def test_before_and_after_are_told_field_by_field(busy: Curator) -> None:
    page = busy.page("/admin/audit?act=override")
    assert "9000" in page
    assert "<bdi>until</bdi>" in page
    assert "owner" not in page.split("<main")[1]
    page = busy.page("/admin/audit?actor=ben&act=edit")
    assert "&lt;b&gt;bold" in page


def test_an_act_on_many_models_is_looked_at_whole(busy: Curator) -> None:
    number = re.findall(r"/admin/audit/(\d+)", busy.page("/admin/audit?act=edit&actor=ann"))[0]
    page = busy.page(f"/admin/audit/{number}")
    assert [f"lab/{each}</bdi>" in page for each in "abc"] == [True] * 3
    assert "Undo all 3" in page
    busy.page("/admin/audit/999", 404)
    busy.page("/admin/audit/0", 404)


def test_an_act_is_undone_from_the_log_and_its_undoing_is_an_act(either: Curator) -> None:
    done = curating.edit(either.census.store, ["lab/a", "lab/b"], {"enabled": True, "is_free": True}, "ann", NOW)
    assert [each.changed for each in done] == [True, True]
    assert either.seen_by("free") == ["lab/a", "lab/b"]
    number = re.findall(r"/admin/audit/(\d+)", either.page("/admin/audit?act=edit"))[0]
    page = either.sent("/admin/audit/undo", audit_id=number, whole="yes", back="/admin/audit")
    assert "2 models undone." in page
    assert acts(page)[:2] == ["undo", "edit"]
    assert either.seen_by("free") == []
    number = re.findall(r"/admin/audit/(\d+)", either.page("/admin/audit?act=undo"))[0]
    either.sent("/admin/audit/undo", audit_id=number, whole="yes", back="/admin/audit")
    assert either.seen_by("free") == ["lab/a", "lab/b"]


def test_the_pages_of_the_log_join_to_the_whole_log(either: Curator) -> None:
    for number in range(60):
        curating.edit(either.census.store, ["lab/a", "lab/b"], {"notes": f"n{number}"}, "ann", NOW + number)
    first = either.page("/admin/audit?act=edit")
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following is not None
    last = either.page("/admin/audit" + following[1].replace("&amp;", "&"))
    assert (len(acts(first)), len(acts(last))) == (50, 10)
    assert 'rel="next"' not in last
    numbers = [int(each) for each in re.findall(r">no\. (\d+)<", first + last)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 60


def test_an_edit_is_undone_in_full_though_others_edited_at_the_same_time(either: Curator) -> None:
    store = either.census.store
    curating.edit(store, ["lab/a"], {"is_free": True}, "ann", NOW)
    curating.edit(store, ["lab/b"], {"is_free": True}, "ben", NOW)
    (entry,) = [each for each in edits_of(either) if each.actor == "ben"]
    done = bulk.undo_act(store, entry.id, "cy", LATER)
    assert [each.model_id for each in done.results] == ["lab/b"]
    assert curating.curation_of(store, "lab/a").is_free


def edits_of(desk: Curator) -> list[AuditEntry]:
    return applying.audit_log(desk.census.store, act="edit")


def test_who_may_only_look_undoes_nothing(busy: Curator) -> None:
    with busy.viewer() as viewer:
        page = viewer.get("/admin/audit").text
        assert "to begin with" in page
        assert "/admin/audit/undo" not in page
        assert viewer.post("/admin/audit/undo", {"audit_id": "3", "whole": "yes"}).status_code == 403


def test_what_an_address_cannot_mean_is_refused_in_words(busy: Curator) -> None:
    for query in ("since=soon", "revision=x", "before=-1", "target=%00"):
        busy.page(f"/admin/audit?{query}", 400)
