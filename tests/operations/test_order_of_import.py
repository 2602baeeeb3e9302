"""The law of two times: in whatever order readings are recorded, the history is that of their observed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.sources import modelsdev, openrouter
from modelcensus.sources.adapter import Adapter
from tests.builders import as_json, at, census_at, imported_as, rows, source_of

KEYS = ("a", "b", "c", "d", "e")
_numbers = count(1)


@dataclass(frozen=True)
class Read:
    """One reading of a history: what upstream answered, and whether a person vouched for it."""

    body: bytes
    accepted: bool = False


@dataclass(frozen=True)
class History:
    """Readings in observed order, one an hour, and an order in which to record them."""

    readings: tuple[Read, ...]
    order: tuple[int, ...] = field(default=())


def told(census: Census, adapter: Adapter, history: History, order: Sequence[int]) -> dict[str, Any]:
    """Record a history in an order, under a source name of its own, and ask for all that the census says of it."""
    source = source_of(adapter, f"s{next(_numbers)}")
    for index in order:
        reading = history.readings[index]
        result = imported_as(census, reading.body, index, source, accept_smaller=reading.accepted)
        assert result.error is None
    return {
        "as of": [as_of(census, source.name, hour) for hour in range(len(history.readings))],
        "changes": changes(census, source.name),
        "versions": versions(census, source.name),
        "metrics": metrics(census, source.name),
        "verdicts": verdicts(census, source.name),
    }


def as_of(census: Census, source: str, hour: int) -> dict[tuple[str, str], str]:
    found = browse.as_of(census.store, at(hour), source=source)
    return {(version.category, version.key): bytes(version.data or b"").decode() for version in found}


def changes(census: Census, source: str) -> list[tuple[Any, ...]]:
    found = browse.changes(census.store, source=source, newest_first=False)
    return [(c.observed_at, c.category, c.key, c.kind.value, msgspec.to_builtins(c.fields)) for c in found]


def keys(census: Census, source: str) -> list[tuple[str, str]]:
    sql = "SELECT e.category, e.key FROM entity e JOIN source s ON s.id = e.source_id WHERE s.name = :source"
    return sorted((category, key) for category, key in rows(census.store, sql, source=source))


def versions(census: Census, source: str) -> dict[tuple[str, str], list[tuple[int, str | None]]]:
    return {
        (category, key): [
            (version.observed_at, version.sha256)
            for version in browse.history(census.store, key, source=source, category=category)
        ]
        for category, key in keys(census, source)
    }


def metrics(census: Census, source: str) -> dict[str, list[tuple[str, int, float | None]]]:
    return {
        key: [(p.name, p.observed_at, p.value) for p in browse.metrics(census.store, key, source=source)]
        for category, key in keys(census, source)
        if category == "model"
    }


def verdicts(census: Census, source: str) -> list[tuple[Any, ...]]:
    """The verdict in force of each reading."""
    sql = """SELECT c.observed_at, c.category, c.live_before, c.removes
    FROM coverage c JOIN source s ON s.id = c.source_id WHERE s.name = :source
    AND c.sync_id = (SELECT max(d.sync_id) FROM coverage d WHERE d.source_id = c.source_id
    AND d.category = c.category AND d.observed_at = c.observed_at) ORDER BY c.observed_at, c.category"""
    return rows(census.store, sql, source=source)


def good(key: str, value: int, score: int | None) -> bytes:
    members = {"id": key, "v": value} | ({"benchmarks": {"score": score}} if score is not None else {})
    return as_json(members)


BROKEN = (
    b'{"id":"%s","v":NaN}',  # the name can be read
    b'{"v":NaN,"id":"%s"}',  # the name cannot
    b'{"id":"%s","v":1,"v":2}',
    b'{"id":["%s"]}',
    b'"%s"',
)
FRAMES = (b"[]", b"{}", b'{"error":{"message":"busy"}}', b'"%s"', b'{"data":{}}', b"", b'{"data":[]}')


def entities() -> st.SearchStrategy[bytes]:
    key = st.sampled_from(KEYS)
    sound = st.builds(good, key, st.integers(0, 1), st.sampled_from([None, None, 1, 2]))
    broken = st.builds(lambda text, name: text.replace(b"%s", name.encode()), st.sampled_from(BROKEN), key)
    return st.one_of(sound, sound, sound, sound, sound, broken)


def catalog(items: list[bytes], total: int | None) -> bytes:
    tail = b"" if total is None else b',"total_count":%d' % total
    return b'{"data":[' + b",".join(items) + b"]" + tail + b"}"


def bodies() -> st.SearchStrategy[bytes]:
    lists = st.lists(entities(), max_size=6)
    whole = st.builds(catalog, lists, st.just(None))
    counted = st.builds(lambda items, more: catalog(items, len(items) + more), lists, st.integers(0, 1))
    cut = st.builds(lambda body, share: body[: len(body) * share // 8], whole, st.integers(1, 7))
    full = st.builds(lambda values: catalog([good(k, v, None) for k, v in zip(KEYS, values, strict=True)], None),
                     st.lists(st.integers(0, 1), min_size=5, max_size=5))  # fmt: skip
    return st.one_of(whole, whole, whole, full, counted, cut, st.sampled_from(FRAMES))


def provider_documents() -> st.SearchStrategy[bytes]:
    one = st.dictionaries(st.sampled_from(["m", "n"]), st.integers(0, 1), max_size=2)
    models = st.builds(lambda m: {"models": {name: {"v": value} for name, value in m.items()}}, one)
    provider = st.one_of(models, models, models, st.sampled_from([{"models": []}, {"name": "x"}, {"models": None}, 5]))
    whole = st.builds(as_json, st.dictionaries(st.sampled_from(KEYS), provider, max_size=5))
    cut = st.builds(lambda body, share: body[: len(body) * share // 8], whole, st.integers(1, 7))
    return st.one_of(whole, whole, whole, cut)


@st.composite
def histories(draw: st.DrawFn, body: st.SearchStrategy[bytes]) -> History:
    accepted = st.sampled_from([False, False, False, True])
    readings = draw(st.lists(st.builds(Read, body, accepted), min_size=2, max_size=6))
    return History(tuple(readings), tuple(draw(st.permutations(range(len(readings))))))


def hold(census: Census, adapter: Adapter, history: History) -> None:
    """The law for one history."""
    in_order = told(census, adapter, history, range(len(history.readings)))
    otherwise = told(census, adapter, history, history.order)
    for what, expected in in_order.items():
        assert otherwise[what] == expected, what


@pytest.fixture(scope="module")
def sqlite_census(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Census]:
    """One file for all examples: each has its own sources in it."""
    with census_at(f"sqlite:///{tmp_path_factory.mktemp('law') / 'census.db'}") as census:
        yield census


@pytest.fixture
def postgres_census(postgres_url: str) -> Iterator[Census]:
    with census_at(postgres_url) as census:
        yield census


_quiet = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


FIVE = catalog([good(key, 0, None) for key in KEYS], None)
A_SOUND_AND_A_BROKEN_COPY = Read(catalog([good("a", 1, None), b'{"id":"a","v":NaN}'], None))
NUMBERS_THEN_BROKEN = (
    Read(b'{"data":[]}'),
    Read(catalog([good("a", 0, 1)], None)),
    Read(b'{"data":[{"id":"a","v":NaN}]}'),
)


@example(history=History((Read(FIVE), A_SOUND_AND_A_BROKEN_COPY), (1, 0)))
@example(history=History(NUMBERS_THEN_BROKEN, (0, 2, 1)))
@given(history=histories(bodies()))
@settings(max_examples=220, deadline=None, suppress_health_check=_quiet)
def test_any_order_of_recording_gives_one_history(sqlite_census: Census, history: History) -> None:
    hold(sqlite_census, openrouter.ADAPTER, history)


@given(history=histories(bodies()))
@settings(max_examples=35, deadline=None, suppress_health_check=_quiet)
def test_any_order_of_recording_gives_one_history_on_postgresql(postgres_census: Census, history: History) -> None:
    hold(postgres_census, openrouter.ADAPTER, history)


@given(history=histories(provider_documents()))
@settings(max_examples=120, deadline=None, suppress_health_check=_quiet)
def test_any_order_of_recording_two_categories_gives_one_history(sqlite_census: Census, history: History) -> None:
    hold(sqlite_census, modelsdev.ADAPTER, history)
