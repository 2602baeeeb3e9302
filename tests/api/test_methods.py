"""Each path answers a method that it does not have with 405, and names those that it has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.builders import census_at
from tests.web.serving import ask, served


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("methods") / "census.db"
    with census_at(f"sqlite:///{file}") as census, served(census) as address:
        yield address


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("TRACE", "/healthz", "GET"),
        ("OPTIONS", "/api/admin/models", "GET, PATCH"),
        ("GET", "/api/admin/models/undo", "POST"),
        ("PATCH", "/api/admin/models/lab/one/overrides/context", "DELETE, PUT"),
        ("POST", "/api/models/lab/one/access", "GET"),
        ("DELETE", "/api/models/lab/one", "GET"),
    ],
)
def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(
    address: str, method: str, path: str, allowed: str
) -> None:
    answer = ask(address, path, method=method)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["status"] == 405


def test_head_is_taken_wherever_get_is(address: str) -> None:
    assert ask(address, "/api/models", method="HEAD").status_code == 200
