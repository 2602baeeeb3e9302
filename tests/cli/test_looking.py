from __future__ import annotations

import json

import pytest

from tests.cli.program import Program, a_model

ODD = ["a/b:free", "~lab/x-latest", "m@2 (new)+v1", "claude sonnet", "[bold]loud[/bold]", "-dash", "ключ", "100%_sure"]


@pytest.mark.parametrize("key", ODD)
def test_any_id_can_be_shown(program: Program, key: str) -> None:
    program.keep("20260301T120000Z", a_model(key))
    program.read()
    ran = program("show", "--json", "--", key)
    assert (ran.code, ran.document[0]["version"]["key"]) == (0, key)


def test_an_id_that_looks_like_markup_is_printed_as_it_is(program: Program) -> None:
    program.keep("20260301T120000Z", a_model("[bold]loud[/bold]", name="[red]x[/red] :smile:"))
    program.read()
    ran = program("list", COLUMNS="140")
    assert "[bold]loud[/bold]" in ran.out
    assert "[red]x[/red] :smile:" in ran.out


@pytest.mark.parametrize(
    "command", [["list"], ["list", "--json"], ["show", "lab/one"], ["history", "lab/one"], ["changes"]]
)
@pytest.mark.parametrize("width", ["", "80"])
def test_text_from_upstream_cannot_act_on_the_terminal(program: Program, command: list[str], width: str) -> None:
    evil = "\x1b[31mred\x07\x9b2J\u202eback\r\n"
    program.keep("20260301T120000Z", a_model(name="calm"))
    program.keep("20260308T120000Z", a_model(name=evil, **{evil: evil}))
    program.read()
    ran = program(*command, COLUMNS=width)
    assert "red" in ran.out
    assert not set("\x1b\x07\x9b\u202e\r") & set(ran.out)


def test_list_gives_the_census_as_of_a_time(weeks: Program) -> None:
    assert [line["key"] for line in weeks("list", "--as-of", "2026-03-10", "--json").lines] == ["lab/one", "lab/two"]
    assert [line["key"] for line in weeks("list", "--json").lines] == ["lab/one", "lab/three"]


def test_list_matches_ids_and_names_whatever_their_case(weeks: Program) -> None:
    assert [line["key"] for line in weeks("list", "--match", "LAB: lab/TH", "--json").lines] == ["lab/three"]


def test_json_holds_times_as_iso_8601_and_numbers_exactly(program: Program) -> None:
    folder = program.keep("20260301T120000Z")
    body = (
        '{"data":[{"id":"x","name":"x","big":123456789012345678901234567890,"small":0.1000000000000000055511151231}]}'
    )
    (folder / "20260301T120000Z.json").write_text(body)
    program.read()
    for ran in (program("list", "--json"), program("show", "x", "--json"), program("history", "x", "--json")):
        assert "123456789012345678901234567890" in ran.out
        assert "0.1000000000000000055511151231" in ran.out
        assert '"2026-03-01T12:00:00Z"' in ran.out


def test_a_piped_table_is_never_folded(program: Program) -> None:
    key = "lab/" + "very-long-" * 30
    program.keep("20260301T120000Z", a_model(key))
    program.read()
    assert key in program("list").out


@pytest.mark.parametrize("width", ["40", "80", "140"])
def test_a_narrow_table_folds_and_cuts_nothing(program: Program, width: str) -> None:
    key = "lab/" + "".join(f"{number:03}-" for number in range(40))
    program.keep("20260301T120000Z", a_model(key))
    program.read()
    out = program("list", COLUMNS=width).out
    assert max(map(len, out.splitlines())) <= int(width)
    *_, table = out.rpartition("─")
    rows = table.splitlines()[1:-1]
    end = min(line.find("Lab:") for line in rows if "Lab:" in line)
    assert "".join(line[:end].strip() for line in rows) == key


def test_show_names_fields_as_history_takes_them(weeks: Program) -> None:
    out = weeks("show", "lab/one").out
    assert "pricing.prompt" in out
    assert "0.0000005" in out


def test_show_of_a_vanished_entity_gives_what_it_said_last(weeks: Program) -> None:
    ran = weeks("show", "lab/two", "--json")
    assert (ran.document[0]["live"], ran.document[0]["version"]["data"]["id"]) == (False, "lab/two")


def test_sources_are_listed_before_there_is_a_census_and_none_is_made(program: Program) -> None:
    ran = program("sources", "--json")
    assert ran.code == 0
    assert {"openrouter", "modelsdev", "genai-prices"} <= {source["name"] for source in ran.document}
    assert not program.database.exists()


def test_syncs_are_listed_newest_first(weeks: Program) -> None:
    found = weeks("syncs", "--limit", "2", "--json").document
    assert [sync["id"] for sync in found] == [3, 2]
    assert found[0]["epoch"] == "2026-03-15T12:00:00Z"


def test_stats_count_the_census(weeks: Program) -> None:
    found = weeks("stats", "--json").document
    assert (found["live"], found["syncs"], found["tombstones"]) == (2, 3, 1)
    assert "live entities" in weeks("stats").out


def test_quarantine_lists_what_could_not_be_understood_with_a_hint(program: Program) -> None:
    folder = program.keep("20260301T120000Z")
    (folder / "20260301T120000Z.json").write_text('{"data":[{"id":"good"},{"id":"bad","x":NaN}]}')
    ran = program.read()
    assert (ran.code, "partial" in ran.out) == (1, True)
    found = program("quarantine", "--json").document
    assert len(found) == 1
    assert found[0]["hint"] in program("quarantine").out


def test_config_masks_secrets_and_says_where_each_came_from(program: Program) -> None:
    ran = program("config", "--json", OPENROUTER_API_KEY="sk-very-secret", MODELCENSUS_PORT="8080")
    rows = {row["name"]: row for row in json.loads(ran.out)}
    assert "sk-very-secret" not in ran.out
    assert rows["port"]["origin"] == "environment MODELCENSUS_PORT"
    assert rows["sources.openrouter.key"]["origin"] == "environment OPENROUTER_API_KEY"


def test_config_all_names_every_setting(program: Program) -> None:
    names = {row["name"] for row in program("config", "--all", "--json").document}
    assert {"http.attempts", "sources.modelsdev.base_url", "database_timeout"} <= names


def test_config_dir_is_where_the_settings_file_is_read(program: Program) -> None:
    (program.folder / "elsewhere").mkdir()
    (program.folder / "elsewhere" / "modelcensus.toml").write_text("port = 9999\n")
    assert "9999" in program("--config-dir", "elsewhere", "config").out
