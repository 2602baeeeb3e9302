from __future__ import annotations

from tests.cli.program import Program, a_model


def test_history_tells_what_each_version_changed(weeks: Program) -> None:
    out = weeks("history", "lab/one").out
    assert "appeared" in out
    assert "pricing.prompt  0.000001 → 0.0000005" in out
    assert "supported_parameters  added: stop   removed: tools" in out


def test_history_of_a_field_is_a_table_and_a_chart_with_exact_prices(weeks: Program) -> None:
    out = weeks("history", "lab/one", "--field", "pricing.prompt", COLUMNS="80").out
    assert "0.0000005┤" in out
    assert "0.000001┤" in out
    assert "2026-03-15" in out
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) <= 80


def test_history_of_a_text_field_has_no_chart(weeks: Program) -> None:
    out = weeks("history", "lab/one", "--field", "name").out
    assert "Lab: lab/one" in out
    assert "┤" not in out


def test_history_in_json_gives_every_version_whole(weeks: Program) -> None:
    versions = weeks("history", "lab/two", "--json").document
    assert [version["data"] and version["data"]["id"] for version in versions] == ["lab/two", None]


def test_changes_are_newest_first_and_field_by_field(weeks: Program) -> None:
    found = weeks("changes", "--since", "2026-03-02", "--json").lines
    assert [(change["kind"], change["key"]) for change in found] == [
        ("appeared", "lab/three"),
        ("vanished", "lab/two"),
        ("altered", "lab/one"),
    ]
    assert found[2]["fields"][0] == {"path": "pricing.prompt", "before": "0.000001", "after": "0.0000005"}


def test_numbers_in_changes_are_json_numbers_with_every_digit(program: Program) -> None:
    program.keep("20260301T120000Z", a_model(limit=1))
    folder = program.keep("20260308T120000Z", a_model(limit="X"))
    path = folder / "20260308T120000Z.json"
    path.write_text(path.read_text().replace('"X"', "0.1000000000000000055511151231"))
    program.read()
    assert '"before":1,"after":0.1000000000000000055511151231' in program("changes", "--key", "lab/one", "--json").out


def test_changes_can_be_filtered(weeks: Program) -> None:
    assert [line["key"] for line in weeks("changes", "--kind", "vanished", "--json").lines] == ["lab/two"]
    assert len(weeks("changes", "--key", "lab/one", "--json").lines) == 2
    assert len(weeks("changes", "--limit", "1", "--json").lines) == 1
    assert "nothing changed" in weeks("changes", "--since", "2026-04-01").out


def test_diff_tells_what_is_different_at_two_times(weeks: Program) -> None:
    found = weeks("diff", "--from", "2026-03-02", "--to", "2026-03-20", "--json").lines
    assert {(change["kind"], change["key"]) for change in found} == {
        ("altered", "lab/one"),
        ("appeared", "lab/three"),
        ("vanished", "lab/two"),
    }
    assert "1 appeared, 1 altered, 1 vanished" in weeks("diff", "--from", "2026-03-02", "--to", "2026-03-20").out


def test_diff_refuses_times_the_wrong_way_round(weeks: Program) -> None:
    assert weeks("diff", "--from", "2026-03-20", "--to", "2026-03-02").code == 2
