"""Small payloads and censuses, with defaults for everything a test does not care about."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from modelcensus.core.records import SyncRecord
from modelcensus.core.times import to_micros
from modelcensus.operations.census import Census, Source
from modelcensus.operations.replay import Imported, import_readings
from modelcensus.settings import HttpSettings, Settings, SourceSettings
from modelcensus.sources.adapter import Adapter
from modelcensus.store.engine import Store
from modelcensus.wiring import configured_sources, open_census, utc_now

START = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
QUICK = HttpSettings(connect_seconds=2, read_seconds=2, total_seconds=5, attempts=1, backoff_initial=0.01)
"""Limits for upstreams on this machine: no second attempt, no long wait."""


def model(
    id: str = "lab/one",  # noqa: A002  # the field's name
    *,
    price: str = "0.000001",
    **fields: Any,
) -> dict[str, Any]:
    """One OpenRouter model; ``price`` is dollars per prompt token."""
    return {"id": id, "name": id.title(), "pricing": {"prompt": price, "completion": "0.000002"}, **fields}


def openrouter(*models: Mapping[str, Any] | bytes, **beside: Any) -> bytes:
    """One page of OpenRouter's listing; a model given as bytes goes in as it is."""
    items = b",".join(each if isinstance(each, bytes) else as_json(each) for each in models)
    members = b"".join(b",%s:%s" % (as_json(name), as_json(value)) for name, value in beside.items())
    return b'{"data":[' + items + b"]" + members + b"}"


def modelsdev(**models_by_provider: Sequence[str] | Mapping[str, Any]) -> bytes:
    """models.dev's document: provider -> names of its models, or name -> fields."""
    providers = {}
    for provider, models in models_by_provider.items():
        fields = models if isinstance(models, Mapping) else {name: {} for name in models}
        listed = {name: {"id": name, "cost": {"input": 1.5}, **extra} for name, extra in fields.items()}
        providers[provider] = {"id": provider, "name": provider.title(), "models": listed}
    return as_json(providers)


def genai_prices(**models_by_provider: Sequence[str]) -> bytes:
    """genai-prices' document: provider -> ids of its models."""
    return as_json(
        [
            {
                "id": provider,
                "name": provider.title(),
                "models": [{"id": n, "prices": {"input_mtok": 1}} for n in names],
            }
            for provider, names in models_by_provider.items()
        ]
    )


def as_json(value: Any) -> bytes:
    """JSON text, members in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def at(hours: float = 0) -> int:
    """A time so many hours after ``START``, in microseconds since 1970."""
    return to_micros(START + timedelta(hours=hours))


@contextmanager
def census_at(url: str, **sources: SourceSettings) -> Iterator[Census]:
    """A census at a database, closed at the end; no source is asked unless a test says so."""
    settings = Settings(database_url=url, http=QUICK, sources=sources)
    with open_census(settings, now=utc_now) as census:
        yield census


def source_of(adapter: Adapter, name: str) -> Source:
    """A source of an adapter under any name."""
    return configured_sources(Settings(sources={name: SourceSettings(adapter=adapter.name)}))[name]


def imported(census: Census, body: bytes, hours: float = 0, *, source: str = "openrouter", **options: Any) -> Imported:
    """Import one payload observed so many hours after ``START``, through the public verb."""
    configured = census.sources[source]
    return imported_as(census, body, hours, configured, **options)


def imported_as(census: Census, body: bytes, hours: float, source: Source, **options: Any) -> Imported:
    """Import one payload for a source that need not be configured."""
    with tempfile.NamedTemporaryFile(prefix="reading-", suffix=".json") as file:
        file.write(body)
        file.flush()
        (only,) = import_readings(census, source, Path(file.name), at=at(hours), **options)
    return only


def read(census: Census, body: bytes, hours: float = 0, **options: Any) -> SyncRecord:
    """Import one payload that must be recorded."""
    result = imported(census, body, hours, **options)
    assert result.error is None
    assert result.sync is not None
    return result.sync


def rows(store: Store, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of a query, for what no verb tells."""
    with store.reading() as tx:
        return [tuple(row) for row in tx.execute(text(sql), values)]


TABLES = ("source", "sync", "body", "entity", "snapshot", "coverage", "sighting", "metric", "metric_name", "quarantine")


def everything(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that recording writes."""
    return {
        table: sorted((tuple(map(_plain, row)) for row in rows(store, f"SELECT * FROM {table}")), key=repr)
        for table in TABLES
    }


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    return int(rows(store, f"SELECT count(*) FROM {table}")[0][0])


def _plain(value: Any) -> Any:
    return bytes(value) if isinstance(value, (bytes, memoryview)) else value
