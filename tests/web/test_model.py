from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import pytest

from modelcensus.settings import AccessSettings, Settings
from modelcensus.web.rendering.shown import model_url
from tests.api.shop import ODD, SECRET, bearer
from tests.builders import census_at
from tests.web.lifetime import BEFORE, BETWEEN, REASON, ROUTER, RUDE, lived
from tests.web.serving import QUIET, ask, page_text, served
from tests.web.visiting import ADMIN, Visit

_TIERED = Settings(access=AccessSettings(mode="tiers", jwt_secret=SECRET, admin_token=ADMIN), api=QUIET)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('model') / 'census.db'}") as census:
        lived(census)
        with served(census, _TIERED) as address:
            yield address


def _text(page: str) -> str:
    """What is read on a page, without its marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_fact_leads_to_the_payload_in_which_it_was_said(address: str) -> None:
    page = page_text(address, "/models/lab/dear")
    told = ask(address, "/api/models/lab/dear").json()["provenance"]["price.input"]
    assert f"snapshot {told['sha256'][:12]}" in page
    path = f"/entity/{told['key']}?source={told['source']}&version={told['sha256']}"
    cards = re.findall(r"<div popover.*?</div>", page, re.S)
    assert any(path.replace("&", "&amp;") in card for card in cards)
    assert '"prompt": "0.000012"' in unescape(page_text(address, path))


def test_offerings_stand_side_by_side_and_the_cheapest_is_marked(address: str) -> None:
    page = page_text(address, "/models/lab/dear")
    best = re.search(r'<tr class="best">(.*?)</tr>', page, re.S)
    assert best is not None
    assert "reseller" in best[1]
    assert "$9.00" in best[1]
    assert "cheapest" in best[1]
    assert page.count('class="best"') == 1


def test_the_whole_page_can_be_rewound_and_leads_back(address: str) -> None:
    today, then = page_text(address, "/models/lab/dear"), page_text(address, f"/models/lab/dear?as_of={BETWEEN}")
    assert "$12.00" in today
    assert "200\u202f000" in today
    assert "$12.00" not in then
    assert "$10.00" in then
    assert "100\u202f000" in then
    assert "200\u202f000" not in then
    assert 'as of <strong>2026-01-02 12:00 UTC</strong>. <a href="/models/lab/dear">Back to today</a>' in then
    assert 'name="as_of" value="2026-01-02T12:00:00Z"' in then  # the calculator stays in that time


def test_an_empty_date_is_today(address: str) -> None:
    assert "Back to today" not in page_text(address, "/models/lab/dear?as_of=")


def test_a_time_before_a_model_says_since_when_it_is_there(address: str) -> None:
    page = page_text(address, f"/models/lab/dear?as_of={BEFORE}", 404)
    assert "It was not in the catalog then" in page
    assert "2026-01-01 12:30 UTC" in page
    assert page_text(address, "/models/lab/dear?as_of=2026-01-01T12:30:00Z")


def test_a_time_that_is_none_is_refused_with_an_example(address: str) -> None:
    assert "write 2026-03-01" in page_text(address, "/models/lab/dear?as_of=yesterday", 400)


def test_a_name_of_a_model_leads_to_it(address: str) -> None:
    page = page_text(address, "/models/lab/dear-20260101", 404)
    assert '<a class="key" href="/models/lab/dear">' in page


def test_an_unknown_id_offers_a_search(address: str) -> None:
    page = page_text(address, "/models/no/such%3Cb%3E", 404)
    assert '<form class="row" action="/models"' in page
    assert "<b>" not in page


def test_a_model_of_a_higher_tier_is_as_unknown_as_any(address: str) -> None:
    for query in ("", f"?as_of={BETWEEN}"):
        hidden = page_text(address, f"/models/lab/hidden{query}", 404)
        assert hidden.replace("lab/hidden", "lab/hxdden") == page_text(address, f"/models/lab/hxdden{query}", 404)
    assert ask(address, "/models/lab/hidden", headers=bearer("enterprise")).status_code == 200
    assert ask(address, "/model-cost?id=lab/hidden").status_code == 404


def test_a_cost_is_exact_to_the_last_digit(address: str) -> None:
    page = page_text(address, "/models/lab/dear?input=1,000,001&output=7&requests=3")
    assert '<data value="36.000078" title="$36.000078">' in page
    assert 'value="1,000,001"' in page


def test_an_offering_has_a_cost_of_its_own(address: str) -> None:
    page = page_text(address, "/models/lab/dear?input=1000000&output=0&requests=2")
    rows = re.findall(r'<tr><th scope="row"><bdi>reseller</bdi>.*?</tr>', page, re.S)
    assert any('<data value="9.000000">' in row and "$18.00" in row for row in rows)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("input=5&cached=10", "cached, written and audio tokens (10) are more than the input (5)"),
        ("input=many", "one of these is no number"),
        ("input=-1", "one of these is no number"),
        (f"requests={'9' * 39}", "one of these is no number"),
    ],
)
def test_a_use_that_cannot_be_is_told_beside_what_was_typed(address: str, query: str, told: str) -> None:
    page = page_text(address, f"/models/lab/dear?{query}")
    assert told in _text(page)
    assert f'value="{query.partition("&")[0].partition("=")[2]}"' in page


def test_a_price_that_nobody_tells_is_never_taken_for_free(address: str) -> None:
    page = page_text(address, f"/models/{ROUTER}?input=1000")
    assert "varies" in page
    assert "not known" in page
    assert "$0" not in page


def test_a_value_that_a_person_set_is_marked_and_only_administration_is_told_who(address: str) -> None:
    page = page_text(address, "/models/lab/cheap")
    assert "64\u202f000" in page
    assert "set by hand" in page
    assert REASON not in page
    assert "ann" not in _text(page).split()
    with Visit(address) as visit:
        assert f"<bdi>ann</bdi> on 2026-01-04: <bdi>{REASON}</bdi>" in visit.get("/models/lab/cheap").text


def test_only_whoever_may_curate_is_offered_to_edit(address: str) -> None:
    assert "/admin/models/lab/dear" not in page_text(address, "/models/lab/dear")
    with Visit(address) as visit:
        assert 'href="/admin/models/lab/dear"' in visit.get("/models/lab/dear").text


def test_prices_and_limits_are_told_over_time(address: str) -> None:
    page = page_text(address, "/models/lab/dear")
    assert "Input $10.00 → $12.00 +20 %" in unescape(page)
    limits = ask(address, "/api/models/lab/dear").json()["limits"]
    assert [each["context"] for each in limits] == [100_000, 200_000]
    assert "Limits over time" in page


def test_what_happened_is_told_field_by_field(address: str) -> None:
    page = _text(page_text(address, "/models/lab/dear").partition('id="history"')[2])
    assert "was published with other facts" in page
    assert "price.input 10 → 12 +20 %" in page
    assert "came into the catalog" in page


def test_where_sources_differ_the_one_that_is_followed_comes_first(address: str) -> None:
    page = _text(page_text(address, "/models/lab/dear").partition('id="differences"')[2])
    assert re.search(r"Context 200.000 openrouter .{10} is followed 150.000 modelsdev", page)


def test_a_model_that_nobody_offers_any_more_stays_with_its_price(address: str) -> None:
    page = page_text(address, "/models/lab/gone")
    assert "Nobody offers this model any more" in page
    assert "$1.00" in page
    assert re.search(r"Archived</span>\s*<time>2026-01-04</time>", page)


def test_a_day_that_is_over_is_told_as_past(address: str) -> None:
    page = page_text(address, "/models/lab/dear")
    assert ">retired 2026-01-03</span>" in page
    assert re.search(r"Retired</span>\s*<time>2026-01-03</time></li>", page)


def test_an_odd_id_has_a_page_and_so_has_one_that_a_browser_would_rewrite(address: str) -> None:
    assert f"<bdi>{ODD.replace('&', '&amp;')}</bdi>" in page_text(address, model_url(ODD))
    assert model_url("lab/../x") == "/models/-?id=lab%2F..%2Fx"
    assert "lab/../x" in page_text(address, "/models/-?id=lab%2F..%2Fx", 404)
    assert "$12.00" in page_text(address, "/models/-?id=" + quote("lab/dear"))


def test_a_hostile_name_is_only_text(address: str) -> None:
    page = page_text(address, model_url(RUDE))
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "\u202e" not in page


def test_a_page_says_nothing_that_hangs_on_the_clock(address: str) -> None:
    assert " ago<" not in page_text(address, "/models/lab/dear")
    assert "just now" not in page_text(address, "/models/lab/dear")
