"""Listings that name no price (OpenAI, Anthropic, Google, OpenAI-compatible): what facts, lifecycle and filter add.

What the listing itself says counts more than the facts; see ``core.native`` for the rules, and
``docs/howto/native-prices.md`` for the files.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from modelcensus.core import native
from modelcensus.core.catalog.listing import Listing, Offering, Prices, Rates, Snapshot, Stage, Tier, Translated
from modelcensus.core.catalog.modality import modality, words
from modelcensus.core.catalog.units import plain
from modelcensus.core.native import Facts, Said
from modelcensus.sources.translators.contract import Aids
from modelcensus.sources.translators.reading import media, number

_RATES = {"cached_input": "cache_read", "input_audio": "audio_input", "output_audio": "audio_output"}
"""Prices that facts files call otherwise; the rest have the same names."""

MAX_PARAMETERS = 10**14
"""100 trillion parameters: beyond every model there is."""


def translated(snapshot: Snapshot, aids: Aids, provider: str, model: str, said: Said, **own: Any) -> Translated:
    """The listing of a model, and its offering at the provider itself where a price is known.

    ``model`` is its name in facts files. ``own`` are the fields of ``Listing`` that the upstream says itself; what it
    leaves out or gives as None comes from the facts.
    """
    facts = facts_for(aids.facts.get(provider, ()), model)
    told = {field: value for field, value in own.items() if value not in (None, (), Prices())}
    fields = {**_of(facts, aids.today), **_life(said, facts, aids.today), **told}
    fields |= {limit.name: limit.tokens for limit in native.limits(said, facts)}
    inputs, outputs = fields.get("inputs", ()), fields.get("outputs", ())
    fields["capabilities"] = media(inputs, outputs) | told.get("capabilities", {})
    if aids.filter is not None:
        verdict = native.ruling(aids.filter, provider, model, snapshot.data)
        fields |= {"text_llm": verdict.kept, "excluded": None if verdict.kept else verdict.why}
    # What a model takes does not tell what it is for where it makes something else than text, and nobody says what.
    if outputs or fields.get("text_llm") is not False:
        fields["modality"] = modality(inputs, outputs)
    found = Listing(**origin(snapshot), **{"provider": provider, "moving": moving(model), **fields})
    return Translated(found, (offered(found, provider),) if found.prices.known else ())


def origin(snapshot: Snapshot) -> dict[str, Any]:
    """The fields by which a listing or offering remembers its snapshot."""
    return {
        "source": snapshot.source, "category": snapshot.category, "key": snapshot.key, "sha256": snapshot.sha256,
        "observed_at": snapshot.observed_at,
    }  # fmt: skip


def offered(found: Listing, provider: str) -> Offering:
    """The offering of a listing's model, under the listing's own terms."""
    return Offering(
        source=found.source, category=found.category, key=found.key, sha256=found.sha256,
        observed_at=found.observed_at, model_key=found.key, provider=provider, name=found.name, context=found.context,
        max_input=found.max_input, max_output=found.max_output, capabilities=found.capabilities, prices=found.prices,
        stage=found.stage,
    )  # fmt: skip


def facts_for(entries: tuple[Facts, ...], model: str) -> Facts | None:
    """What is known of a model: the user's own entries first, a mere beginning of an id in them too."""
    mine = native.found((each for each in entries if each.origin.own), model)
    return mine or native.found((each for each in entries if not each.origin.own), model)


def parameters(value: object) -> int | None:
    """How many parameters a model has; more than limits can be."""
    found = number(value)
    whole = found is not None and found == found.to_integral_value() and 0 < found <= MAX_PARAMETERS
    return int(found) if found is not None and whole else None


def moving(model: str) -> bool:
    """Whether a name ends as providers end those that point to whichever model is newest."""
    return model.endswith("-latest")


def rates(noted: native.Rates) -> Rates:
    """Prices of a facts file under the catalog's names."""
    return Rates(**{_RATES.get(price, price): plain(value) for price, value in noted.known().items()})


def _of(facts: Facts | None, today: date) -> dict[str, Any]:
    if facts is None:
        return {}
    fields: dict[str, Any] = {"inputs": words(list(facts.reads)), "outputs": words(list(facts.answers))}
    if facts.knowledge_cutoff is not None:
        fields["knowledge_cutoff"] = facts.knowledge_cutoff
    if facts.priced(today):
        tiers = tuple(Tier(above=tier.above, rates=rates(tier.rates)) for tier in facts.tiers)
        fields["prices"] = Prices(base=rates(facts.rates), tiers=tiers)
    return fields


def _life(said: Said, facts: Facts | None, today: date) -> dict[str, Any]:
    # Not "live": that a model is listed says nothing outright, and must not outvote a source that calls it deprecated.
    life = native.lifecycle(said, facts, live=False, today=today)
    days = {"deprecated": life.deprecated, "retires": life.retires}
    return {
        "stage": Stage(life.stage.value),
        "successor": life.successor,
        **{field: day.isoformat() for field, day in days.items() if day is not None},
    }
