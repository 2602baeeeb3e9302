"""Asking an edition: which models, in which order, page by page, with which fields."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import Any

import msgspec

from modelcensus.core.catalog.fields import RATES, number
from modelcensus.core.catalog.listing import CAPABILITIES
from modelcensus.core.catalog.model import Status, Value
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.record import Model, shown_name
from modelcensus.core.errors import InvalidInput

MAX_TEXT = 200
"""Characters that a search may have."""
MAX_CHOSEN = 40
"""Fields that may be chosen at once."""


class Lifecycle(StrEnum):
    """Where in its life a model is; each is in one of them. DEPRECATED is offered still, ARCHIVED by nobody."""

    ACTIVE = "active"
    DEPRECATED = "deprecated"
    ARCHIVED = "archived"


class Sort(StrEnum):
    """The orders there are; ``-`` is descending. What is not known comes last, equal ones by id."""

    ID = "id"
    ID_DOWN = "-id"
    NAME = "name"
    NAME_DOWN = "-name"
    INPUT = "price.input"
    INPUT_DOWN = "-price.input"
    OUTPUT = "price.output"
    OUTPUT_DOWN = "-price.output"
    CONTEXT = "context"
    CONTEXT_DOWN = "-context"
    RELEASED = "released"
    RELEASED_DOWN = "-released"

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.value.startswith("-")

    @property
    def path(self) -> str:
        """What is compared."""
        return self.value.removeprefix("-")


class ModelQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which models. Of ``providers``, ``labs``, ``offered_by`` and ``modalities`` one must fit, of the others all.

    Prices are USD per million tokens; a model whose price is not known is within no bound, and neither free nor not.
    One of which nobody says whether its weights are open is neither.
    ``lifecycle`` empty: all that somebody offers. ``retiring_before`` is a day. ``text``: each of its words is in the
    id, a name or an alias, whatever its case.
    """

    providers: tuple[str, ...] = ()
    labs: tuple[str, ...] = ()
    offered_by: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    min_price_input: Decimal | None = None
    max_price_input: Decimal | None = None
    min_price_output: Decimal | None = None
    max_price_output: Decimal | None = None
    free: bool | None = None
    min_context: int | None = None
    lifecycle: tuple[Lifecycle, ...] = ()
    retiring_before: str | None = None
    curated: bool | None = None
    open_weights: bool | None = None
    text: str | None = None


class Cursor(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Where a page ended: the last model and what it was sorted by (None: not known).

    ``query`` is the digest of the filters, ``revision`` the one that the first page showed, ``as_of`` its time where
    it was of an earlier one.
    """

    sort: Sort
    query: str
    revision: int
    value: str | None
    model_id: str
    as_of: int | None = None


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Some of the models that were asked for; ``next`` is None on the last page, ``total`` counts those of all."""

    portraits: tuple[Portrait, ...]
    total: int
    next: Cursor | None


def page(
    portraits: Iterable[Portrait],
    query: ModelQuery,
    *,
    sort: Sort = Sort.ID,
    limit: int = 100,
    after: Cursor | None = None,
    revision: int = 0,
    today: str = "",
    as_of: int | None = None,
) -> Page:
    """One page of the models that fit. ``today`` is the day by which ``deprecated`` is told.

    Raises ``InvalidInput`` for a cursor of another query.
    """
    digest = digest_of(query)
    if after is not None and (after.query, after.sort) != (digest, sort):
        raise InvalidInput(
            "the cursor is of another query", "ask with the same filters and sort as the page before, or start anew"
        )
    tests = _tests(query)
    fitting = (each for each in portraits if _lives(each, query, today) and all(test(each, query) for test in tests))
    found = _keyed(fitting, sort)
    rest = found if after is None else [pair for pair in found if _is_behind(pair[0], after)]
    shown = rest[:limit]
    more = None
    if len(rest) > limit:
        value, model_id = shown[-1][0]
        more = Cursor(
            sort=sort, query=digest, revision=after.revision if after else revision,
            value=None if value is None else str(value), model_id=model_id, as_of=as_of,
        )  # fmt: skip
    return Page(portraits=tuple(each for _, each in shown), total=len(found), next=more)


def written(cursor: Cursor) -> str:
    """A cursor as text for a URL."""
    return urlsafe_b64encode(msgspec.json.encode(cursor)).rstrip(b"=").decode()


def read(text: str) -> Cursor:
    """The cursor that ``written`` wrote. Raises ``InvalidInput``."""
    try:
        cursor = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=Cursor)
        if _compared(cursor.sort, cursor.value or "0") is None or not 0 <= (cursor.as_of or 0) <= _LAST:
            raise ValueError(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            "the cursor cannot be read", "give back 'next' of the page before as it was, or start without one"
        ) from error
    return cursor


def digest_of(query: ModelQuery) -> str:
    """Tells queries apart."""
    return blake2b(msgspec.json.encode(query), digest_size=9).hexdigest()


def lifecycle_of(portrait: Portrait, today: str) -> Lifecycle:
    """Where in its life a model is, as sources say."""
    model = portrait.entry.model
    if model.status is Status.ARCHIVED:
        return Lifecycle.ARCHIVED
    day = model.fields.get("deprecated")
    over = isinstance(day, str) and day <= today
    return Lifecycle.DEPRECATED if over or model.fields.get("stage") in ("deprecated", "retired") else Lifecycle.ACTIVE


def chosen(text: str) -> tuple[str, ...]:
    """Field names as they stand in a URL, checked by ``FIELDS_PATTERN``. Raises ``InvalidInput``."""
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if not _ONE_FIELD.fullmatch(name):
            raise InvalidInput(
                f"models have no field '{name[:80]}'",
                f"choose of {', '.join(_FIELDS)}; or a part of one, such as price.input; commas between, no spaces",
            )
    if text.count(",") >= MAX_CHOSEN:
        raise InvalidInput(f"more than {MAX_CHOSEN} fields", "leave 'fields' out to be told all of them")
    return names


def only(record: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Those members of a model's document, and the id."""
    found: dict[str, Any] = {"id": record["id"]}
    for name in names:
        first, _, rest = name.partition(".")
        if first not in record:
            continue
        if not rest:
            found[first] = record[first]
        elif rest in record[first]:
            found.setdefault(first, {})
            found[first] = {**found[first], rest: record[first][rest]}
    return found


_FIELDS = Model.__struct_fields__
_PARTS: dict[str, str] = {
    "price": "|".join((*RATES, "tiers", "windows", "variable")),
    "capabilities": "|".join(CAPABILITIES),
    "links": "[A-Za-z0-9_-]{1,100}",
}
"""Parts that a field can have."""
_ONE = "|".join(f"{name}([.]({_PARTS[name]}))?" if name in _PARTS else name for name in _FIELDS)
_ONE_FIELD = re.compile(_ONE, re.ASCII)
FIELDS_PATTERN = f"^({_ONE})(,({_ONE})){{0,{MAX_CHOSEN - 1}}}$"
"""What ``chosen`` takes, as a regular expression."""


_Keyed = tuple[tuple[Any, str], Portrait]
_TEXTS = frozenset({"id", "name", "released"})
"""What is compared as text; all else is a number."""
_LAST = 253_402_300_799_000_000
"""The last second that a time can tell, in microseconds."""


def _compared(sort: Sort, value: str) -> Any:
    return value if sort.path in _TEXTS else number(value)


def _keyed(portraits: Iterable[Portrait], sort: Sort) -> list[_Keyed]:
    """Models in an order, each with what it is sorted by."""
    keyed = [(_key(each, sort), each) for each in portraits]
    keyed.sort(key=lambda pair: pair[0][1])
    known = [pair for pair in keyed if pair[0][0] is not None]
    known.sort(key=lambda pair: pair[0][0], reverse=sort.descending)
    return known + [pair for pair in keyed if pair[0][0] is None]


def _key(portrait: Portrait, sort: Sort) -> tuple[Any, str]:
    model, path = portrait.entry.model, sort.path
    if path == "id":
        return model.id, model.id
    if path == "name":
        name = shown_name(portrait.entry)
        return (None if name is None else name.casefold()), model.id
    if path.startswith("price."):
        return _price(portrait, path), model.id
    value = model.fields.get(path)
    return (number(value) if path == "context" else value if isinstance(value, str) else None), model.id


def _is_behind(key: tuple[Any, str], after: Cursor) -> bool:
    value, model_id = key
    if value is None or after.value is None:
        return value is None and (after.value is not None or model_id > after.model_id)
    last = _compared(after.sort, after.value)
    if value != last:
        return bool(value < last) if after.sort.descending else bool(value > last)
    return model_id > after.model_id


def _price(portrait: Portrait, path: str) -> Decimal | None:
    fields = portrait.entry.model.fields
    # What a router charges depends on what it chooses: a number beside the mark is none to compare by.
    return None if fields.get("price.variable") is True else number(fields.get(path))


def _is_one_of(value: Value, wanted: Sequence[str]) -> bool:
    return isinstance(value, str) and value.casefold() in {each.casefold() for each in wanted}


def _made(portrait: Portrait, query: ModelQuery) -> bool:
    fields = portrait.entry.model.fields
    return (
        (not query.providers or _is_one_of(fields.get("provider"), query.providers))
        and (not query.labs or _is_one_of(fields.get("lab"), query.labs))
        and (not query.modalities or _is_one_of(fields.get("modality"), query.modalities))
        and (not query.offered_by or any(_is_one_of(each.provider, query.offered_by) for each in portrait.offerings))
    )


def _can(portrait: Portrait, query: ModelQuery) -> bool:
    fields = portrait.entry.model.fields
    return (
        all(word in _words(fields.get("inputs")) for word in query.inputs)
        and all(word in _words(fields.get("outputs")) for word in query.outputs)
        and all(fields.get(f"capabilities.{name}") is True for name in query.capabilities)
        and (query.min_context is None or (number(fields.get("context")) or 0) >= query.min_context)
        and (query.open_weights is None or fields.get("open_weights") is query.open_weights)
    )


def _words(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _costs(portrait: Portrait, query: ModelQuery) -> bool:
    for path, least, most in (
        ("price.input", query.min_price_input, query.max_price_input),
        ("price.output", query.min_price_output, query.max_price_output),
    ):
        if least is None and most is None:
            continue
        price = _price(portrait, path)
        if price is None or (least is not None and price < least) or (most is not None and price > most):
            return False
    return query.free is None or _is_free(portrait) is query.free


def _is_free(portrait: Portrait) -> bool | None:
    """Whether all prices that are known are 0; None where the main one is not known."""
    fields = portrait.entry.model.fields
    known = [price for name in RATES if (price := _price(portrait, f"price.{name}")) is not None]
    if any(known) or fields.get("price.tiers") or fields.get("price.windows"):
        return False
    return True if _price(portrait, "price.input") is not None else None


def _lives(portrait: Portrait, query: ModelQuery, today: str) -> bool:
    if not query.lifecycle:
        if portrait.entry.model.status is Status.ARCHIVED:
            return False
    elif lifecycle_of(portrait, today) not in query.lifecycle:
        return False
    if query.retiring_before is None:
        return True
    day = portrait.entry.model.fields.get("retires")
    return isinstance(day, str) and day < query.retiring_before


def _is_called(portrait: Portrait, query: ModelQuery) -> bool:
    if query.curated is not None and portrait.entry.curation.is_curated is not query.curated:
        return False
    if not query.text:
        return True
    said = (portrait.entry.model.fields.get("name"), portrait.entry.curation.display_name)
    names = (portrait.entry.model.id, *(each for each in said if isinstance(each, str)))
    text = "\n".join((*names, *(each.key for each in portrait.aliases))).casefold()
    return all(word in text for word in query.text.casefold().split())


_Test = Callable[[Portrait, ModelQuery], bool]
_TESTS: dict[_Test, tuple[str, ...]] = {
    _made: ("providers", "labs", "modalities", "offered_by"),
    _can: ("inputs", "outputs", "capabilities", "min_context", "open_weights"),
    _costs: ("min_price_input", "max_price_input", "min_price_output", "max_price_output", "free"),
    _is_called: ("curated", "text"),
}
"""Which members of a query ask for which test; the lifecycle always counts."""


def _tests(query: ModelQuery) -> list[_Test]:
    plain = ModelQuery()
    return [
        test for test, names in _TESTS.items() if any(getattr(query, name) != getattr(plain, name) for name in names)
    ]
