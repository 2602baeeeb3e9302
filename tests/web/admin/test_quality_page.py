from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelcensus.operations.inspect import inspect
from modelcensus.web.admin.quality.routes import spark
from tests.builders import census_at, model, openrouter, read
from tests.web.serving import served
from tests.web.visiting import OPENED, Visit


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    url = f"sqlite:///{tmp_path_factory.mktemp('quality') / 'census.db'}"
    with census_at(url) as census:
        good = [model(f"lab/good{number}", context_length=1000) for number in range(9)]
        read(census, openrouter(*good, model("lab/bad", price="0.1", context_length=1000)))
        read(census, openrouter(*good, model("lab/bad", price="-7", context_length=1000), b'{"id":9}'), 1)
        inspect(census.store, "openrouter", census.sources["openrouter"].adapter.documents, census.clock)
        with served(census, OPENED) as address, Visit(address) as found:
            yield found


def test_scores_come_with_their_trend_in_words_and_what_is_wrong(visit: Visit) -> None:
    page = visit.get("/admin/quality").text
    assert 'aria-label="From ' in page
    assert "over 2 syncs" in page
    assert 'href="/entity/lab/bad?source=openrouter"' in page
    assert "it counts as unknown, never as zero" in page


def test_findings_are_narrowed_by_kind(visit: Visit) -> None:
    assert "lab/bad" in visit.get("/admin/quality/findings?kind=price&source=openrouter&category=model").text
    assert "lab/bad" not in visit.get("/admin/quality/findings?kind=date").text
    assert "lab/bad" not in visit.get("/admin/quality/findings?category=endpoint").text


def test_what_came_and_was_not_understood_is_listed_as_it_came(visit: Visit) -> None:
    page = visit.get("/admin/quality/quarantine").text
    assert "{&#34;id&#34;:9}" in page
    assert "Everything that came was understood" in visit.get("/admin/quality/quarantine?source=litellm").text
    assert "Everything that came was understood" in visit.get("/admin/quality/quarantine?page=2").text


def test_a_trend_needs_two_scores_and_stays_in_its_picture() -> None:
    assert spark([99.0]) == ""
    assert spark([90.0, 100.0]) == "0.0,22.0 100.0,2.0"
    assert spark([99.9, 99.9]) == "0.0,12.0 100.0,12.0"
