from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, Settings
from modelcensus.web.rendering.shown import entity_url
from tests.api.shop import SECRET, bearer
from tests.builders import census_at, model, openrouter, read
from tests.web.lifetime import lived
from tests.web.sample import HOSTILE_KEY, ODD_KEY, hostile
from tests.web.serving import QUIET, ask, page_text, served

_TIERED = Settings(access=AccessSettings(mode="tiers", jwt_secret=SECRET), api=QUIET)


@pytest.fixture(scope="module")
def census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('versions') / 'census.db'}") as census:
        lived(census)
        steady = [model(f"lab/steady{number}") for number in range(9)]
        read(census, openrouter(*steady, model(ODD_KEY), model("lab/fickle")), 100)
        other = model("lab/fickle", price="0.9", supported_parameters=["tools", "seed"], created=5)
        read(census, openrouter(*steady, model(ODD_KEY, price="0.5"), other), 102)
        read(census, openrouter(*steady, model(ODD_KEY, price="0.5")), 103)
        hostile(census)
        yield census


@pytest.fixture(scope="module")
def address(census: Census) -> Iterator[str]:
    with served(census, _TIERED) as address:
        yield address


def _hashes(census: Census, key: str) -> list[str]:
    return [each.sha256 for each in browse.history(census.store, key, source="openrouter") if each.sha256]


def test_every_version_is_listed_with_its_time_its_sync_and_a_way_to_its_payload(address: str, census: Census) -> None:
    page = page_text(address, "/entity/lab/fickle")
    versions = browse.history(census.store, "lab/fickle")
    assert len(versions) == 3
    for each in versions:
        assert f'<td class="num">{each.sync_id}</td>' in page
        assert each.sha256 is None or f"/entity/lab/fickle?source=openrouter&amp;version={each.sha256}" in page
    assert "2026-01-05 16:30" in page  # when it came


def test_a_version_is_shown_whole_by_its_hash_a_part_of_it_or_its_number(address: str, census: Census) -> None:
    first = _hashes(census, "lab/fickle")[0]
    for version in (first, first[:8], first.upper(), "1"):
        page = unescape(page_text(address, f"/entity/lab/fickle?source=openrouter&version={version}"))
        assert first in page
        assert '"prompt": "0.000001"' in page
        assert '"prompt": "0.9"' not in page


def test_a_version_leads_to_those_beside_it(address: str, census: Census) -> None:
    first, last = _hashes(census, "lab/fickle")
    page = page_text(address, f"/entity/lab/fickle?version={last}")
    assert f"version={first}" in page
    assert f"from={first}&amp;to={last}" in page


def test_two_versions_are_compared_field_by_field_and_line_by_line(address: str, census: Census) -> None:
    first, last = _hashes(census, "lab/fickle")
    page = unescape(page_text(address, f"/entity/lab/fickle?source=openrouter&from={first}&to={last}"))
    assert "3 fields differ" in page
    assert re.search(r"pricing\.prompt</bdi>.*?0\.000001.*?0\.9", page, re.S)
    assert re.search(r'<td class="gone">\s*"prompt": "0\.000001"</td><td class="come">\s*"prompt": "0\.9"', page)


def test_versions_are_compared_from_the_earlier_to_the_later_however_they_are_asked_for(address: str) -> None:
    ways = ("from=1&to=2", "from=2&to=1")
    one, other = (page_text(address, f"/entity/lab/fickle?source=openrouter&{way}") for way in ways)
    assert one == other


def test_a_version_compared_with_itself_has_nothing_to_tell(address: str) -> None:
    assert "They are the same" in page_text(address, "/entity/lab/fickle?source=openrouter&from=1&to=1")


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("version=3", 404, "it had vanished then"),
        ("version=9", 404, "there is no version 9 of it"),
        ("version=ffffffffff", 404, "there is no version ffffffffff of it"),
        ("version=%3Cb%3E", 422, "is no version"),
        ("from=1", 422, "two versions are needed to compare"),
    ],
)
def test_a_version_that_cannot_be_shown_says_why_and_leads_to_all(
    address: str, query: str, status: int, told: str
) -> None:
    page = page_text(address, f"/entity/lab/fickle?source=openrouter&{query}", status)
    assert told in page
    assert 'href="/entity/lab/fickle?source=openrouter#versions"' in page


def test_a_number_among_several_sources_asks_which_one(address: str) -> None:
    assert "of which source?" in page_text(address, "/entity/lab/dear?version=1", 422)


def test_a_key_that_a_browser_would_rewrite_keeps_its_versions(address: str) -> None:
    path = entity_url(ODD_KEY, "openrouter")
    assert "1 field differs" in page_text(address, f"{path}&from=1&to=2")
    assert '"prompt": "0.5"' in unescape(page_text(address, f"{path}&version=2"))


def test_a_name_leads_to_its_model_for_those_who_see_it(address: str) -> None:
    assert 'href="/models/lab/dear"' in page_text(address, "/entity/lab/dear")
    hidden = entity_url("lab/hidden")
    assert "/models/lab/hidden" not in page_text(address, hidden)
    assert 'href="/models/lab/hidden"' in ask(address, hidden, headers=bearer("enterprise")).text


def test_earlier_versions_than_a_number_are_a_page_of_their_own(address: str) -> None:
    page = page_text(address, "/entity/lab/fickle?source=openrouter&before=2")
    assert 'aria-label="From version 1"' in page
    assert 'aria-label="From version 2"' not in page
    assert "The latest ones" in page


def test_a_hostile_payload_is_only_text_in_each_view_of_it(address: str, census: Census) -> None:
    first, last = _hashes(census, HOSTILE_KEY)[:2]
    path = entity_url(HOSTILE_KEY, "openrouter")
    for query in (f"version={first}", f"version={last}", f"from={first}&to={last}"):
        page = page_text(address, f"{path}&{query}")
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "\u202e" not in page
