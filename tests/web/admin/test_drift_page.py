from __future__ import annotations

from collections.abc import Iterator

import pytest

from modelcensus.operations.inspect import inspect
from tests.builders import census_at, model, openrouter, read
from tests.web.serving import ask, served
from tests.web.visiting import OPENED, Visit


@pytest.fixture(scope="module")
def visit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    url = f"sqlite:///{tmp_path_factory.mktemp('drift') / 'census.db'}"
    with census_at(url) as census:
        read(census, openrouter(model("lab/one", plain=1), model("lab/two", plain=2)))
        read(census, openrouter(model("lab/one", plain="1", **{"brand_<b>new": True}), model("lab/two", plain="2")), 1)
        inspect(census.store, "openrouter", census.sources["openrouter"].adapter.documents, census.clock)
        with served(census, OPENED) as address, Visit(address) as found:
            yield found


def test_drift_shows_the_field_what_to_do_and_an_example(visit: Visit) -> None:
    page = visit.get("/admin/drift").text
    assert "brand_&lt;b&gt;new" in page
    assert "see whether it matters to you" in page
    assert 'href="/entity/lab/one?source=openrouter"' in page


def test_drift_is_narrowed_by_kind_source_and_a_part_of_the_field(visit: Visit) -> None:
    assert "brand_" not in visit.get("/admin/drift?kind=retyped").text
    assert "plain" in visit.get("/admin/drift?kind=retyped&q=PLAI").text
    assert "brand_" in visit.get("/admin/drift?q=brand_").text
    assert "plain</bdi>" not in visit.get("/admin/drift?q=_").text  # a wild card is a letter like any other
    assert "No drift fits this" in visit.get("/admin/drift?source=litellm").text
    assert "No drift fits this" in visit.get("/admin/drift?q=%00").text


def test_drift_needs_somebody_who_signed_in(visit: Visit) -> None:
    answer = ask(str(visit.client.base_url).rstrip("/"), "/admin/drift?kind=new")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?to=%2Fadmin%2Fdrift%3Fkind%3Dnew"
