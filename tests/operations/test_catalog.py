"""From what sources say to what is published, and back from the snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from modelcensus.core.catalog.cost import Usage
from modelcensus.core.catalog.model import Plan, StepKind
from modelcensus.core.catalog.planning import Policy, held
from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.operations.catalog import applying, browsing, catalog, linking
from modelcensus.operations.catalog.pricing import price
from modelcensus.operations.catalog.rebuilding import rebuild
from modelcensus.operations.catalog.translating import translate
from modelcensus.operations.census import Census
from modelcensus.store.catalog import listings
from tests.builders import START, as_json, at, census_at, imported, model, modelsdev, openrouter

SONNET = "anthropic/claude-sonnet-4.5"


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as census:
        yield census


def said(id: str = SONNET, *, price: str = "0.000003", context: int = 200_000, **more: Any) -> dict[str, Any]:  # noqa: A002  # the field's name
    """What OpenRouter says of a model; ``price`` in USD per token."""
    return model(id, price=price, context_length=context, architecture={"input_modalities": ["text"],
                 "output_modalities": ["text"], "modality": "text->text"}, **more)  # fmt: skip


def costs(**models: tuple[float, float]) -> bytes:
    """LiteLLM's map: name (dots for double underscores) -> USD per token in and out."""
    return as_json({
        name.replace("__", ".").replace("_", "-"): {
            "litellm_provider": "anthropic", "mode": "chat", "input_cost_per_token": one, "output_cost_per_token": two,
        }
        for name, (one, two) in models.items()
    })  # fmt: skip


def now(census: Census, hours: float) -> Census:
    """The census at a time after ``START``."""
    return msgspec.structs.replace(census, now=lambda: START + timedelta(hours=hours))


def synced(census: Census, hours: float, body: bytes, source: str = "openrouter") -> catalog.Updated:
    """A reading at a time, and the catalog updated a minute later."""
    assert imported(census, body, hours, source=source).error is None
    return catalog.update(now(census, hours + 1 / 60), now=at(hours + 1 / 60))


def published(census: Census, model_id: str = SONNET) -> dict[str, Any]:
    return browsing.portrait(census.store, model_id, now=census.clock()).entry.model.fields


def test_what_a_source_says_is_published_in_our_units_with_its_snapshot(census: Census) -> None:
    updated = synced(census, 0, openrouter(said()))
    assert updated.revision is not None
    assert (updated.revision.number, updated.held) == (1, 0)
    found = browsing.portrait(census.store, SONNET, now=census.clock()).entry.model
    assert (found.fields["price.input"], found.fields["context"], found.fields["modality"]) == ("3", 200_000, "text")
    assert found.origins["price.input"].source == "openrouter"
    assert found.origins["price.input"].observed_at == at(0)


def test_a_sync_that_says_nothing_new_makes_no_revision(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    again = synced(census, 1, openrouter(said()))
    assert (again.revision, again.plan.steps) == (None, ())


def test_only_what_is_new_is_translated(census: Census) -> None:
    synced(census, 0, openrouter(said(), said("openai/gpt-4.1")))
    assert translate(now(census, 0)).translated == 0
    assert imported(census, openrouter(said(price="0.000004"), said("openai/gpt-4.1")), 1).error is None
    assert translate(now(census, 1)).translated == 1


def test_a_unit_slip_is_held_and_the_rest_of_the_step_goes_through(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    updated = synced(census, 1, openrouter(said(price="0.003", context=400_000)))
    assert updated.held == 1
    assert published(census)["price.input"] == "3"
    assert published(census)["context"] == 400_000
    ((name, hold),) = held(updated.plan)
    assert (name, hold.guard) == (f"{SONNET}#price.input", "unit_slip")


def test_what_is_held_stays_in_sight_until_a_person_lets_it_through(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    synced(census, 1, openrouter(said(price="0.003")))
    plan = catalog.current_plan(now(census, 2), now=at(2))
    (name,) = dict(held(plan))
    applying.apply(census.store, plan.digest, "ada", at(2), released={name: "looked at the price page"})
    assert published(census)["price.input"] == "3000"
    assert catalog.current_plan(now(census, 3), now=at(3)).steps == ()


def test_a_source_under_review_publishes_nothing_by_itself(census: Census) -> None:
    careful = msgspec.structs.replace(census.catalog, review=Policy({"openrouter": "review"}))
    updated = synced(msgspec.structs.replace(census, catalog=careful), 0, openrouter(said()))
    assert updated.revision is None
    assert updated.held > 0


def test_with_automatic_off_a_sync_only_proposes(census: Census) -> None:
    by_hand = msgspec.structs.replace(census.catalog, automatic=False)
    updated = synced(msgspec.structs.replace(census, catalog=by_hand), 0, openrouter(said()))
    assert updated.revision is None
    applying.apply(census.store, updated.plan.digest, "ada", at(1))
    assert published(census)["price.input"] == "3"


def many(*ids: str, **more: Any) -> bytes:
    return openrouter(*(said(each, **more) for each in ids))


def lab(count: int) -> list[str]:
    return [f"lab/model-{number}" for number in range(count)]


def test_a_model_is_archived_only_after_two_whole_readings_without_it_a_day_apart(census: Census) -> None:
    synced(census, 0, many(*lab(20), SONNET))
    archived = [
        any(step.kind is StepKind.ARCHIVED for step in synced(census, hours, many(*lab(20))).plan.steps)
        for hours in (1, 2, 24, 25.5)
    ]
    assert archived == [False, False, False, True]
    found = browsing.portrait(census.store, SONNET, now=census.clock()).entry.model
    assert (found.status, found.fields["price.input"]) == ("archived", "3")


def test_half_an_answer_archives_nothing(census: Census) -> None:
    synced(census, 0, many(*lab(20)))
    for hours in (24, 48, 72):
        updated = synced(census, hours, many(*lab(5)))
        assert [step for step in updated.plan.steps if step.kind is StepKind.ARCHIVED] == []


def test_names_of_other_catalogs_are_linked_and_their_prices_compared(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    synced(census, 1, costs(claude_sonnet_4_5_20250929=(0.000004, 0.000015)), "litellm")
    found = linking.resolve(census.store, "claude-sonnet-4-5-20250929")
    assert found.model_id == SONNET
    ((model_id, disagreement),) = [
        each for each in catalog.disagreements(census.store, field="price") if each[1].path == "price.input"
    ]
    assert model_id == SONNET
    assert [(each.value, each.origin.source) for each in disagreement.said] == [("3", "openrouter"), ("4", "litellm")]
    assert published(census)["price.input"] == "3"


def test_a_name_that_is_only_like_one_is_never_linked(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    synced(census, 1, costs(claude_sonnet_4_6=(0.000003, 0.000015)), "litellm")
    found = linking.resolve(census.store, "claude-sonnet-4-6")
    assert found.model_id is None
    assert SONNET in found.candidates
    assert [each.key for each in linking.unmatched(census.store, source="litellm")] == ["claude-sonnet-4-6"]


def test_a_person_s_word_on_a_name_wins_over_the_rules_and_stays(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    synced(census, 1, costs(claude_sonnet_4_5=(0.000004, 0.000015), weird_name=(0.000001, 0.000002)), "litellm")
    linking.link(census.store, "litellm", "weird-name", SONNET, "ada", "the vendor told me", at(2))
    linking.unlink(census.store, "litellm", "claude-sonnet-4-5", "ada", "a reseller's own", at(2))
    catalog.refresh(now(census, 3), now=at(3))
    assert linking.resolve(census.store, "weird-name").model_id == SONNET
    assert [each.key for each in linking.unmatched(census.store)] == ["claude-sonnet-4-5"]


@pytest.mark.parametrize("bad", ["", "no-lab", "a/" + "x" * 300, "lab/na\nme"])
def test_a_model_id_that_cannot_be_one_is_refused(census: Census, bad: str) -> None:
    synced(census, 0, openrouter(said()))
    with pytest.raises(InvalidInput):
        linking.link(census.store, "openrouter", SONNET, bad, "ada", "because", at(1))


def test_a_name_that_no_source_lists_cannot_be_linked(census: Census) -> None:
    synced(census, 0, openrouter(said()))
    with pytest.raises(NotFound):
        linking.link(census.store, "openrouter", "nothing", SONNET, "ada", "because", at(1))


def test_a_use_is_priced_by_the_price_of_its_time(census: Census) -> None:
    synced(census, 0, openrouter(said(price="0.000003")))
    synced(census, 48, openrouter(said(price="0.000002")))
    usage = Usage(input=1_000_000)
    later = now(census, 100)
    assert price(later, SONNET, usage, at(1)).cost.total == Decimal("3")
    assert price(later, SONNET, usage, at(49)).cost.total == Decimal("2")
    assert price(later, SONNET, usage, at(1)).origins["input"].observed_at == at(0)
    with pytest.raises(NotFound):
        price(later, SONNET, usage, at(-1))


def test_a_price_that_nobody_says_is_not_zero(census: Census) -> None:
    unpriced = {name: value for name, value in said().items() if name != "pricing"}
    synced(census, 0, openrouter(unpriced))
    bill = price(now(census, 1), SONNET, Usage(input=1000), at(1)).cost
    assert (bill.total, bill.missing) == (None, ("input",))


def test_every_revision_follows_from_the_snapshots_of_its_time(census: Census) -> None:
    synced(census, 0, many(*lab(20), SONNET))
    synced(census, 1, costs(claude_sonnet_4_5=(0.000004, 0.000015)), "litellm")
    linking.link(census.store, "litellm", "claude-sonnet-4-5", "lab/model-0", "ada", "to see it", at(1.5))
    synced(census, 2, many(*lab(20), SONNET, price="0.003"))
    plan: Plan = catalog.current_plan(now(census, 3), now=at(3))
    applying.apply(census.store, plan.digest, "ada", at(3), released={name: "right" for name, _ in held(plan)})
    for hours in (30, 60):
        synced(census, hours, many(*lab(20)))
    found = list(rebuild(now(census, 100)))
    assert len(found) >= 3
    assert [(each.same_plan, each.same_catalog) for each in found] == [(True, True)] * len(found)


def test_a_translator_that_changed_its_mind_translates_from_the_store_and_is_no_change_of_theirs(
    census: Census, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced(census, 0, openrouter(said()))
    versions = {each.sha256 for each in listings_of(census)}
    from modelcensus.sources.translators import registry

    newer = msgspec.structs.replace(registry.TRANSLATORS["openrouter"], version=99)
    monkeypatch.setitem(registry.TRANSLATORS, "openrouter", newer)
    assert translate(now(census, 1)).translated == 1
    assert {each.sha256 for each in listings_of(census)} == versions


def listings_of(census: Census) -> list[Any]:
    with census.store.reading() as tx:
        return list(listings.listings(tx))


def test_a_model_whose_names_all_come_to_mean_another_is_archived_and_names_its_successor(census: Census) -> None:
    own = {"claude-sonnet-4-5": {"cost": {"input": 3, "output": 15}}}
    synced(census, 0, modelsdev(anthropic=own), "modelsdev")
    assert published(census, "anthropic/claude-sonnet-4-5")["price.input"] == "3"
    updated = synced(census, 1, many(*lab(20), SONNET))
    assert {step.model_id: step.kind for step in updated.plan.steps}[SONNET] is StepKind.NEW
    assert updated.held == 1  # it was the only model there was: the last one is not archived unasked
    assert catalog.update(now(census, 2), now=at(2)).held == 0
    old = browsing.portrait(census.store, "anthropic/claude-sonnet-4-5", now=census.clock()).entry.model
    assert (old.status, old.fields["successor"]) == ("archived", SONNET)
    assert catalog.current_plan(now(census, 3), now=at(3)).steps == ()
    assert [each.same_catalog for each in rebuild(now(census, 100))] == [True] * 3
