from __future__ import annotations

import time

import pytest

from tests.cli.program import Program, a_model
from tests.postgres import PostgresServer
from tests.receiver import receiving

OTHERS = ("genai_prices", "huggingface", "litellm", "modelsdev")


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """A census that was read a minute ago, with thresholds that it keeps; it is only looked at."""
    off = {f"MODELCENSUS_SOURCES__{name.upper()}__ENABLED": "false" for name in OTHERS}
    limits = {"MODELCENSUS_HEALTH__MIN_MODELS": "0", "MODELCENSUS_HEALTH__DISK_MB": "0"}
    program = Program(tmp_path_factory.mktemp("well"), {**off, **limits})
    program.keep(time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() - 60)), a_model())
    assert program.read().code == 0
    return program


def test_a_census_in_good_health_returns_0_and_says_so_in_words(well: Program) -> None:
    ran = well("health")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("OK  ")
    assert "freshness   openrouter" in ran.out


def test_a_warning_returns_1_and_comes_first_with_what_to_do(well: Program) -> None:
    ran = well("health", MODELCENSUS_HEALTH__FRESH_HOURS="0.01")
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0].startswith("WARNING  1 warning, ")
    assert lines[2].startswith("warning ")
    assert "-> run 'modelcensus sync openrouter'" in lines[3]


def test_something_critical_returns_2_and_json_is_the_same_document(well: Program) -> None:
    ran = well("health", "--json", MODELCENSUS_HEALTH__MIN_MODELS="100")
    assert ran.code == 2
    assert ran.document["severity"] == "critical"
    first = ran.document["findings"][0]
    assert (first["check"], first["severity"], first["message"].startswith("0 active models")) == (
        "models", "critical", True,
    )  # fmt: skip


def test_quiet_says_it_by_the_exit_code_alone(well: Program) -> None:
    ran = well("health", "--quiet", MODELCENSUS_HEALTH__FRESH_HOURS="0.001")
    assert (ran.code, ran.out, ran.err) == (2, "", "")


def test_without_a_census_it_is_critical(program: Program) -> None:
    ran = program("health")
    assert (ran.code, "there is no census" in ran.out) == (2, True)
    assert not program.database.exists(), "a look makes nothing"


def test_a_stopped_database_server_is_critical_and_its_password_is_not_shown(program: Program) -> None:
    with PostgresServer() as server:
        url = server.create_database().replace("census@", "census:hunter2@")
    ran = program("--database", url, "health", "--json")
    assert ran.code == 2
    assert [each["check"] for each in ran.document["findings"]] == ["database", "disk"]
    assert "hunter2" not in ran.out + ran.err


def test_a_heartbeat_is_sent_on_request(well: Program) -> None:
    with receiving() as receiver:
        secret = f"{receiver.url}/s3cret"
        assert well("health", "--quiet", "--heartbeat", MODELCENSUS_HEALTH__HEARTBEAT_URL=secret).code == 0
    assert [got.path for got in receiver.got] == ["/s3cret"]
    ran = well("health", "--quiet", "--heartbeat")
    assert (ran.code, "set health.heartbeat_url" in ran.err) == (0, True)


def test_help_shows_examples_and_exit_codes(program: Program) -> None:
    ran = program("health", "--help")
    assert "modelcensus health --json" in ran.out
    assert "2  something critical" in ran.out
