"""Many listings of one model become one: whose word counts for which field, and where the others say something else.

Two rules beside the order of sources: one source has one voice for a field (its listing that is nearest to the model's
own name), and a price below the first source's is taken in only from a source that agrees with it on input and output,
so that no model is priced half by one catalog and half by another that sees it differently.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

import msgspec

from modelcensus.core.catalog.fields import fields_of, number, says_free
from modelcensus.core.catalog.listing import Listing
from modelcensus.core.catalog.model import FIELDS, Disagreement, Field, Merged, Origin, Value
from modelcensus.core.errors import InvalidInput

OWN = "@lab"
"""After a source's name: only what it says of the model at the lab that made it, not at a reseller."""
OTHERS = "*"
"""Every source that the order does not name, by name."""

_NATIVE = ("anthropic", "google", "openai")
_DIRECTORIES = frozenset(("modelsdev", "litellm", "genai-prices"))
_CATALOGS = ("modelsdev@lab", "litellm@lab", "genai-prices@lab")
DEFAULT: Mapping[str, tuple[str, ...]] = {
    "": (*_NATIVE, "openrouter", *_CATALOGS, "huggingface", "artificialanalysis", "*@lab"),
    "name": ("openrouter", *_NATIVE, "modelsdev@lab", "huggingface", "artificialanalysis", "*"),
    "description": ("openrouter", *_NATIVE, "modelsdev@lab", "huggingface", "*"),
    "price": (*_NATIVE, "openrouter", *_CATALOGS, "*@lab"),
    "stage": (*_NATIVE, "modelsdev@lab", "litellm@lab", "openrouter", "*@lab"),
    "deprecated": (*_NATIVE, "modelsdev@lab", "litellm@lab", "openrouter", "*@lab"),
    "retires": (*_NATIVE, "modelsdev@lab", "litellm@lab", "openrouter", "*@lab"),
    "released": (*_NATIVE, "modelsdev@lab", "openrouter", "*@lab"),
    "licence": ("huggingface", "modelsdev@lab", "openrouter", "*@lab"),
    "open_weights": ("huggingface", "modelsdev@lab", "openrouter", "*@lab"),
    "parameters": ("huggingface", "modelsdev@lab", "openrouter", "*@lab"),
    "hugging_face_id": ("huggingface", "openrouter", "*"),
    "benchmarks": ("artificialanalysis", "openrouter", "*"),
}
"""Sources in order, first wins, by path; the longest path that fits a field decides, ``""`` where none does."""

PRICES_DIFFER = Decimal("0.005")
"""Prices further apart than this share of the larger one are a disagreement."""
_NEVER_DISAGREE = frozenset(
    ("name", "description", "provider", "lab", "successor", "hugging_face_id", "links", "benchmarks")
)
_DAYS = frozenset(("released", "knowledge_cutoff", "deprecated", "retires"))


class Precedence(msgspec.Struct, frozen=True):
    """Whose word counts, by path, as in ``DEFAULT``."""

    orders: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=lambda: DEFAULT)

    def order(self, path: str) -> tuple[str, tuple[str, ...]]:
        """The path that decides for a field, and its order."""
        at = path
        while at and at not in self.orders:
            at = at.rpartition(".")[0]
        return at, self.orders.get(at, DEFAULT[""])


STANDARD = Precedence()
"""Where the settings say nothing."""


def precedence(settings: Mapping[str, Sequence[str]]) -> Precedence:
    """The default order with some paths set otherwise. Raises ``InvalidInput`` for a path that no field has."""
    for path, order in settings.items():
        if path.partition(".")[0] not in FIELDS:
            raise InvalidInput(f"no field begins with '{path}'", f"the fields are {', '.join(FIELDS)}")
        if isinstance(order, str) or not order:
            raise InvalidInput(f"the order of '{path}' names no source", f'write {path} = ["openrouter", "*@lab"]')
    return Precedence({**DEFAULT, **{path: tuple(order) for path, order in settings.items()}})


class _Voice(msgspec.Struct, frozen=True):
    """One listing, taken apart once."""

    source: str
    own: bool
    nearness: tuple[int, str, str, str, int]
    origin: Origin
    fields: dict[str, Value]
    unpriced: bool


def merge(model_id: str, listings: Sequence[Listing], offerings: int = 0, precedence: Precedence = STANDARD) -> Merged:
    """One model out of all listings that are linked to it; the order in which they are given does not matter."""
    voices = sorted((_voice(model_id, listing) for listing in listings), key=lambda voice: voice.nearness)
    heard: dict[str, list[tuple[_Voice, Value]]] = {}
    for voice in voices:
        for path, value in voice.fields.items():
            heard.setdefault(path, []).append((voice, value))
    ranked = {path: _ranked(precedence.order(path)[1], said) for path, said in heard.items()}
    _follow_no_zeros(ranked)
    _keep_prices_whole(ranked, precedence)
    _keep_limits_whole(ranked)
    fields: dict[str, Field] = {}
    disagreements = []
    for path in sorted(ranked, key=place):
        said = ranked[path]
        if not said:
            continue
        fields[path] = Field(said[0][1], said[0][0].origin)
        if len(said) > 1 and (disagreement := _disagreement(path, said, precedence)):
            disagreements.append(disagreement)
    return Merged(
        id=model_id,
        fields=fields,
        disagreements=tuple(disagreements),
        sources=tuple(sorted({listing.source for listing in listings})),
        offerings=offerings,
    )


_PLACES = {name: index for index, name in enumerate(FIELDS)}


@lru_cache(maxsize=4096)
def place(path: str) -> tuple[int, str]:
    """Sorts paths in the order in which fields are shown."""
    return _PLACES.get(path.partition(".")[0], len(_PLACES)), path


def agree(path: str, one: Value, other: Value) -> bool:
    """Whether two sources say the same of a field, as far as it can be told."""
    if one == other and type(one) is type(other):
        return True
    if path.startswith("price."):
        return _same_money(one, other)
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(str, one)) == sorted(map(str, other))
    if path in _DAYS and isinstance(one, str) and isinstance(other, str):
        # "2026-03" and "2026-03-01" are one day, told less and more exactly.
        return one.startswith(other) or other.startswith(one)
    if path == "licence" and isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return False


def _same_money(one: Value, other: Value) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same_money(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same_money, one, other))
    first, second = number(one), number(other)
    if first is None or second is None:
        return bool(one == other)
    return abs(first - second) <= PRICES_DIFFER * max(abs(first), abs(second))


def _voice(model_id: str, listing: Listing) -> _Voice:
    lab = model_id.partition("/")[0].casefold()
    provider = (listing.provider or "").casefold()
    own = not provider or provider == lab or provider == (listing.lab or "").casefold()
    name = model_id.rpartition("/")[2].casefold()
    fields = fields_of(listing)
    distance = 0 if listing.key == model_id else 1 if listing.key.casefold().rpartition("/")[2] == name else 2
    return _Voice(
        source=listing.source,
        own=own,
        nearness=(distance + (0 if own else 3), listing.category, listing.key, listing.sha256, -listing.observed_at),
        origin=Origin(listing.source, listing.category, listing.key, listing.sha256, listing.observed_at),
        fields=fields,
        unpriced=_is_unpriced(listing, fields),
    )


def _is_unpriced(listing: Listing, fields: Mapping[str, Value]) -> bool:
    """A directory's prices that are all 0 without a word of "free" are not the model's: a trial, a subscription, a gap.

    Who sells the model, or routes to it, is believed.
    """
    if listing.source not in _DIRECTORIES or says_free(f"{listing.key} {listing.name or ''}"):
        return False
    return all(number(value) == 0 for path, value in fields.items() if path.startswith("price."))


def _follow_no_zeros(ranked: dict[str, list[tuple[_Voice, Value]]]) -> None:
    """Lets the zeros of voices that name no real price be seen, and never be followed."""
    for path, said in ranked.items():
        if path.startswith("price."):
            said.sort(key=lambda entry: entry[0].unpriced)
            if said and said[0][0].unpriced:
                said.clear()


@lru_cache(maxsize=4096)
def _rank(order: tuple[str, ...], source: str, own: bool) -> int | None:
    """Which place a source has in an order; None where it has no word."""
    named = any(entry.removesuffix(OWN) == source for entry in order)
    name = source if named else OTHERS
    return next((index for index, entry in enumerate(order) if entry == name or (own and entry == name + OWN)), None)


def _ranked(order: tuple[str, ...], said: Sequence[tuple[_Voice, Value]]) -> list[tuple[_Voice, Value]]:
    """One voice of each source that counts for the field, first the one that is followed."""
    chosen: dict[str, tuple[tuple[int, str], tuple[_Voice, Value]]] = {}
    for voice, value in said:
        rank = _rank(order, voice.source, voice.own)
        if rank is None:
            continue
        best = chosen.get(voice.source)
        # The voices come nearest first, so that an equal rank does not replace what is there.
        if best is None or rank < best[0][0]:
            chosen[voice.source] = ((rank, voice.source), (voice, value))
    return [entry for _, entry in sorted(chosen.values(), key=lambda pair: pair[0])]


def _keep_limits_whole(ranked: dict[str, list[tuple[_Voice, Value]]]) -> None:
    """Takes out a limit of the prompt by a source that sees another window than the one that is followed.

    An input limit of 200,000 beside a window of a million is that of another offer. The maker's own word counts.
    """
    windows = ranked.get("context")
    if not windows:
        return
    leader, window = windows[0]
    seen = {voice.source: value for voice, value in windows}
    ranked["max_input"] = [
        (voice, value)
        for voice, value in ranked.get("max_input", [])
        if voice is leader or voice.source in _NATIVE or seen.get(voice.source) == window
    ]


def _keep_prices_whole(ranked: dict[str, list[tuple[_Voice, Value]]], precedence: Precedence) -> None:
    """Takes out the prices of listings that contradict the leading ones, where they alone would fill a gap.

    A price with an order of its own in the settings is left to it.
    """
    path = next((path for path in ("price.variable", "price.input", "price.output") if ranked.get(path)), None)
    if path is None:
        return
    leader, order = ranked[path][0][0], precedence.order(path)
    for path in [path for path in ranked if path.startswith("price.") and precedence.order(path) == order]:
        said = ranked[path]
        while said and not _fits(said[0][0], leader):
            if any(voice is leader for voice, _ in said):
                said.sort(key=lambda entry: entry[0] is not leader)
                break
            said.pop(0)


def _fits(voice: _Voice, leader: _Voice) -> bool:
    if voice is leader:
        return True
    # A leading source whose price varies shares no number with anybody: nothing is filled in then.
    main = ("price.input", "price.output")
    shared = [path for path in main if path in voice.fields and path in leader.fields]
    return bool(shared) and all(agree(path, voice.fields[path], leader.fields[path]) for path in shared)


def _disagreement(path: str, said: list[tuple[_Voice, Value]], precedence: Precedence) -> Disagreement | None:
    if path.partition(".")[0] in _NEVER_DISAGREE:
        return None
    first = said[0][1]
    others = [voice.source for voice, value in said if value is not first and not agree(path, first, value)]
    if not others:
        return None
    followed = said[0][0].source
    at, order = precedence.order(path)
    names = ", ".join(dict.fromkeys(others))
    known = any(entry.removesuffix(OWN) == followed for entry in order)
    what = f"for {at}" if at else "by default"
    why = f"it comes before {names} in the order of sources {what}" if known else f"no other source counts more {what}"
    return Disagreement(
        path=path,
        said=tuple(Field(value, voice.origin) for voice, value in said),
        reason=f"{followed} is followed: {why}",
    )
