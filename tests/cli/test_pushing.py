"""push: what the command needs, says and leaves unsaid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.program import Program, a_model
from tests.operations.langfuse_server import PUBLIC, SECRET, Server, langfuse


@pytest.fixture
def server() -> Iterator[Server]:
    with langfuse() as running:
        yield running


@pytest.fixture
def listed(program: Program) -> Program:
    """The program with one reading, nothing published, and keys."""
    program.keep("20260301T120000Z", a_model(), a_model("lab/two"))
    assert program.read().code == 0
    return Program(program.folder, {"LANGFUSE_PUBLIC_KEY": PUBLIC, "LANGFUSE_SECRET_KEY": SECRET})


def test_a_dry_run_says_what_a_push_then_does(listed: Program, server: Server) -> None:
    digest = listed("plan", "--json").document["digest"]
    assert listed("apply", digest, "--as", "ada").code == 0
    tried = listed("push", "langfuse", "--url", server.url, "--dry-run", "--json")
    assert (tried.code, tried.document["created"], server.writes) == (0, ["lab/one", "lab/two"], [])
    assert "2 created, 0 replaced, 0 deleted" in listed("push", "langfuse", "--url", server.url).out
    assert server.names == ["modelcensus:lab/one", "modelcensus:lab/two"]


def test_without_keys_it_says_which_are_missing(program: Program, server: Server) -> None:
    ran = program("push", "langfuse", "--url", server.url, LANGFUSE_PUBLIC_KEY=PUBLIC, LANGFUSE_SECRET_KEY="")
    assert (ran.code, server.asked) == (2, [])
    assert "LANGFUSE_SECRET_KEY is not set" in ran.err


def test_wrong_keys_are_told_and_not_shown(listed: Program, server: Server) -> None:
    ran = listed("push", "langfuse", "--url", server.url, LANGFUSE_SECRET_KEY="sk-of-another")
    assert ran.code == 5
    assert "sk-of-another" not in ran.out + ran.err
