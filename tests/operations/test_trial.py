"""The connector kit passes a sound adapter and catches every unsound one, and the how-to says what is true."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from modelcensus.core.errors import InvalidInput, KeyRefused, NotThere, SourceError, UpstreamBroken
from modelcensus.core.reading import Slice, Split
from modelcensus.operations.trial import TRIALS, Outcome, try_adapter
from modelcensus.operations.trial.difference import difference
from modelcensus.operations.trial.misbehaving import GROUPS
from modelcensus.sources.adapter import Adapter, Ask, Call, Gap
from modelcensus.sources.http import Answer, HttpClient, HttpLimits
from modelcensus.upstream import Fault, Upstream
from modelcensus.upstream.exchanges import Player, Strike, load_example, rearranged, struck

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "add-a-source.md"
_FIRST_RUN = tuple(trial for trial in TRIALS if trial.group != "misbehaviour")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Adapter]:
    """The adapter of the how-to, as a package on disk would bring it."""
    folder = tmp_path / "lab_catalog"
    folder.mkdir()
    text = HOWTO.read_text()
    (folder / "__init__.py").write_text("")
    (folder / "source.py").write_text(block(text, "python"))
    (folder / "lab.json").write_text(block(text, "json"))
    monkeypatch.syspath_prepend(tmp_path)
    from lab_catalog.source import ADAPTER  # type: ignore[import-not-found]  # made above

    yield ADAPTER
    for name in [name for name in sys.modules if name.startswith("lab_catalog")]:
        del sys.modules[name]


def block(text: str, language: str) -> str:
    found = re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def with_call(adapter: Adapter, **changes: Any) -> Adapter:
    (call,) = adapter.calls
    return msgspec.structs.replace(adapter, calls=(msgspec.structs.replace(call, **changes),))


def with_split(adapter: Adapter, split: Callable[[bytes], Split]) -> Adapter:
    (call,) = adapter.calls
    return with_call(adapter, document=msgspec.structs.replace(call.document, split=split))


def outcomes(adapter: Adapter, *titles: str) -> list[Outcome]:
    chosen = tuple(t for t in TRIALS if any(title in t.title for title in titles)) if titles else _FIRST_RUN
    assert chosen
    return list(try_adapter(adapter, trials=chosen))


def failures(adapter: Adapter, *titles: str) -> str:
    failed = [each for each in outcomes(adapter, *titles) if each.verdict == "failed"]
    return "\n".join(f"{each.title}: {each.problem}" for each in failed)


def test_the_adapter_of_the_howto_passes_every_trial(lab: Adapter) -> None:
    found = list(try_adapter(lab))
    assert [each for each in found if each.verdict == "failed"] == []
    assert [each.title for each in found if each.verdict == "spared"] == [
        "'not modified' is asked for, and is no change"
    ]


def test_it_runs_in_a_given_database_too(lab: Adapter, database_url: str) -> None:
    found = list(try_adapter(lab, database_url=database_url, trials=TRIALS[:4]))
    assert [each.verdict for each in found] == ["passed"] * 4


def test_every_fault_is_in_one_group() -> None:
    assert sorted(fault.name for group in GROUPS.values() for fault in group) == sorted(fault.name for fault in Fault)


def test_who_ignores_the_next_page_is_caught(lab: Adapter) -> None:
    def fetch(ask: Ask) -> Iterator[Answer]:
        yield ask.get("models", ask.query)

    told = failures(with_call(lab, fetch=fetch), "read whole", "every page")
    assert "the sync of model ended incomplete" in told
    blind = with_split(with_call(lab, fetch=fetch), blind_split(lab.calls[0]))
    told = failures(blind, "read whole", "every page")
    assert "3 of 6 expected entities are missing: model lab/five, model lab/four, model lab/six" in told


def blind_split(call: Call) -> Callable[[bytes], Split]:
    """Takes every page for the last one."""
    return lambda body: msgspec.structs.replace(call.document.split(body), more=False, truncated=False)


def test_a_fetch_that_raises_key_error_is_caught(lab: Adapter) -> None:
    def fetch(ask: Ask) -> Iterator[Answer]:
        answer = ask.get("models", ask.query)
        yield answer
        while cursor := json.loads(answer.body)["next"]:
            answer = ask.get("models", {**ask.query, "cursor": cursor})
            yield answer

    assert "fetch of model raised JSONDecodeError" in failures(with_call(lab, fetch=fetch), "cut or broken")
    told = failures(with_call(lab, fetch=fetch), "refusals and failures")
    assert "on exchange 1: fetch of model raised KeyError: 'next'" in told


def test_a_split_that_raises_is_caught(lab: Adapter) -> None:
    def split(body: bytes) -> Split:
        return Split(slices=[Slice("model", m["id"], json.dumps(m).encode()) for m in json.loads(body)["data"]])

    assert "split of model raised" in failures(with_split(lab, split), "an empty catalog")


def test_who_swallows_errors_is_caught(lab: Adapter) -> None:
    def fetch(ask: Ask) -> Iterator[Answer | Gap]:
        try:
            yield from lab.calls[0].fetch(ask)
        except SourceError:
            return

    swallowing = with_split(with_call(lab, fetch=fetch), blind_split(lab.calls[0]))
    told = failures(swallowing, "cut or broken")
    assert "went unnoticed" in told or "were removed" in told


def test_keys_that_depend_on_the_order_are_caught(lab: Adapter) -> None:
    def split(body: bytes) -> Split:
        found = lab.calls[0].document.split(body)
        page = len(body)
        slices = [Slice(each.category, f"{page}/{n}", each.raw) for n, each in enumerate(found.slices)]
        return msgspec.structs.replace(found, slices=slices)

    (told,) = outcomes(with_split(lab, split), "read whole")
    assert told.details[0].startswith("6 entities came that nobody expects")


def test_data_that_depends_on_the_order_is_caught(lab: Adapter) -> None:
    places: dict[int, list[str]] = {}

    def split(body: bytes) -> Split:
        """Takes each place of a page for the entity that stood there first."""
        found = lab.calls[0].document.split(body)
        first = places.setdefault(int(found.more), [each.key for each in found.slices])
        slices = [Slice(each.category, key, each.raw) for each, key in zip(found.slices, first, strict=True)]
        return msgspec.structs.replace(found, slices=slices)

    assert failures(with_split(lab, split), "read whole") == ""
    told = failures(with_split(lab, split), "another order")
    assert "the same entities in another order: model ended complete with 4 changes" in told


def test_a_key_in_the_address_is_caught(lab: Adapter) -> None:
    def fetch(ask: Ask) -> Iterator[Answer | Gap]:
        for answer in lab.calls[0].fetch(ask):
            yield answer
            ask.get("models", {**ask.query, "api_key": "example-key"})

    assert "the key stands in an address" in failures(with_call(lab, fetch=fetch), "the key is sent")


def test_a_needed_key_without_a_header_is_caught(lab: Adapter) -> None:
    nameless = msgspec.structs.replace(lab, key_header=None)
    assert "needs a key but has no key_header" in failures(nameless, "the key is sent")


def test_the_player_answers_by_path_query_and_key(lab: Adapter) -> None:
    assert lab.example
    player = Player(load_example(lab.example), key_header="Authorization")
    limits = HttpLimits(attempts=1)
    with Upstream(player) as up:
        base = player.base_url(up.url)
        with HttpClient(base, limits=limits) as stranger, pytest.raises(KeyRefused):
            stranger.get("models?limit=3")
        with HttpClient(base, headers={"Authorization": "Bearer example-key"}, limits=limits) as known:
            assert b"lab/one" in known.get("models?limit=3").body
            assert b"lab/four" in known.get("models?cursor=b&limit=3").body
            with pytest.raises(NotThere):
                known.get("models?limit=4")
            player.strike = Strike(fault=Fault.SERVER_ERROR, exchanges=frozenset({1}), times=1)
            assert b"lab/one" in known.get("models?limit=3").body
            with pytest.raises(UpstreamBroken):
                known.get("models?cursor=b&limit=3")
            assert b"lab/four" in known.get("models?cursor=b&limit=3").body
    assert player.answered == [0, 0, 1, None, 0, 1, 1]


def test_who_follows_a_circle_of_pages_for_ever_is_caught(lab: Adapter) -> None:
    def fetch(ask: Ask) -> Iterator[Answer]:
        cursor: str | None = ""
        while cursor is not None:
            answer = ask.get("models", {**ask.query, **({"cursor": cursor} if cursor else {})})
            yield answer
            cursor = json.loads(answer.body).get("next")

    assert "followed for ever" in failures(with_call(lab, fetch=fetch), "in a circle")


def test_who_leaves_out_what_it_cannot_read_is_caught(lab: Adapter) -> None:
    def split(body: bytes) -> Split:
        return msgspec.structs.replace(lab.calls[0].document.split(body), faults=[])

    told = failures(with_split(lab, split), "wrong entities")
    assert "were removed" in told


def test_who_never_asks_with_an_etag_is_not_blamed_where_it_says_so(lab: Adapter) -> None:
    (outcome,) = outcomes(lab, "'not modified'")
    assert (outcome.verdict, outcome.problem) == ("spared", "none of its calls is conditional and one page long")


def test_another_order_of_requests_after_an_interruption_is_caught(lab: Adapter, tmp_path: Path) -> None:
    example = json.loads(block(HOWTO.read_text(), "json"))
    first, last = example["exchanges"]
    example["exchanges"] = [
        first,
        {**last, "body": {"data": last["body"]["data"][:1], "next": "c"}},
        {"path": last["path"], "query": {"cursor": "c"}, "body": {"data": last["body"]["data"][1:]}},
    ]
    kept = tmp_path / "three-pages.json"
    kept.write_text(json.dumps(example))
    sound = msgspec.structs.replace(lab, example=kept)
    assert failures(sound, "goes on there") == ""
    runs = iter(range(1000))

    def fetch(ask: Ask) -> Iterator[Answer]:
        run = str(next(runs))
        answer = ask.get("models", {**ask.query, "run": run})
        yield answer
        while cursor := json.loads(answer.body).get("next"):
            answer = ask.get("models", {**ask.query, "cursor": cursor, "run": run})
            yield answer

    assert "asked for 3 again" in failures(with_call(sound, fetch=fetch), "goes on there")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "is wrong"),
        ('{"about": "x", "expected": {}}', "needs either exchanges or a file"),
        ('{"about": "x", "expected": {"model": {"a": {}}}}', "needs either exchanges or a file"),
        ('{"about": "x", "surprise": 1, "expected": {}}', "surprise"),
    ],
)
def test_a_wrong_example_is_told_in_one_line(lab: Adapter, tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=says) as told:
        list(try_adapter(msgspec.structs.replace(lab, example=path)))
    assert told.value.hint
    with pytest.raises(InvalidInput, match="cannot be read"):
        load_example(tmp_path / "nowhere.json")


def test_an_adapter_without_an_example_is_told_to_ship_one(lab: Adapter) -> None:
    with pytest.raises(InvalidInput, match="ships no example"):
        list(try_adapter(msgspec.structs.replace(lab, example=None)))


def test_a_difference_names_what_is_missing_and_what_is_other() -> None:
    lines = difference(
        {("model", "a"): b'{"x":1}', ("model", "b"): b"{}"}, {("model", "a"): b'{"x":2}', ("model", "c"): b"{}"}
    )
    assert lines == [
        "1 of 2 expected entities are missing: model b",
        "1 entities came that nobody expects: model c",
        "1 entities are not as expected: model a",
        "a: x should be 1, is 2",
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":[{"id":"a"},{"id":"b"}],"n":1}',
        b'{"models":[{"id":"a"},{"id":"b"}],"token":"t"}',
        b'{"data":{"list":[{"id":"a"},{"id":"b"}],"n":2}}',
        b'[{"id":"a"},{"id":"b"}]',
        b'{"a":{"id":"a"},"b":{"id":"b"}}',
    ],
)
def test_half_a_list_is_half_wherever_the_list_stands(body: bytes) -> None:
    half = struck(body, Fault.HALF_LIST)
    assert (b'"a"' in half, b'"b"' in half) == (True, False)
    turned = rearranged(body)
    assert turned.index(b'"b"') < turned.index(b'"a"')
    assert b"NaN" in struck(body, Fault.NAN)


def test_the_order_of_a_table_is_turned_below_its_head() -> None:
    assert rearranged(b"id,name\na,A\nb,B\n") == b"id,name\nb,B\na,A\n"
