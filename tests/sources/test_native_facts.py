"""Facts files: what may stand in them, what is refused, and the shipped ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from modelcensus.core.errors import SettingsError
from modelcensus.core.native import Facts
from modelcensus.sources.native import PROVIDERS, facts_for, load_facts, shelves, tables

TODAY = date(2026, 12, 1)
TOP = 'checked = 2026-08-19\n[defaults]\nsource = "https://lab.test/prices"\n'


def loaded(*entries: str, top: str = TOP) -> tuple[Facts, ...]:
    text = top + "".join(f"[[model]]\n{entry}\n" for entry in entries)
    return load_facts(text, "lab.toml", own=True, today=TODAY)


def written(folder: Path, *entries: str) -> Path:
    (folder / "openai.toml").write_text(TOP + "".join(f"[[model]]\n{entry}\n" for entry in entries))
    return folder


def test_an_entry_is_read_with_its_source_its_date_and_its_place() -> None:
    _, second = loaded('ids = ["a"]', 'ids = ["b", "b-2*"]\ninput = "2.00"\noutput = "0.0005"\ncontext = 128_000')
    assert (second.ids, second.source, second.checked) == (("b", "b-2*"), "https://lab.test/prices", date(2026, 8, 19))
    assert second.rates.known() == {"input": Decimal("2.00"), "output": Decimal("0.0005")}
    assert second.context == 128_000
    assert str(second.origin) == "lab.toml, line 6"


def test_an_entry_has_its_own_source_and_date_where_it_names_them() -> None:
    (only,) = loaded('ids = ["a"]\nsource = "https://lab.test/old"\nchecked = 2025-01-02')
    assert (only.source, only.checked) == ("https://lab.test/old", date(2025, 1, 2))


def test_what_is_not_written_is_not_known() -> None:
    (only,) = loaded('ids = ["a"]')
    assert (only.rates.known(), only.context, only.retires) == ({}, None, None)


def test_tiers_are_prices_above_a_number_of_tokens() -> None:
    tier = '[[model.tier]]\nabove = 200_000\ninput = "4"\noutput = "9"'
    (only,) = loaded(f'ids = ["a"]\ninput = "2"\noutput = "6"\n{tier}')
    assert [(tier.above, tier.rates.known()["input"]) for tier in only.tiers] == [(200_000, Decimal(4))]


def test_a_price_of_zero_needs_the_word_that_it_is_free() -> None:
    (only,) = loaded('ids = ["a"]\ninput = "0"\noutput = "0"\nfree = true')
    assert only.rates.input == 0


PRICED = 'ids = ["a"]\ninput = "2"\noutput = "6"\n'
_WRONG = {
    "an unknown field": ('ids = ["a"]\nimput = "2"', "no field 'imput'"),
    "a float": ('ids = ["a"]\ninput = 2.0\noutput = "1"', "'input' must be decimal text"),
    "a whole number": ('ids = ["a"]\ninput = 2\noutput = "1"', "'input' must be decimal text"),
    "a negative price": ('ids = ["a"]\ninput = "-2"\noutput = "1"', "'input' is no decimal number"),
    "a price that is no number": ('ids = ["a"]\ninput = "NaN"\noutput = "1"', "'input' is no decimal number"),
    "a price with a sign for dollars": ('ids = ["a"]\ninput = "$2"\noutput = "1"', "'input' is no decimal number"),
    "a price of nothing": ('ids = ["a"]\ninput = "0.00"\noutput = "1"', "'input' is 0"),
    "a price in another unit": ('ids = ["a"]\ninput = "2000000"\noutput = "1"', "'input' is above 10000"),
    "half a price": ('ids = ["a"]\ninput = "2"', "input or output is missing"),
    "a source that is no https": ('ids = ["a"]\nsource = "http://lab.test"', "'source' must be an address"),
    "a source that is a word": ('ids = ["a"]\nsource = "their page"', "'source' must be an address"),
    "a day to come": ('ids = ["a"]\nchecked = 2027-01-01', "'checked' is in the future: 2027-01-01"),
    "a date as text": ('ids = ["a"]\nretires = "2026-01-01"', "'retires' must be a date"),
    "a time for a date": ('ids = ["a"]\nretires = 2026-01-01T00:00:00Z', "'retires' must be a date"),
    "no ids": ('input = "2"\noutput = "1"', "it has no ids"),
    "an empty list of ids": ("ids = []", "it has no ids"),
    "ids as text": ('ids = "a"', "'ids' must be a list of texts"),
    "a star in the middle": ('ids = ["a*b"]', "a * that is not at its end"),
    "a star alone": ('ids = ["*"]', "a * that is not at its end"),
    "an id twice in one entry": ('ids = ["a", "a"]', "names an id twice"),
    "a limit of zero": ('ids = ["a"]\ncontext = 0', "'context' must be a whole number of tokens"),
    "a limit as text": ('ids = ["a"]\ncontext = "8k"', "'context' must be a whole number of tokens"),
    "a limit that is true": ('ids = ["a"]\ncontext = true', "'context' must be a whole number of tokens"),
    "an unknown modality": ('ids = ["a"]\nreads = ["smell"]', "'reads' has 'smell'"),
    "a cut-off that is no month": ('ids = ["a"]\nknowledge_cutoff = "2024-13"', "must be a year, a month or a day"),
    "a tier without a threshold": (PRICED + '[[model.tier]]\ninput = "4"', "does not say above how many"),
    "a tier without prices": (PRICED + "[[model.tier]]\nabove = 5", "it has no price"),
    "a tier with a price that the model has not": (
        PRICED + '[[model.tier]]\nabove = 5\ncached_input = "1"', "the model itself has not",
    ),
    "tiers out of order": (
        PRICED + '[[model.tier]]\nabove = 5\ninput = "4"\n[[model.tier]]\nabove = 2\ninput = "3"', "not in rising",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("entry", "problem"), _WRONG.values(), ids=_WRONG)
def test_a_wrong_entry_is_refused_with_file_line_name_and_reason(entry: str, problem: str) -> None:
    with pytest.raises(SettingsError) as error:
        loaded('ids = ["right"]', entry)
    assert error.value.message.startswith("lab.toml, line 6")
    assert problem in error.value.message
    assert error.value.hint
    assert "\n" not in error.value.message + error.value.hint


def test_an_id_in_two_entries_is_refused_and_both_are_named() -> None:
    with pytest.raises(SettingsError, match=r"line 6 \(b\): the id 'a' is in lab.toml, line 4 already"):
        loaded('ids = ["a"]', 'ids = ["b", "a"]')


@pytest.mark.parametrize(
    ("top", "problem"),
    [
        ("checked = 2026-01-01\n", "has no source"),
        ('[defaults]\nsource = "https://lab.test"\n', "nothing says when it was checked"),
        ('version = 1\n[defaults]\nsource = "https://lab.test"\n', "no field 'version'"),
        ('[defaults]\ninput = "1"\n', "no field 'input'"),
        ("defaults = 1\n", "'defaults' must be a table"),
        ("checked = \n", "not valid TOML"),
    ],
)
def test_a_wrong_head_is_refused(top: str, problem: str) -> None:
    with pytest.raises(SettingsError, match=problem):
        loaded('ids = ["a"]', top=top)


def test_where_entries_are_written_in_another_way_the_number_tells_the_place() -> None:
    text = 'checked = 2026-01-01\nmodel = [{ids = ["a"], source = "https://lab.test"}, {ids = ["b"], source = "no"}]'
    with pytest.raises(SettingsError, match=r"lab.toml, entry 2 \(b\): 'source'"):
        load_facts(text, "lab.toml")


def test_an_own_entry_stands_whole_for_its_ids_and_the_shipped_ones_for_the_rest(tmp_path: Path) -> None:
    shipped = facts_for("openai", "gpt-4.1", None, today=TODAY)
    assert shipped is not None
    assert shipped.context
    written(tmp_path, 'ids = ["gpt-4.1"]\ninput = "9.99"\noutput = "9.99"')
    mine, other = (facts_for("openai", name, tmp_path, today=TODAY) for name in ("gpt-4.1", "gpt-4.1-mini"))
    assert mine is not None
    assert other is not None
    assert (mine.rates.input, mine.context, mine.origin.own) == (Decimal("9.99"), None, True)
    assert not other.origin.own


def test_a_folder_without_a_file_for_the_provider_changes_nothing(tmp_path: Path) -> None:
    assert facts_for("openai", "gpt-4.1", tmp_path, today=TODAY) == facts_for("openai", "gpt-4.1", None, today=TODAY)


def test_a_provider_of_no_shipped_file_has_the_users_own(tmp_path: Path) -> None:
    written(tmp_path, 'ids = ["m"]').joinpath("openai.toml").rename(tmp_path / "my-lab.toml")
    assert facts_for("my-lab", "m", tmp_path, today=TODAY) is not None
    assert facts_for("my-lab", "m", None, today=TODAY) is None


def test_a_folder_that_is_not_there_is_told_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="native_facts: there is no folder"):
        shelves("openai", tmp_path / "missing", today=TODAY)


def test_an_own_file_that_is_no_text_or_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "openai.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="it is not UTF-8"):
        shelves("openai", tmp_path, today=TODAY)
    monkeypatch.setattr(tables, "MAX_BYTES", 10)
    (tmp_path / "openai.toml").write_text("# a long comment")
    with pytest.raises(SettingsError, match="larger than 10 bytes"):
        shelves("openai", tmp_path, today=TODAY)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_shipped_file_is_sound(provider: str) -> None:
    entries = load_facts(tables.shipped(f"{provider}.toml"), provider, today=TODAY)
    assert len(entries) >= 20
    for facts in entries:
        assert facts.rates.input, facts.ids
        assert facts.rates.output, facts.ids
        assert facts.rates.output >= facts.rates.input, facts.ids
        assert facts.rates.cached_input is None or facts.rates.cached_input < facts.rates.input, facts.ids
        assert all((tier.rates.input or 0) > facts.rates.input for tier in facts.tiers), facts.ids
        assert not any(name.endswith("*") for name in facts.ids), "a pattern would give a new model an old price"
        assert not facts.free


@pytest.mark.parametrize(
    ("provider", "name", "prices"),
    [
        ("openai", "gpt-4.1-2025-04-14", ("2", "0.5", "8")),
        ("openai", "gpt-4o-mini", ("0.15", "0.075", "0.6")),
        ("anthropic", "claude-3-haiku-20240307", ("0.25", "0.03", "1.25")),
        ("google", "gemini-2.5-pro", ("1.25", "0.125", "10")),
    ],
)
def test_well_known_prices_are_in_dollars_per_million(provider: str, name: str, prices: tuple[str, ...]) -> None:
    facts = facts_for(provider, name, None, today=TODAY)
    assert facts is not None
    rates = facts.rates
    assert (rates.input, rates.cached_input, rates.output) == tuple(map(Decimal, prices))


def test_the_file_in_the_documentation_can_be_used() -> None:
    page = Path(__file__).parents[2] / "docs" / "howto" / "native-prices.md"
    example = page.read_text().split("```toml\n")[1].split("```")[0]
    first, second = load_facts(example, "openai.toml", own=True, today=TODAY)
    assert (first.rates.input, first.tiers[0].above) == (Decimal("1.80"), 200_000)
    assert (second.rates.known(), second.successor) == ({}, "example-new")
