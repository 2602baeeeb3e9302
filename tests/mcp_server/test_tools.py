"""The tools for agents, asked by the real client over both transports."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from modelcensus.operations.catalog import curating
from tests.api.shop import TIERED, bearer, shop
from tests.cli.program import environment

T = TypeVar("T")
DEAR, CHEAP = "lab/dear", "lab/cheap"
INITIALIZE = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('shop') / 'census.db'}"


@pytest.fixture(scope="module")
def address(url: str) -> Iterator[str]:
    """A shop in which the dear model is for pro callers, and the cheap one for all."""
    with shop(url, TIERED) as (census, address):
        curating.edit_one(census.store, CHEAP, {"enabled": True, "is_free": True}, "ann", 1)
        curating.edit_one(census.store, DEAR, {"enabled": True, "is_pro": True}, "ann", 1)
        yield address


@asynccontextmanager
async def over_http(address: str, headers: Mapping[str, str], mode: str) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(headers=dict(headers), trust_env=False, timeout=20) as client,
        Client(streamable_http_client(f"{address}/mcp", http_client=client), mode=mode) as agent,
    ):
        yield agent


def asked(address: str, work: Callable[[Client], Awaitable[T]], tier: str | None = "pro", mode: str = "auto") -> T:
    """What an agent's work on the server gives."""

    async def run() -> T:
        async with over_http(address, bearer(tier) if tier else {}, mode) as agent:
            return await work(agent)

    return asyncio.run(run())


def called(address: str, tool: str, tier: str | None = "pro", **arguments: Any) -> Any:
    """The structured answer of one tool, which must be good."""

    async def work(agent: Client) -> Any:
        result = await agent.call_tool(tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    return asked(address, work, tier)


def failed(address: str, tool: str, tier: str | None = "pro", **arguments: Any) -> str:
    """What a tool says to what it cannot do."""

    async def work(agent: Client) -> str:
        result = await agent.call_tool(tool, arguments)
        assert result.is_error
        return str(result.content)

    return asked(address, work, tier)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_every_tool_only_reads_and_describes_its_arguments(address: str, mode: str) -> None:
    async def work(agent: Client) -> Any:
        return (await agent.list_tools()).tools

    tools = asked(address, work, mode=mode)
    names = ["list_models", "get_model", "compare_models", "price_at", "resolve_name", "changes"]
    assert [tool.name for tool in tools] == names
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert tool.output_schema
        assert all(each.get("description") for each in tool.input_schema["properties"].values()), tool.name


def test_models_are_listed_in_pages(address: str) -> None:
    first = called(address, "list_models", limit=1, sort="-price.input")
    assert [each["id"] for each in first["models"]] == [DEAR]
    second = called(address, "list_models", limit=1, sort="-price.input", after=first["next"])
    assert [each["id"] for each in second["models"]] == [CHEAP]
    assert (first["total"], second["next"]) == (2, None)


def test_a_model_is_told_whole_by_any_of_its_names(address: str) -> None:
    told = called(address, "get_model", name="lab/dear-20260101")
    assert (told["id"], told["price"]["input"], told["context"]) == (DEAR, "12", 128000)
    assert [each["price"]["input"] for each in told["price_history"]][-1] == "12"
    assert told["latest_changes"][0]["kind"] == "updated"


def test_models_are_compared_field_by_field(address: str) -> None:
    told = called(address, "compare_models", names=[DEAR, CHEAP])
    assert told["differences"]["price.input"] == {DEAR: "12", CHEAP: "0.5"}
    assert "context" not in told["differences"]


def test_a_use_is_priced_at_a_time(address: str) -> None:
    then = called(address, "price_at", model=DEAR, input_tokens=1_000_000, at="2026-01-01T20:00:00Z")
    now = called(address, "price_at", model=DEAR, input_tokens=1_000_000)
    assert (then["total"], now["total"]) == ("10", "12")


def test_a_name_is_resolved_with_its_evidence(address: str) -> None:
    told = called(address, "resolve_name", name="lab/dear-20260101")
    assert (told["model_id"], bool(told["evidence"])) == (DEAR, True)
    assert called(address, "resolve_name", name="nobody/knows")["model_id"] is None


def test_changes_are_told_from_a_cursor_on(address: str) -> None:
    told = called(address, "changes", model=DEAR, field="price")
    assert {"path": "price.input", "before": "10", "after": "12"}.items() <= told["changes"][0]["fields"][-1].items()
    assert called(address, "changes", after=told["after"])["changes"] == []


def test_a_tool_shows_no_model_that_the_tier_may_not_see(address: str) -> None:
    for tier in ("free", None):
        assert [each["id"] for each in called(address, "list_models", tier)["models"]] == [CHEAP]
        assert {each["model_id"] for each in called(address, "changes", tier, limit=100)["changes"]} == {CHEAP}
        assert called(address, "resolve_name", tier, name=DEAR)["model_id"] is None
        for tool, arguments in (
            ("get_model", {"name": DEAR}), ("compare_models", {"names": [CHEAP, DEAR]}), ("price_at", {"model": DEAR}),
            ("changes", {"model": DEAR}),
        ):  # fmt: skip
            assert "12" not in failed(address, tool, tier, **arguments).replace("0.12", "")


@pytest.mark.parametrize(
    ("tool", "arguments", "hint"),
    [
        ("get_model", {"name": "lab/chep"}, "list_models"),
        ("compare_models", {"names": [CHEAP, CHEAP]}, "name from 2 to 10"),
        ("compare_models", {"names": [CHEAP]}, "at least 2"),
        ("price_at", {"model": CHEAP, "at": "yesterday-ish"}, "write 2026-03-01"),
        ("price_at", {"model": CHEAP, "input_tokens": -1}, "greater than or equal to 0"),
        ("list_models", {"limit": 1000}, "less than or equal to 100"),
        ("list_models", {"after": "garbage"}, "start without one"),
        ("changes", {"after": "x"}, "match pattern"),
        ("get_model", {"name": "\0"}, "no model is called"),
    ],
)
def test_what_a_tool_cannot_do_it_says_with_a_next_step(
    address: str, tool: str, arguments: dict[str, Any], hint: str
) -> None:
    assert hint in failed(address, tool, **arguments)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer nonsense"}, 401),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://localhost:3000"}, 200),
        ({}, 200),
    ],
)
def test_wrong_credentials_and_pages_of_other_sites_are_refused(
    address: str, headers: dict[str, str], status: int
) -> None:
    accepted = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    answer = httpx2.post(f"{address}/mcp", json=INITIALIZE, headers={**accepted, **headers}, trust_env=False)
    assert answer.status_code == status, answer.text


def test_there_is_no_stream_to_open(address: str) -> None:
    answer = httpx2.get(f"{address}/mcp", headers={"Accept": "text/event-stream"}, trust_env=False)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_an_agent_on_this_machine_asks_over_standard_input_and_output(address: str, url: str) -> None:
    assert address
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "modelcensus", "--database", url, "mcp", "--tier", "pro"], env=environment()
    )

    async def run() -> Any:
        async with Client(command) as agent:
            return (await agent.call_tool("list_models", {})).structured_content

    assert [each["id"] for each in asyncio.run(run())["models"]] == [CHEAP, DEAR]
