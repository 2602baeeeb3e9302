from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import httpx2
import pytest

from modelcensus.core.access import Role
from modelcensus.core.catalog.model import Plan
from modelcensus.operations import tokens
from modelcensus.operations.catalog import applying, catalog
from modelcensus.operations.census import Census
from tests.api.shop import sold
from tests.builders import at, census_at, openrouter, read
from tests.operations.catalog_world import head, published
from tests.web.serving import served
from tests.web.visiting import OPENED, Visit

CALM, NEW, STEEP = "0", "1", "2"
"""The steps of ``moved``, by number."""
HOSTILE = "lab/<script>alert(1)</script>\u202eexe"
Opened = tuple[Census, Visit, Plan]


def moved(census: Census) -> Plan:
    """Published once; then one model is a little dearer, one is new, and one costs fifty times as much: held."""
    one = sold("other/one", "0.000002")
    read(census, openrouter(sold("lab/calm", "0.000001"), sold("lab/steep", "0.000001"), one))
    catalog.update(census, now=at(1))
    steep = sold("lab/steep", "0.00005")
    read(census, openrouter(sold("lab/calm", "0.0000012"), sold("lab/new", "0.000003"), steep, one), 24)
    catalog.refresh(census, now=at(25))
    return catalog.current_plan(census, now=at(25))


def price(census: Census, name: str) -> str:
    return str(published(census.store)[name].fields["price.input"])


def told(answer: httpx2.Response) -> str:
    """What the next page would tell."""
    assert answer.status_code == 303, answer.text
    return unquote(answer.headers["set-cookie"])


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """For tests that change nothing."""
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('still') / 'census.db'}") as census:
        plan = moved(census)
        with served(census, OPENED) as address, Visit(address) as visit:
            yield census, visit, plan


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Opened]:
    with census_at(sqlite_url) as census:
        plan = moved(census)
        with served(census, OPENED) as address, Visit(address) as visit:
            yield census, visit, plan


@pytest.fixture
def opened_on_both(database_url: str) -> Iterator[Opened]:
    with census_at(database_url) as census:
        plan = moved(census)
        with served(census, OPENED) as address, Visit(address) as visit:
            yield census, visit, plan


def test_what_is_held_comes_first_with_reason_evidence_and_both_values(still: Opened) -> None:
    _, visit, plan = still
    page = visit.get(f"/admin/plans/{plan.digest}").text
    places = [page.index(each) for each in ("Held back", f'id="step-{STEEP}"', "New models", f'id="step-{CALM}"')]
    assert places == sorted(places)
    assert "50 times dearer (1 -&gt; 50)" in page
    assert 'href="/entity/lab/steep?source=openrouter"' in page
    assert "look at the provider" in page


def test_a_plan_computed_from_the_page_leads_to_its_review(opened: Opened) -> None:
    census, visit, plan = opened
    answer = visit.post("/admin/plans")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/plans/{plan.digest}")
    applying.reject(census.store, plan.digest, "ann", "not now", at(26))
    visit.post("/admin/plans")
    assert applying.stored_plan(census.store, plan.digest).state.value == "open"


def test_applying_all_publishes_what_is_not_held_and_says_what_stays(opened: Opened) -> None:
    census, visit, plan = opened
    answer = visit.post(f"/admin/plans/{plan.digest}/apply", {"what": "all"})
    assert "Applied as revision 2: 2 models published. 1 held back" in told(answer)
    assert (price(census, "lab/calm"), price(census, "lab/new"), price(census, "lab/steep")) == ("1.2", "3", "1")
    page = visit.get(f"/admin/plans/{plan.digest}").text
    assert "Applied as revision 2" in page
    assert 'href="/models"' in page
    assert "not applied" in page
    assert "/apply" not in page


def test_only_selected_steps_are_applied(opened: Opened) -> None:
    census, visit, plan = opened
    told(visit.post(f"/admin/plans/{plan.digest}/apply", {"what": "selected", "only": [CALM]}))
    assert price(census, "lab/calm") == "1.2"
    assert "lab/new" not in published(census.store)
    assert applying.revision_log(census.store)[0].actor == "admin token"


def test_a_held_field_is_let_through_with_its_reason(opened_on_both: Opened) -> None:
    census, visit, plan = opened_on_both
    page = visit.get(f"/admin/plans/{plan.digest}").text
    number = page.split('name="release" value="', 1)[1].split('"', 1)[0]
    fields = {"what": "selected", "release": [number], f"why.{number}": "seen on their page", "reason": "another"}
    told(visit.post(f"/admin/plans/{plan.digest}/apply", fields))
    assert price(census, "lab/steep") == "50"
    (entry,) = applying.audit_log(census.store, act="release")
    assert (entry.actor, entry.target, entry.reason) == ("admin token", "lab/steep#price.input", "seen on their page")
    assert "seen on their page" in visit.get(f"/admin/plans/{plan.digest}").text


def test_without_a_reason_nothing_is_let_through_and_what_was_ticked_stays(still: Opened) -> None:
    census, visit, plan = still
    number = visit.get(f"/admin/plans/{plan.digest}").text.split('name="release" value="', 1)[1].split('"', 1)[0]
    answer = visit.post(f"/admin/plans/{plan.digest}/apply", {"what": "all", "release": [number], "only": [CALM]})
    assert answer.status_code == 400
    assert "it must be said why lab/steep#price.input is released" in answer.text
    assert f'value="{number}" checked' in answer.text
    assert head(census.store) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"what": "selected"}, "no step is selected"),
        ({"what": ""}, "it was not said what to apply"),
        ({"what": "selected", "only": ["77"]}, "the plan has no such step"),
        ({"what": "all", "release": ["0.99"], "reason": "x"}, "the plan has no such step"),
        ({"what": "all", "release": ["0.0"], "reason": "x"}, "the plan does not hold lab/calm"),
    ],
)
def test_a_form_that_says_nothing_usable_applies_nothing(
    still: Opened, fields: dict[str, str | list[str]], said: str
) -> None:
    census, visit, plan = still
    answer = visit.post(f"/admin/plans/{plan.digest}/apply", fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert head(census.store) == 1


def test_a_plan_is_rejected_for_a_reason_only(opened: Opened) -> None:
    census, visit, plan = opened
    assert visit.post(f"/admin/plans/{plan.digest}/reject", {"no": " "}).status_code == 400
    told(visit.post(f"/admin/plans/{plan.digest}/reject", {"no": "their page says otherwise"}))
    assert applying.stored_plan(census.store, plan.digest).reason == "their page says otherwise"
    page = visit.get(f"/admin/plans/{plan.digest}").text
    assert "their page says otherwise" in page
    assert "Compute a new plan" in page


def test_a_plan_that_was_overtaken_says_so_and_offers_a_new_one(opened: Opened) -> None:
    census, visit, plan = opened
    read(census, openrouter(sold("lab/calm", "0.0000013"), sold("lab/steep", "0.000001")), 48)
    catalog.refresh(census, now=at(49))
    other = catalog.current_plan(census, now=at(49))
    applying.apply(census.store, other.digest, "ann", at(50))
    answer = visit.post(f"/admin/plans/{plan.digest}/apply", {"what": "all"})
    assert answer.status_code == 409
    assert "Another revision came first" in answer.text
    assert "Changed meanwhile" in answer.text
    assert "Compute a new plan" in answer.text


def test_undoing_a_revision_proposes_the_plan_that_brings_the_one_before_back(opened_on_both: Opened) -> None:
    census, visit, plan = opened_on_both
    visit.post(f"/admin/plans/{plan.digest}/apply", {"what": "selected", "only": [CALM]})
    assert "Undo this revision" in visit.get("/admin/plans/revisions").text
    assert visit.post("/admin/plans/revisions/1/rollback", {"reason": ""}).status_code == 400
    answer = visit.post("/admin/plans/revisions/1/rollback", {"reason": "too early"})
    assert "brings revision 1 back" in told(answer)
    assert price(census, "lab/calm") == "1.2"
    told(visit.post(f"{answer.headers['location']}/apply", {"what": "all"}))
    assert (price(census, "lab/calm"), head(census.store)) == ("1", 3)


def test_a_viewer_sees_all_of_it_and_decides_nothing(still: Opened) -> None:
    census, visit, plan = still
    guest = tokens.create(census.store, "guest", role=Role.VIEWER, actor="test", now=at(0))
    with Visit(str(visit.client.base_url).rstrip("/"), guest.secret) as viewer:
        for path in (f"/admin/plans/{plan.digest}", "/admin/plans", "/admin/plans/revisions"):
            page = viewer.get(path).text
            assert 'action="/admin/plans' not in page.replace(f'action="/admin/plans/{plan.digest}">', "")
        assert "Your role is viewer" in viewer.get(f"/admin/plans/{plan.digest}").text
        assert "50 times dearer" in viewer.get(f"/admin/plans/{plan.digest}").text
        for act in ("apply", "reject"):
            assert viewer.post(f"/admin/plans/{plan.digest}/{act}", {"what": "all", "no": "x"}).status_code == 403
        assert viewer.post("/admin/plans").status_code == 403
        assert viewer.post("/admin/plans/revisions/1/rollback", {"reason": "x"}).status_code == 403
    assert head(census.store) == 1


def test_the_list_tells_each_plans_steps_and_pages_by_state(still: Opened) -> None:
    _, visit, plan = still
    page = visit.get("/admin/plans").text
    assert page.count('class="sheet plan-row"') == 2
    assert visit.get("/admin/plans?state=open").text.count('class="sheet plan-row"') == 1
    assert plan.digest in page
    assert "No plan here" in visit.get("/admin/plans?state=rejected").text


def test_a_large_plan_comes_in_pages_and_what_a_filter_leaves_can_be_applied(sqlite_url: str) -> None:
    plenty = [sold(f"lab/m{number:03}", "0.000001") for number in range(130)]
    with census_at(sqlite_url) as census:
        read(census, openrouter(*plenty, sold("other/one", "0.000001"), sold(HOSTILE, "0.000001")))
        catalog.refresh(census, now=at(1))
        plan = catalog.current_plan(census, now=at(1))
        with served(census, OPENED) as address, Visit(address) as visit:
            where = f"/admin/plans/{plan.digest}"
            whole = visit.get(where).text
            assert whole.count("data-step") == 10
            assert "All 132, in pages" in whole
            last = visit.get(f"{where}?group=new&page=3").text
            assert (last.count("data-step"), "Page 3 of 3" in last) == (32, True)
            assert visit.get(f"{where}?q=M00&lab=lab").text.count("data-step") == 10
            assert "No step fits" in visit.get(f"{where}?q=nothing").text
            rude = visit.get(f"{where}?q=script").text
            assert rude.count("<script") == rude.count('<script type="module" src="/static/')
            assert "\u202e" not in rude
            told(visit.post(f"{where}/apply", {"what": "matching", "lab": "other"}))
        assert set(published(census.store)) == {"other/one"}


def test_before_anything_was_read_the_pages_say_what_to_do(sqlite_url: str) -> None:
    with census_at(sqlite_url) as census, served(census, OPENED) as address, Visit(address) as visit:
        assert "There was no plan yet" in visit.get("/admin/plans").text
        assert "Nothing was published yet" in visit.get("/admin/plans/revisions").text
        assert "Nothing would change" in told(visit.post("/admin/plans"))
        assert visit.get(f"/admin/plans/{'0' * 64}").status_code == 404
        assert httpx2.get(f"{address}/admin/plans", trust_env=False).headers["location"].startswith("/login")
