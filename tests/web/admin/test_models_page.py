"""Models as curators see them: the list, edits of many, of one, overrides."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from modelcensus.core.catalog.model import Curation
from modelcensus.operations.catalog import curating, overriding
from tests.builders import census_at
from tests.operations.catalog_world import NOW, applied, merged
from tests.web.curating import ODD, Curator, curator_on, five_models, hidden, many, rows

PRO = {"enabled": "yes", "is_pro": "yes"}


@pytest.fixture
def desk(sqlite_url: str) -> Iterator[Curator]:
    with five_models(sqlite_url) as curator:
        yield curator


@pytest.fixture
def either(database_url: str) -> Iterator[Curator]:
    """On each kind of database."""
    with five_models(database_url) as curator:
        yield curator


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Curator]:
    """A desk for tests that change nothing: people have said something of three models, and set a field of one."""
    with five_models(f"sqlite:///{tmp_path_factory.mktemp('decided') / 'census.db'}") as curator:
        store = curator.census.store
        curating.edit(store, ["lab/a"], {"enabled": True, "is_pro": True}, "ann", NOW)
        curating.edit(store, ["lab/b"], {"status": "disabled"}, "ann", NOW)
        curating.edit(store, ["lab/c"], {"is_curated": True}, "ann", NOW)
        overriding.set_override(store, "lab/c", "context", 9000, actor="ann", reason="so", now=NOW)
        yield curator


def of(desk: Curator, model_id: str) -> Curation:
    return curating.curation_of(desk.census.store, model_id)


def apply(desk: Curator, form: dict[str, str | list[str]]) -> str:
    """Look at what would change, then do it; the page that follows."""
    review = desk.sent("/admin/models/review", **form)
    return desk.sent("/admin/models/apply", **{**form, "digest": hidden(review, "digest")})


def test_models_enabled_for_a_tier_are_in_the_api_for_that_tier_at_once_and_for_no_lower_one(either: Curator) -> None:
    assert either.seen_by("pro") == []
    page = apply(either, many(PRO, "lab/a", ODD))
    assert "2 models changed." in page
    assert either.seen_by("pro") == either.seen_by("enterprise") == sorted(["lab/a", ODD])
    assert either.seen_by("free") == []


def test_the_page_before_an_edit_says_what_would_change_and_does_nothing(desk: Curator) -> None:
    page = desk.sent("/admin/models/review", **many(PRO, "lab/a", "lab/gone", "lab/none"))
    assert "1 model would change" in page
    assert "2 cannot be changed" in page
    assert "lab/gone is archived" in page
    assert "the catalog has no model lab/none" in page
    assert not of(desk, "lab/a").touched


def test_an_archived_model_is_left_as_it_is_and_named_after_the_edit(desk: Curator) -> None:
    page = apply(desk, many(PRO, "lab/a", "lab/gone"))
    assert "1 model changed. Left as they were: 1. lab/gone is archived" in page
    assert not of(desk, "lab/gone").enabled


def test_all_models_that_fit_the_filter_are_edited_and_no_other(desk: Curator) -> None:
    apply(desk, {"scope": "all", "query": "text=lab%2Fb", "is_curated": "yes"})
    assert [model_id for model_id in ("lab/a", "lab/b", "lab/c") if of(desk, model_id).is_curated] == ["lab/b"]


def test_an_edit_that_would_do_something_else_by_now_is_shown_again_and_not_done(desk: Curator) -> None:
    form = many({"is_free": "no"}, "lab/a", "lab/b")
    curating.edit(desk.census.store, ["lab/a"], {"is_free": True}, "ann", NOW)
    digest = hidden(desk.sent("/admin/models/review", **form), "digest")
    curating.edit(desk.census.store, ["lab/b"], {"is_free": True}, "ben", NOW)
    page = desk.sent("/admin/models/apply", 409, **{**form, "digest": digest})
    assert "these models have been changed since you looked" in page
    assert (of(desk, "lab/a").is_free, of(desk, "lab/b").is_free) == (True, True)
    assert "2 models changed." in desk.sent("/admin/models/apply", **{**form, "digest": hidden(page, "digest")})


def test_a_whole_edit_is_undone_from_the_page_that_follows_it(either: Curator) -> None:
    page = apply(either, many(PRO, "lab/a", "lab/b", ODD))
    assert either.seen_by("pro") == sorted(["lab/a", "lab/b", ODD])
    page = either.sent("/admin/audit/undo", audit_id=hidden(page, "audit_id"), whole="yes", back="/admin/models")
    assert "3 models undone." in page
    assert either.seen_by("pro") == []
    assert of(either, "lab/a").status == "new"


def test_undoing_leaves_and_names_a_model_that_has_been_changed_since(desk: Curator) -> None:
    page = apply(desk, many({"is_free": "yes"}, "lab/a", "lab/b"))
    curating.edit(desk.census.store, ["lab/b"], {"is_free": False}, "ben", NOW)
    page = desk.sent("/admin/audit/undo", audit_id=hidden(page, "audit_id"), whole="yes", back="/admin/models")
    assert "1 model undone. Left as they were: 1. &#39;is_free&#39; of lab/b has been changed since" in page
    assert not of(desk, "lab/a").is_free


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (many({"is_pro": "yes"}), "no model is ticked"),
        (many({}, "lab/a"), "it is not said what to change"),
        (many({"is_pro": "maybe"}, "lab/a"), "neither yes nor no"),
        ({"scope": "all", "query": "status=odd", "is_pro": "yes"}, "is no &#39;status&#39;"),
    ],
)
def test_an_edit_that_says_too_little_is_refused_in_words(
    decided: Curator, form: dict[str, str | list[str]], words: str
) -> None:
    assert words in decided.sent("/admin/models/review", 400, **form)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", [ODD, "lab/a", "lab/b", "lab/c", "lab/gone"]),
        ("status=inactive", ["lab/gone"]),
        ("enabled=yes", ["lab/a"]),
        ("curated=yes", ["lab/c"]),
        ("overridden=yes", ["lab/c"]),
        ("tier=enterprise", ["lab/a"]),
        ("tier=none", [ODD, "lab/b", "lab/c", "lab/gone"]),
        ("provider=lab", ["lab/a"]),
        ("text=LAB%2FB", ["lab/b"]),
        ("text=nowhere", []),
    ],
)
def test_the_list_is_filtered(decided: Curator, query: str, wanted: list[str]) -> None:
    page = decided.page(f"/admin/models?{query}")
    assert sorted(rows(page)) == sorted(wanted)
    assert ("No model fits this filter" in page) is not bool(wanted)


def test_the_list_is_ordered_as_its_address_says(decided: Curator) -> None:
    assert rows(decided.page("/admin/models?sort=-price.input"))[:2] == ["lab/c", "lab/a"]


def test_what_an_address_cannot_mean_is_refused(decided: Curator) -> None:
    for query in ("sort=colour", "tier=gold", "enabled=perhaps", "page=0", "text=%00", f"text={'x' * 2000}"):
        decided.page(f"/admin/models?{query}", 400)


def test_the_pages_of_the_list_join_to_the_whole_list(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, curator_on(census) as desk:
        applied(census.store, *(merged(f"lab/m{number:03}") for number in range(103)))
        first, last = desk.page("/admin/models"), desk.page("/admin/models?page=2")
        assert rows(first) + rows(last) == [f"lab/m{number:03}" for number in range(103)]
        assert "101 to 103 of 103" in last
        assert rows(desk.page("/admin/models?page=99")) == rows(last)


def test_an_empty_catalog_explains_itself(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, curator_on(census) as desk:
        assert "The catalog has no model yet" in desk.page("/admin/models")


def test_who_may_only_look_sees_everything_but_the_acts(decided: Curator) -> None:
    with decided.viewer() as viewer:
        page = viewer.get("/admin/models").text
        assert "lab/gone" in page
        assert 'name="is_pro"' not in page
        page = viewer.get("/admin/models/lab/c").text
        assert "9000" in page
        assert "<button>Save" not in page
        assert "Take it away" not in page
        for path in ("review", "apply", "edit", "override", "override/clear"):
            assert viewer.post(f"/admin/models/{path}", {"id": "lab/a", "is_pro": "yes"}).status_code == 403


def form_of(desk: Curator, model_id: str, **typed: str) -> dict[str, str]:
    """The curation form of a model as it is shown, with what was typed."""
    people = of(desk, model_id)
    flags = {name: "yes" for name in ("is_free", "is_pro", "is_enterprise", "is_curated") if getattr(people, name)}
    texts = {"status": people.status, "display_name": people.display_name or "", "notes": people.notes or ""}
    was = hidden(desk.page(f"/admin/models/{model_id}"), "was")
    return {"id": model_id, "was": was, **flags, **texts, **typed}


def test_what_people_own_of_a_model_is_edited_in_one_form(desk: Curator) -> None:
    typed = form_of(desk, "lab/a", status="active", is_pro="yes", display_name="Ah", notes="one\r\ntwo", reason="why")
    page = desk.sent("/admin/models/edit", **typed)
    assert "Saved." in page
    people = of(desk, "lab/a")
    assert (people.enabled, people.is_pro, people.display_name, people.notes) == (True, True, "Ah", "one\ntwo")
    assert desk.seen_by("pro") == ["lab/a"]
    assert "Nothing was changed" in desk.sent("/admin/models/edit", **form_of(desk, "lab/a"))


def test_an_archived_model_cannot_be_enabled_and_what_was_typed_is_kept(desk: Curator) -> None:
    page = desk.sent("/admin/models/edit", 400, **form_of(desk, "lab/gone", status="active", notes="it will be back"))
    assert "an archived model cannot be enabled" in page
    assert "it will be back" in page


def test_a_field_that_somebody_else_changed_meanwhile_is_not_overwritten(desk: Curator) -> None:
    typed = form_of(desk, "lab/a", notes="mine", is_free="yes")
    curating.edit(desk.census.store, ["lab/a"], {"notes": "theirs"}, "ben", NOW)
    page = desk.sent("/admin/models/edit", 409, **typed)
    assert "somebody else has changed notes meanwhile" in page
    assert ">mine</textarea>" in page
    assert of(desk, "lab/a").notes == "theirs"


def test_a_field_that_this_form_did_not_touch_keeps_what_somebody_else_said_meanwhile(desk: Curator) -> None:
    typed = form_of(desk, "lab/a", notes="mine")
    curating.edit(desk.census.store, ["lab/a"], {"is_free": True}, "ben", NOW)
    desk.sent("/admin/models/edit", **typed)
    assert (of(desk, "lab/a").notes, of(desk, "lab/a").is_free) == ("mine", True)


def test_a_field_is_overridden_until_a_time_and_given_back(either: Curator) -> None:
    curating.edit(either.census.store, [ODD], {"enabled": True, "is_free": True}, "ann", NOW)
    wanted = {"id": ODD, "field": "price.input", "value": "1.80", "until": "90d", "reason": "our contract"}
    page = either.sent("/admin/models/override", **wanted)
    assert "our contract" in page
    assert 'class="badge good">active' in page
    (done,) = overriding.overrides(either.census.store)
    assert (done.value, done.owner, done.expires_at is not None) == ("1.80", "admin token", True)
    assert "1.80" in either.get("/admin/models?text=100%25").text
    page = either.sent("/admin/models/override/clear", id=ODD, field="price.input", reason="it ended")
    assert "is what sources say again" in page
    assert overriding.overrides(either.census.store) == []


def test_a_wrong_value_is_refused_beside_what_was_typed(decided: Curator) -> None:
    typed = {"id": "lab/a", "field": "context", "value": "a lot", "until": "90d", "owner": "ada", "reason": "tried it"}
    page = decided.sent("/admin/models/override", 400, **typed)
    assert "write a whole number above 0" in page
    for text in ('value="a lot"', 'value="90d"', 'value="ada"', 'value="tried it"', 'value="context"'):
        assert text in page
    for wrong in ({"until": "soon"}, {"reason": ""}, {"field": "colour"}, {"until": "2020-01-01"}):
        assert 'role="alert"' in decided.sent("/admin/models/override", 400, **{**typed, "value": "9", **wrong})


def test_overrides_say_how_they_stand(desk: Curator) -> None:
    store = desk.census.store
    for path, value in (("price.input", "1"), ("context", 100_000), ("name", "Mine")):
        overriding.set_override(store, "lab/b", path, value, actor="ann", reason="so", now=NOW)
    overriding.set_override(store, "lab/b", "licence", "MIT", actor="ann", reason="so", now=NOW, expires_at=NOW + 1)
    applied(store, merged("lab/b", price="0.7", context=100_000), merged("lab/a"), merged("lab/c"))
    page = desk.page("/admin/models/lab/b")
    for tone, word in (("warn", "drifted"), ("altered", "redundant"), ("good", "active"), ("", "expired")):
        assert f'class="badge {tone}">{word}' in page
    assert "3 overrides to look at" in desk.page("/admin/models")


def test_the_override_form_is_filled_by_its_address(decided: Curator) -> None:
    page = decided.page("/admin/models/lab/a?field=context&value=9000")
    assert 'value="context"' in page
    assert 'value="9000"' in page
    assert 'value="2"' in decided.page("/admin/models/lab/a?field=price.input")


def test_one_edit_of_a_model_is_undone_on_its_page(desk: Curator) -> None:
    bulk_page = apply(desk, many({"is_free": "yes"}, "lab/a", "lab/b"))
    assert "2 models changed." in bulk_page
    page = desk.page("/admin/models/lab/b")
    page = desk.sent("/admin/audit/undo", audit_id=hidden(page, "audit_id"), back="/admin/models/lab/b")
    assert "Undone: lab/b is as it was" in page
    assert (of(desk, "lab/a").is_free, of(desk, "lab/b").is_free) == (True, False)


def test_a_model_that_there_is_not_is_answered_with_those_like_it(decided: Curator) -> None:
    assert "lab/gone" in decided.page("/admin/models/other/gone", 404)
    decided.page("/admin/models/lab/%00", 404)


def test_a_hostile_model_is_shown_harmlessly(sqlite_url: str) -> None:
    rude = "lab/<script>alert(1)</script>\u202eexe"
    with census_at(sqlite_url) as census, curator_on(census) as desk:
        applied(census.store, merged(rude, name="<b>" + "y" * 10_000, description="\u202e<img src=x onerror=alert(1)>"))
        curating.edit(census.store, [rude], {"notes": "</textarea><script>alert(2)</script>"}, "ann", NOW)
        for path in ("/admin/models", f"/admin/models/-?id={rude}", "/admin/audit"):
            page = desk.page(path)
            assert "alert(1)" in page
            assert "<script>alert" not in page
            assert "<img src=x" not in page
            shown = re.sub(r'"[^"]*"', "", page)  # what a form sends back is in its attributes as it is
            assert "\u202e" not in shown
            assert "y" * 400 not in shown


def test_an_undo_of_what_is_no_edit_is_refused_where_it_was_asked_for(desk: Curator) -> None:
    page = desk.sent("/admin/audit/undo", audit_id="99", whole="yes", back="https://evil.example/")
    assert "Not undone: there is no edit 99" in page
