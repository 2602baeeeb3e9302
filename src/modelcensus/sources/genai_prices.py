"""genai-prices: its published ``data.json``, or the same data inside its installed package (https://github.com/pydantic/genai-prices)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from modelcensus.core import canonical, envelope, scan
from modelcensus.core.check import Check, Date, Limit, Price, Required
from modelcensus.core.errors import SourceError
from modelcensus.core.faults import Fault
from modelcensus.core.reading import Document, Slice, Split, slice_by_id
from modelcensus.core.times import to_micros
from modelcensus.sources.adapter import EXAMPLES, Adapter, Ask, Call, Payload

if TYPE_CHECKING:
    from importlib.metadata import Distribution

    from modelcensus.sources.http import Answer

_PACKAGE = "genai-prices"


_DATES = re.compile(rb"\b(20\d\d)-(\d\d)-(\d\d)\b")


def fetch(ask: Ask) -> Iterator[Answer]:
    """The one document."""
    yield ask.get("data.json")


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
    """A provider's id, whatever else in it is broken; None where it has none, or two."""
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
    # Imported here: it takes as long as the rest of this package.
    from importlib import metadata

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


def _installed_on(distribution: Distribution) -> date:
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


Number = int | float


class Step(msgspec.Struct):
    """A price of requests whose input has at least ``start`` tokens."""

    start: int | None = None
    price: Number | None = None


class Tiered(msgspec.Struct):
    """A price that depends on the size of the input."""

    base: Number | None = None
    tiers: list[Step] | None = None


class Prices(msgspec.Struct):
    """USD per unit: million tokens (``_mtok``) or characters (``_mchars``), thousand requests (``_kcount``) or pages
    (``_kpages``), hour (``_hours``). Upstream adds units; one that is new is of interest, and so told of as drift."""

    input_mtok: Number | Tiered | None = None
    output_mtok: Number | Tiered | None = None
    cache_read_mtok: Number | Tiered | None = None
    cache_write_mtok: Number | Tiered | None = None
    cache_write_1h_mtok: Number | Tiered | None = None
    cache_audio_read_mtok: Number | Tiered | None = None
    cache_image_read_mtok: Number | Tiered | None = None
    input_audio_mtok: Number | Tiered | None = None
    input_image_mtok: Number | Tiered | None = None
    input_video_mtok: Number | Tiered | None = None
    output_audio_mtok: Number | Tiered | None = None
    output_image_mtok: Number | Tiered | None = None
    output_video_mtok: Number | Tiered | None = None
    output_reasoning_mtok: Number | Tiered | None = None
    output_citation_mtok: Number | Tiered | None = None
    input_mchars: Number | Tiered | None = None
    input_document_kpages: Number | Tiered | None = None
    input_annotated_document_kpages: Number | Tiered | None = None
    input_text_messages_kcount: Number | Tiered | None = None
    audio_hours: Number | Tiered | None = None
    input_audio_hours: Number | Tiered | None = None
    requests_kcount: Number | Tiered | None = None
    web_searches_kcount: Number | Tiered | None = None
    storage_searches_kcount: Number | Tiered | None = None


class Constraint(msgspec.Struct):
    """When prices hold: from a date on, or between two times of day (UTC)."""

    start_date: str | None = None
    start_time: str | dict[str, str] | None = None
    end_time: str | dict[str, str] | None = None


class Dated(msgspec.Struct):
    """Prices, and when they hold; of several that hold the last one counts."""

    prices: Prices | None = None
    constraint: Constraint | None = None


class Variant(Dated):
    """Prices of requests that ask for something, such as ``{"processing": "batch"}``."""

    when: dict[str, str] | None = None


class Model(msgspec.Struct):
    """A model or a family of them; ``match`` says by a tree of rules which names it stands for."""

    id: str
    match: dict[str, Any] | None = None
    name: str | None = None
    description: str | None = None
    context_window: int | None = None
    price_comments: str | None = None
    deprecated: bool | None = None
    prices: Prices | list[Dated] | None = None
    price_variants: list[Variant] | None = None


class Provider(msgspec.Struct):
    """A provider without its models; how its API is told, and where in its answers the usage stands."""

    id: str
    name: str | None = None
    api_pattern: str | None = None
    pricing_urls: list[str] | None = None
    description: str | None = None
    price_comments: str | None = None
    model_match: dict[str, Any] | None = None
    provider_match: dict[str, Any] | None = None
    extractors: list[dict[str, Any]] | None = None
    fallback_model_providers: list[str] | None = None


_PRICED = ("prices", "prices[].prices", "price_variants[].prices")
CHECKS: tuple[Check, ...] = (
    Required("match"),
    Required("prices"),
    *(
        Price(f"{place}.*{part}", most="10000", tiered=not part)
        for place in _PRICED
        for part in ("", ".base", ".tiers[].price")
    ),
    Limit("context_window"),
    Date("prices[].constraint.start_date"),
    Date("price_variants[].constraint.start_date"),
)

DOCUMENT = Document(
    category="model",
    covers=("provider", "model"),
    split=split,
    records={"provider": Provider, "model": Model},
    enums={"provider": ("extractors[].api_flavor",), "model": ("price_variants[].when.*",)},
    checks={"provider": (Required("name"), Required("api_pattern")), "model": CHECKS},
)

ADAPTER = Adapter(
    name=_PACKAGE,
    title="genai-prices",
    base_url="https://raw.githubusercontent.com/pydantic/genai-prices/refs/heads/main/prices/new_data/v2/",
    calls=(Call(document=DOCUMENT, fetch=fetch),),
    documentation="https://github.com/pydantic/genai-prices",
    offline=offline,
    example=EXAMPLES / "genai-prices.json",
)
