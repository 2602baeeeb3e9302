"""A key that is set appears in no log, error, table, file or page, whatever the upstream does with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import inspect, text

from modelcensus.operations import browse
from modelcensus.operations.census import Census
from modelcensus.operations.collect import collect_all
from modelcensus.settings import HttpSettings, Settings, SourceSettings, load, shown
from modelcensus.sources.registry import ADAPTERS
from modelcensus.upstream import Fault, Play, Received, Upstream
from modelcensus.upstream.exchanges import Player, load_example
from modelcensus.wiring import open_census
from tests.web.serving import ask, served

KEY = "sk-very-secret-0123456789"
KEYED = [name for name, adapter in ADAPTERS.items() if adapter.key_header]
QUICK = HttpSettings(read_seconds=2, total_seconds=5, attempts=2, backoff_initial=0.01, backoff_max=0.02)


def well(player: Player) -> Callable[[Received], Play]:
    return player


def refused(_: Player) -> Callable[[Received], Play]:
    return lambda _: Play(b'{"error":{"message":"Incorrect API key provided: %s"}}' % KEY.encode(), status=401)


def repeated_in_a_good_answer(_: Player) -> Callable[[Received], Play]:
    entity = b'{"id":"m","name":"m","key":"%s"}' % KEY.encode()
    return lambda _: Play(b'{"data":[%s],"models":[%s],"has_more":false}' % (entity, entity))


def repeated_in_an_error_that_says_200(_: Player) -> Callable[[Received], Play]:
    return lambda _: Play(b'{"error":"the key %s is not known"}' % KEY.encode())


def led_elsewhere(_: Player) -> Callable[[Received], Play]:
    return lambda _: Play(fault=Fault.REDIRECT, location=f"http://10.0.0.1/?api_key={KEY}")


def broken_after_a_page(player: Player) -> Callable[[Received], Play]:
    def play(request: Received) -> Play:
        return player(request) if len(player.requests) < 2 else Play(b"", fault=Fault.RESET)

    return play


@pytest.mark.parametrize(
    "upstream",
    [well, refused, repeated_in_a_good_answer, repeated_in_an_error_that_says_200, led_elsewhere, broken_after_a_page],
)
def test_the_key_is_nowhere(
    upstream: Callable[[Player], Callable[[Received], Play]],
    tmp_path: Path,
    database_url: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    requests: list[Received] = []
    told = []
    for name in KEYED:
        path = ADAPTERS[name].example
        assert path is not None
        example = msgspec.structs.replace(load_example(path), key=KEY)
        with Upstream(upstream(Player(example=example, key_header=ADAPTERS[name].key_header))) as up:
            base = up.url.replace("http://", f"http://user:{KEY}@") + example.base
            given = SourceSettings(key=KEY, base_url=base, options=example.options, requests_per_second=1000)
            settings = Settings(
                database_url=database_url, http=QUICK, sources={name: given}, journal_folder=str(tmp_path / "journals")
            )
            with open_census(settings) as census:
                told += list(collect_all(census, [census.sources[name]]))
            requests += up.requests
    with open_census(settings) as census:
        places = {
            "the records": msgspec.json.encode([told, browse.sources(census), browse.syncs(census.store, limit=500)]),
            "the quarantine": msgspec.json.encode(browse.quarantine_list(census.store)),
            "the tables": dump(census),
            "the pages": pages(census),
            "the logs": caplog.text.encode(),
            "the addresses": " ".join(f"{request.path}?{request.query}" for request in requests).encode(),
            "the output": "".join(capfd.readouterr()).encode(),
            "the files": b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()),
        }
    assert told
    assert any(KEY in str(request.headers) for request in requests)
    assert [place for place, said in places.items() if KEY.encode() in said] == []


def test_a_key_in_the_settings_is_shown_as_stars(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"OPENAI_API_KEY": KEY, "MODELCENSUS_SOURCES__ANTHROPIC__KEY": KEY, "HF_TOKEN": KEY})
    assert KEY not in repr(shown(loaded))
    assert loaded.settings.sources["huggingface"].key == KEY


def dump(census: Census) -> bytes:
    """Every row of every table as text."""
    with census.store.reading() as tx:
        tables = inspect(tx).get_table_names()
        rows = [[bytes(v) if isinstance(v, memoryview) else v for v in row] for table in tables
                for row in tx.execute(text(f'SELECT * FROM "{table}"'))]  # fmt: skip
    return repr(rows).encode()


def pages(census: Census) -> bytes:
    """The first page, the lists of the API, and the page of every key."""
    with served(census) as address:
        keys = [version.key for version in browse.as_of(census.store, census.clock())]
        paths = ["/", "/api/sources", "/api/syncs", "/api/entities", *(f"/find?q={key}" for key in keys[:3])]
        return b"".join(ask(address, path).content for path in paths)
