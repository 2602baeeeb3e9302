"""What an endpoint is called: upstream's UUID where it has one, else ``model | provider | tag``.

Several endpoints of a model may share provider and tag (2 pairs among 879 recorded ones). Then one of them keeps the
plain key, and each other adds the first thing in which it differs from that one: `` | context_length=32768``, or, if
they differ in price alone, its place by price: `` | #2``. The price itself is no part of a key, or each change of it
would look like one endpoint gone and another come. The order of the list does not matter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from modelcensus.core import canonical, envelope
from modelcensus.core.canonical import Malformed
from modelcensus.core.faults import Fault, FaultKind
from modelcensus.core.reading import Slice, key_problem
from modelcensus.sources.openrouter.keyed import plain, readable, text_of

SEPARATOR = " | "
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_APART = ("quantization", "context_length", "max_completion_tokens", "max_prompt_tokens")
_PRICE_CHARS = 100
_DEAREST = Decimal("Infinity")
_METRICS = ("status", "uptime_", "latency_", "throughput_")


class _Item(msgspec.Struct):
    """One element of ``endpoints``: its text, where it stands, what could be read of it, and what is wrong with it."""

    raw: envelope.Raw
    place: str
    members: dict[str, Any]
    fault: Fault | None = None


def model_of_key(key: str) -> str | None:
    """The model of an endpoint by its key; None where the key does not say."""
    model, mark, _ = key.partition(SEPARATOR)
    return _unmarked(model) if mark else None


def named(items: list[Any], model: str | None, place: str) -> Iterator[Slice | Fault]:
    """The endpoints of one model, each under its key or as the fault that prevents it."""
    groups: dict[str, list[_Item]] = defaultdict(list)
    for index, raw in enumerate(items):
        item = _read(raw, f"{place}.endpoints[{index}]")
        key = _plain_key(item, model)
        if key is None:
            yield item.fault or Fault(FaultKind.BAD_KEY, f"{item.place}: no provider", bytes(raw), "endpoint")
        else:
            groups[key].append(item)
    for plain_key, twins in groups.items():
        for key, item in _told_apart(plain_key, twins):
            if problem := key_problem(key):
                yield Fault(FaultKind.BAD_KEY, f"{item.place}: {problem}", bytes(item.raw), "endpoint")
            elif item.fault:
                yield msgspec.structs.replace(item.fault, key=key)
            else:
                yield Slice("endpoint", key, item.raw)


def _read(raw: envelope.Raw, place: str) -> _Item:
    try:
        return _Item(raw, place, plain(raw))
    except Malformed as error:
        # What is sound in it still says which one it is, and which of its twins it is not.
        fault = Fault(error.fault.kind, f"{place} {error.fault.place}", bytes(raw), "endpoint")
        return _Item(raw, place, readable(raw), fault)


def _plain_key(item: _Item, model: str | None) -> str | None:
    own = item.members.get("id")
    if isinstance(own, str) and _UUID.fullmatch(own):
        return own.lower()
    try:
        model = model or text_of(item.members, "model_id")
        provider = text_of(item.members, "provider_name") or _provider_in_name(item)
        tag = text_of(item.members, "tag") or "-"
    except Malformed as error:
        item.fault = item.fault or Fault(
            error.fault.kind, f"{item.place} {error.fault.place}", bytes(item.raw), "endpoint"
        )
        return None
    return SEPARATOR.join(map(_marked, (model, provider, tag))) if model and provider else None


def _provider_in_name(item: _Item) -> str | None:
    """``Relace`` in ``Relace | deepseek/deepseek-v4.1-flash-20260910``."""
    name, mark, _ = (text_of(item.members, "name") or "").partition(SEPARATOR)
    return name if mark else None


def _told_apart(key: str, twins: list[_Item]) -> Iterator[tuple[str, _Item]]:
    if len(twins) == 1 or _UUID.fullmatch(key):
        yield from ((key, item) for item in twins)
        return
    first, *others = sorted(twins, key=_rank)
    yield key, first
    keys = {_lasting(first): key}
    for item in others:
        # What differs in nothing is the same one twice: the recorder keeps the first.
        if (lasting := _lasting(item)) not in keys:
            differs = next((name for name in _APART if item.members.get(name) != first.members.get(name)), None)
            place = f"#{len(keys) + 1}"
            marks = [f"{differs}={_marked(str(item.members.get(differs)))}"] if differs else [place]
            if SEPARATOR.join([key, *marks]) in keys.values():
                marks.append(place)
            keys[lasting] = SEPARATOR.join([key, *marks])
        yield keys[lasting], item


def _rank(item: _Item) -> tuple[Any, ...]:
    """Where one of several twins stands: by what it is, then by price, then by its text without metrics."""
    prices = item.members.get("pricing")
    prices = prices if isinstance(prices, dict) else {}
    limits = tuple(-value if isinstance(value := item.members.get(name), int) else 0 for name in _APART[1:])
    return (
        str(item.members.get("quantization")),
        limits,
        _amount(prices.get("prompt")),
        _amount(prices.get("completion")),
        _lasting(item),
    )


def _lasting(item: _Item) -> bytes:
    """The text of an endpoint without its metrics, whatever the order of its members."""
    lasting = {
        name: value
        for name, value in item.members.items()
        if not name.startswith(_METRICS) and value is not msgspec.UNSET
    }
    try:
        return canonical.encode(lasting)
    except Malformed:
        return bytes(item.raw)


def _amount(price: object) -> Decimal:
    try:
        amount = Decimal(price) if isinstance(price, str) and len(price) <= _PRICE_CHARS else _DEAREST
    except InvalidOperation:
        return _DEAREST
    return amount if amount.is_finite() else _DEAREST


def _marked(part: str) -> str:
    """A part of a key, so that no part can hold the separator."""
    return part.replace("%", "%25").replace("|", "%7C")


def _unmarked(part: str) -> str:
    return part.replace("%7C", "|").replace("%25", "%")
