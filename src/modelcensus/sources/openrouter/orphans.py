"""Orphans: models that the frontend knows and ``GET /models`` does not, such as retired and hidden ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modelcensus.core.canonical import Malformed
from modelcensus.core.check import Limit, Price, Required
from modelcensus.core.errors import SourceError
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Document, Split
from modelcensus.sources.adapter import Ask
from modelcensus.sources.openrouter.frontend import as_listing, ask_frontend, open_frontend
from modelcensus.sources.openrouter.keyed import keyed, plain, text_of
from modelcensus.sources.openrouter.records import Orphan
from modelcensus.sources.paged import taken_apart

if TYPE_CHECKING:
    from modelcensus.sources.http import Answer

_STANDARD = "standard"


def fetch(ask: Ask) -> Iterator[Answer]:
    """The frontend's listing without the recorded models, as one page. Raises ``SourceError``."""
    known = ask.known("model")
    if not known:
        # All models there are would be orphans.
        raise SourceError("no model listing is recorded yet to tell orphans by", "sync again")
    answer, records = ask_frontend(ask)
    yield dataclasses.replace(answer, body=as_listing(orphans(records, known)))


def orphans(records: list[bytes], known: frozenset[str]) -> list[bytes]:
    """The records that are no known model, one for each key, those that cannot be read last.

    The frontend may have a record for each provider of a model: the one with an endpoint, of the lowest id, stands for
    all, wherever in the list it is.
    """
    best: dict[str, tuple[tuple[bool, str, bytes], bytes]] = {}
    unread: list[bytes] = []
    for raw in records:
        try:
            record = plain(raw)
            key = key_of(record)
            endpoint = _endpoint(record)
            rank = (not endpoint, text_of(endpoint, "id") or "", raw)
        except Malformed:
            unread.append(raw)
            continue
        if key is None:
            unread.append(raw)
        elif key not in known:
            best[key] = min(best.get(key, (rank, raw)), (rank, raw))
    return [raw for _, (_, raw) in sorted(best.items())] + unread


def key_of(record: dict[str, Any]) -> str | None:
    """The id that the model would have in ``GET /models``, from what is there; the endpoint's UUID at the worst.

    Raises ``Malformed`` where what it would be made of is no text.
    """
    endpoint = _endpoint(record)
    if slug := text_of(endpoint, "model_variant_slug"):
        return slug
    variant = text_of(endpoint, "variant") or _STANDARD
    if slug := text_of(record, "slug"):
        return slug if variant == _STANDARD or slug.endswith(f":{variant}") else f"{slug}:{variant}"
    if permaslug := text_of(record, "permaslug"):
        return permaslug
    _, mark, named = (text_of(endpoint, "name") or "").partition(" | ")
    return named.strip() if mark and named.strip() else text_of(endpoint, "id")


def _endpoint(record: dict[str, Any]) -> dict[str, Any]:
    endpoint = record.get("endpoint")
    if endpoint is not None and not isinstance(endpoint, dict):
        raise Malformed(Fault(FaultKind.BAD_KEY, f"endpoint is {type(endpoint).__name__}"))
    return endpoint or {}


def split(body: bytes) -> Split:
    """``{"data": [...]}`` or ``{"data": {"models": [...]}}``; for the keys see ``key_of``."""
    listing = open_frontend(body)
    return taken_apart(listing, keyed(listing.items, "orphan", key_of), more=False)


ORPHANS = Document(
    category="orphan",
    covers=("orphan",),
    split=split,
    records={"orphan": Orphan},
    enums={"orphan": ("input_modalities[]", "output_modalities[]", "group", "instruct_type")},
    checks={
        "orphan": (
            Required("slug"),
            Required("name"),
            Price("endpoint.pricing.prompt", most="0.01", variable="-1"),
            Price("endpoint.pricing.completion", most="0.01", variable="-1"),
            Limit("context_length", least=0),
        )
    },
    repeats=True,
)
