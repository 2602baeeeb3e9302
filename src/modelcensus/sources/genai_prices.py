"""genai-prices: its published ``data.json``, or the same data inside its installed package (https://github.com/pydantic/genai-prices)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib import metadata
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import canonical, envelope, scan
from modelcensus.core.errors import SourceError
from modelcensus.core.faults import Fault
from modelcensus.core.reading import Document, Slice, Split, slice_by_id
from modelcensus.core.times import to_micros
from modelcensus.sources.adapter import Adapter, Get, Payload

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

_PACKAGE = "genai-prices"
_DATES = re.compile(rb"\b(20\d\d)-(\d\d)-(\d\d)\b")


class _Provider(msgspec.Struct):
    id: Any = None


def fetch(get: Get, options: Mapping[str, str]) -> Iterator[Answer]:
    """The one document."""
    yield get("data.json", params=dict(options))


def split(body: bytes) -> Split:
    """``[{id, name, ..., models: [{id, match, prices, ...}]}]``. A model's key is ``provider/id``."""
    listing = envelope.open_listing(body, "providers")
    if listing.fault:
        return Split(faults=[listing.fault], truncated=True)
    found = Split(truncated=not listing.closed)
    for raw in listing.items:
        provider = _provider_id(raw)
        models = envelope.add_provider(found, provider, raw, nested="models")
        if models is None:
            continue
        for item in slice_by_id(models.items, "model"):
            if isinstance(item, Fault):
                key = f"{provider}/{item.key}" if item.key else None
                found.faults.append(msgspec.structs.replace(item, place=f"{provider}{item.place}", key=key))
            else:
                found.slices.append(Slice("model", f"{provider}/{item.key}", item.raw))
    return found


def _provider_id(raw: envelope.Raw) -> Any:
    try:
        return msgspec.json.decode(raw, type=_Provider).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # One broken model must not hide its provider: its id may well be sound.
        return _salvaged_id(raw)


def _salvaged_id(raw: envelope.Raw) -> Any:
    if scan.kind(raw) != "object":
        return None
    parent = scan.members(raw)
    ids = [member for name, member in zip(parent.names, parent.items, strict=True) if name == "id"]
    try:
        return msgspec.json.decode(ids[0]) if len(ids) == 1 else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def offline() -> Payload:
    """The installed package's data in the shape of ``data.json``, observed on the newest date that it mentions.

    The package tells no date of its own; no date in it that was true when it was installed can be newer than the data.
    """
    try:
        distribution = metadata.distribution(_PACKAGE)
        # Imported here: a megabyte of Python objects that only an offline sync needs.
        from genai_prices.data import providers
    except (metadata.PackageNotFoundError, ImportError) as error:
        raise SourceError("the package genai-prices is not installed", "run 'make setup'") from error
    body = canonical.encode([_plain(provider) for provider in providers])
    newest = _newest_date(body, _installed_on(distribution))
    return Payload(
        body=body,
        origin=f"package genai-prices {distribution.version}, data of {newest.isoformat()}",
        observed_at=to_micros(datetime.combine(newest, time(), UTC)),
    )


def _installed_on(distribution: metadata.Distribution) -> date:
    record = distribution.locate_file(f"{_PACKAGE.replace('-', '_')}-{distribution.version}.dist-info/RECORD")
    return datetime.fromtimestamp(record.stat().st_mtime, UTC).date()  # type: ignore[attr-defined]  # a Path in practice


def _newest_date(body: bytes, not_after: date) -> date:
    newest = date(2020, 1, 1)
    for match in _DATES.finditer(body):
        try:
            found = date(*map(int, match.groups()))
        except ValueError:
            continue
        if newest < found <= not_after:
            newest = found
    return newest


def _plain(value: Any) -> Any:
    """The package's objects as the JSON they were made from: no nulls, no private fields, ``or_`` as ``or``."""
    if isinstance(value, (str, int, bool, Decimal)) or value is None:
        return value
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, (date, time)):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    fields = value if isinstance(value, Mapping) else vars(value)
    return {
        name.rstrip("_"): _plain(member)
        for name, member in fields.items()
        if member is not None and not name.startswith("_")
    }


ADAPTER = Adapter(
    name=_PACKAGE,
    title="genai-prices",
    base_url="https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/",
    documents=(Document(category="model", covers=("provider", "model"), split=split),),
    fetch=fetch,
    offline=offline,
)
