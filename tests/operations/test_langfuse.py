"""Pushing prices to Langfuse."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from modelcensus.core.errors import InvalidInput, KeyRefused, RateLimited, SourceError, Unreachable, UpstreamBroken
from modelcensus.operations.langfuse import Langfuse, Push, push
from tests.operations.langfuse_server import PUBLIC, SECRET, Server, langfuse


@pytest.fixture
def server() -> Iterator[Server]:
    with langfuse() as running:
        yield running


def definition(name: str = "lab/one", price: str = "0.000002", **more: Any) -> dict[str, Any]:
    return {
        "modelName": f"modelcensus:{name}", "matchPattern": f"(?i)^({name})$", "unit": "TOKENS",
        "inputPrice": Decimal(price), "outputPrice": Decimal("0.000008"), **more,
    }  # fmt: skip


def pushed(server: Server, *definitions: dict[str, Any], dry_run: bool = False) -> Push:
    with Langfuse(server.url, PUBLIC, SECRET) as project:
        return push(project, list(definitions), dry_run=dry_run)


def test_what_is_missing_is_created_with_every_digit(server: Server) -> None:
    assert pushed(server, definition(price="0.00000000000012345")).created == ("lab/one",)
    assert server.rows[0]["inputPrice"] == 0.00000000000012345
    assert server.rows[0]["matchPattern"] == "(?i)^(lab/one)$"


def test_what_is_right_is_left_alone(server: Server) -> None:
    pushed(server, definition())
    assert pushed(server, definition()) == Push(kept=1)
    assert server.writes == ["POST"]


@pytest.mark.parametrize("change", [{"inputPrice": Decimal(1)}, {"matchPattern": "x"}, {"outputPrice": None}])
def test_what_differs_is_deleted_and_created_anew(server: Server, change: dict[str, Any]) -> None:
    pushed(server, definition())
    assert pushed(server, definition(**change)).replaced == ("lab/one",)
    assert server.writes == ["POST", "DELETE", "POST"]
    assert len(server.rows) == 1


def test_what_the_census_has_no_more_is_deleted(server: Server) -> None:
    pushed(server, definition(), definition("lab/two"))
    assert pushed(server, definition()).deleted == ("lab/two",)
    assert server.names == ["modelcensus:lab/one"]


def test_what_people_or_langfuse_made_stays(server: Server) -> None:
    server.add(modelName="lab/one", matchPattern="x", unit="TOKENS", inputPrice=9)
    server.add(modelName="modelcensus:managed", isLangfuseManaged=True, matchPattern="x", unit="TOKENS")
    pushed(server)
    assert server.names == ["lab/one", "modelcensus:managed"]


def test_a_definition_that_is_there_twice_is_made_one(server: Server) -> None:
    for _ in range(2):
        server.add(**{**definition(), "inputPrice": 0.000002, "outputPrice": 0.000008})
    assert pushed(server, definition()).replaced == ("lab/one",)
    assert len(server.rows) == 1


def test_every_page_is_looked_at(server: Server) -> None:
    many = [definition(f"lab/{number}") for number in range(205)]
    pushed(server, *many)
    assert pushed(server, *many) == Push(kept=205)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(server: Server) -> None:
    server.add(modelName="modelcensus:lab/gone", matchPattern="x", unit="TOKENS")
    done = pushed(server, definition(), dry_run=True)
    assert (done.created, done.deleted, done.dry_run) == (("lab/one",), ("lab/gone",), True)
    assert server.writes == []


@pytest.mark.parametrize(
    ("status", "kind"), [(401, KeyRefused), (403, KeyRefused), (429, RateLimited), (503, UpstreamBroken)]
)
def test_a_failure_is_told_without_the_keys(server: Server, status: int, kind: type[SourceError]) -> None:
    server.fails_with = status
    with pytest.raises(kind) as raised:
        pushed(server, definition())
    assert SECRET not in str(raised.value)
    assert PUBLIC not in str(raised.value)


def test_what_is_no_langfuse_is_told(server: Server) -> None:
    server.rows = {}  # type: ignore[assignment]  # a list of none
    with pytest.raises(SourceError), Langfuse(server.url + "/elsewhere", PUBLIC, SECRET) as project:
        push(project, [])


def test_a_server_that_is_not_there_is_told() -> None:
    with Langfuse("http://127.0.0.1:1", PUBLIC, SECRET) as project, pytest.raises(Unreachable):
        push(project, [definition()])


@pytest.mark.parametrize("url", ["", "ftp://host", "http://", "https://a:b@host", "https://host?x=1", "http://[::1"])
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Langfuse(url, PUBLIC, SECRET)
    assert "a:b" not in str(raised.value)


def test_a_key_that_cannot_be_sent_is_refused_unshown() -> None:
    with pytest.raises(InvalidInput) as raised:
        Langfuse("https://host", PUBLIC, "sk\nverysecret")
    assert "verysecret" not in str(raised.value)
