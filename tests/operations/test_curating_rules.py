"""Rules curate what no person has touched, on demand, and say so in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelcensus.core.errors import SettingsError
from modelcensus.operations.catalog.applying import audit_log
from modelcensus.operations.catalog.curating import curation_of, edit_one
from modelcensus.operations.catalog.rules import apply_rules, load_rules, read_rules
from modelcensus.store.engine import Store
from tests.operations.catalog_world import NOW, applied, merged, store_at

MODELS = ("lab/a", "lab/b", "lab/c")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    with store_at(database_url) as opened:
        applied(opened, *map(merged, MODELS))
        yield opened


def archive(store: Store, model_id: str) -> None:
    applied(store, *(merged(each) for each in MODELS if each != model_id), gone=[model_id])


RULES = """
[[rule]]
match = "lab/a"
tiers = ["free"]
curated = true
enabled = true

[[rule]]
match = "lab/*"
tiers = ["pro", "enterprise"]
"""


def test_the_first_rule_that_matches_decides(store: Store) -> None:
    apply_rules(store, read_rules(RULES, "mine.toml"), "ann", NOW)
    first, second = curation_of(store, "lab/a"), curation_of(store, "lab/b")
    assert (first.enabled, first.is_curated, first.is_free, first.is_pro) == (True, True, True, False)
    assert (second.enabled, second.is_curated, second.is_free, second.is_pro) == (False, False, False, True)


def test_a_rule_leaves_alone_what_a_person_touched(store: Store) -> None:
    edit_one(store, "lab/a", {"is_pro": True}, "ann", NOW)
    before = curation_of(store, "lab/a")
    result = apply_rules(store, read_rules(RULES, "mine.toml"), "cron", NOW)
    assert curation_of(store, "lab/a") == before
    assert result.touched == 1


def test_a_rule_leaves_alone_what_is_archived(store: Store) -> None:
    archive(store, "lab/a")
    result = apply_rules(store, read_rules(RULES, "mine.toml"), "cron", NOW)
    assert not curation_of(store, "lab/a").enabled
    assert result.archived == 1


def test_rules_applied_again_change_nothing(store: Store) -> None:
    rules = read_rules(RULES, "mine.toml")
    assert len(apply_rules(store, rules, "ann", NOW).changed) == 3
    logged = len(audit_log(store))
    assert apply_rules(store, rules, "ann", NOW).changed == ()
    assert len(audit_log(store)) == logged


def test_what_a_rule_did_names_the_rule_in_the_audit_log(store: Store) -> None:
    apply_rules(store, read_rules(RULES, "mine.toml"), "ann", NOW)
    entry = audit_log(store, target="lab/b")[0]
    assert (entry.act, entry.actor) == ("rule", "ann")
    assert entry.reason is not None
    assert "lab/*" in entry.reason


def test_a_rule_that_matches_nothing_is_told(store: Store) -> None:
    rules = read_rules('[[rule]]\nmatch = "lob/*"\ncurated = true\n', "mine.toml")
    (idle,) = apply_rules(store, rules, "ann", NOW).idle
    assert "lob/*" in idle


@pytest.mark.parametrize(
    "text",
    [
        "", "[[rule]]\ncurated = true", '[[rule]]\nmatch = "a"', '[[rule]]\nmatch = "a"\nenabled = "yes"',
        '[[rule]]\nmatch = "a"\ntiers = ["gold"]', '[[rule]]\nmatch = "a"\ncolour = true', "x = 1", "[[rule",
        '[[rule]]\nmatch = "******"\ncurated = true',
    ],
)  # fmt: skip
def test_a_wrong_rule_file_is_told_with_its_name(text: str) -> None:
    with pytest.raises(SettingsError, match=r"mine\.toml"):
        read_rules(text, "mine.toml")


@pytest.mark.parametrize(
    "model_id",
    ["anthropic/claude-sonnet-4.5", "openai/gpt-5", "google/gemini-3-pro", "meta-llama/llama-4", "mistralai/mixtral",
     "x-ai/grok-4"],
)  # fmt: skip
def test_the_shipped_rules_curate_the_well_known_families_and_enable_nothing(model_id: str) -> None:
    rule = next(rule for rule in load_rules() if rule.matches(model_id))
    assert rule.changes["is_curated"]
    assert "enabled" not in rule.changes


def test_a_pattern_is_taken_as_it_stands_but_for_its_stars() -> None:
    (rule,) = read_rules('[[rule]]\nmatch = "lab/a.1[x]*"\ncurated = true\n', "mine.toml")
    assert [rule.matches(each) for each in ("lab/a.1[x]-new", "lab/a11x-new", "LAB/a.1[x]")] == [True, False, False]


def test_rules_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    assert [rule.match for rule in load_rules(path)] == ["lab/a", "lab/*"]
