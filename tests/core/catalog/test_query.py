"""Queries: filters, orders, and pages that join to the whole."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.catalog.listing import Offering
from modelcensus.core.catalog.model import Alias, Curation, Published, Relation, Status
from modelcensus.core.catalog.portrait import Entry, Portrait
from modelcensus.core.catalog.query import (
    FIELDS_PATTERN,
    Cursor,
    Lifecycle,
    ModelQuery,
    Sort,
    chosen,
    only,
    page,
    read,
    written,
)
from modelcensus.core.errors import InvalidInput

TODAY = "2026-06-01"


def portrait(
    model_id: str = "lab/one",
    *,
    status: Status = Status.ACTIVE,
    alias: str | None = None,
    offered_by: str | None = None,
    people: dict[str, Any] | None = None,
    **fields: Any,
) -> Portrait:
    """A model; ``price_input`` and the like are paths with a dot."""
    known = {path.replace("price_", "price.").replace("can_", "capabilities."): value for path, value in fields.items()}
    names = alias and Alias(
        source="other", key=alias, model_id=model_id, relation=Relation.SAME, evidence="", confidence=100,
        decided_by="rule", valid_from=0,
    )  # fmt: skip
    offer = offered_by and Offering(
        source="other", category="model", key="x", sha256="", observed_at=0, model_key="x", provider=offered_by
    )
    return Portrait(
        entry=Entry(
            model=Published(id=model_id, status=status, fields=known),
            curation=Curation(model_id=model_id, **(people or {})),
        ),
        aliases=(names,) if names else (),
        offerings=(offer,) if offer else (),
    )


def ids(portraits: list[Portrait], query: ModelQuery | None = None, **how: Any) -> list[str]:
    found = page(portraits, query or ModelQuery(), limit=1000, today=TODAY, **how)
    return [each.entry.model.id for each in found.portraits]


SHOP = [
    portrait("lab/cheap", provider="lab", lab="Lab", name="Cheap", modality="text", inputs=["text"], outputs=["text"],
             context=8_000, price_input="0.5", price_output="1", released="2025-01-01", can_vision=False),
    portrait("lab/dear", provider="lab", name="Dear", modality="multimodal", inputs=["text", "image"],
             outputs=["text"], context=200_000, price_input="10", price_output="10.5", released="2026-01",
             can_vision=True, can_tool_calling=True, alias="other/DEAREST", people={"is_curated": True}),
    portrait("z/free", provider="z", price_input="0", price_output="0", offered_by="Cloud", name="free",
             deprecated="2026-05-01", retires="2026-09"),
    portrait("z/router", provider="z", price_input="1", price_variable=True, people={"display_name": "A Router"}),
    portrait("z/soon", provider="z", deprecated="2026-07-01", retires="2027-01-01", stage="active"),
    portrait("z/stage", provider="z", stage="deprecated", price_request="0.1", price_input="0"),
    portrait("z/gone", provider="z", status=Status.ARCHIVED, price_input="9"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["lab/cheap", "lab/dear", "z/free", "z/router", "z/soon", "z/stage"]),
        ({"providers": ("LAB",)}, ["lab/cheap", "lab/dear"]),
        ({"providers": ("lab", "z"), "labs": ("lab",)}, ["lab/cheap"]),
        ({"offered_by": ("cloud",)}, ["z/free"]),
        ({"modalities": ("text", "multimodal")}, ["lab/cheap", "lab/dear"]),
        ({"inputs": ("image", "text")}, ["lab/dear"]),
        ({"outputs": ("text",)}, ["lab/cheap", "lab/dear"]),
        ({"outputs": ("image",)}, []),
        ({"capabilities": ("vision", "tool_calling")}, ["lab/dear"]),
        ({"capabilities": ("vision", "seed")}, []),
        ({"min_price_input": Decimal("0.5")}, ["lab/cheap", "lab/dear"]),
        ({"max_price_input": Decimal("0.5")}, ["lab/cheap", "z/free", "z/stage"]),
        ({"max_price_output": Decimal("10.4")}, ["lab/cheap", "z/free"]),
        ({"min_price_output": Decimal("10.4")}, ["lab/dear"]),
        ({"free": True}, ["z/free"]),
        ({"free": False}, ["lab/cheap", "lab/dear", "z/stage"]),
        ({"min_context": 8_001}, ["lab/dear"]),
        ({"lifecycle": (Lifecycle.ACTIVE,)}, ["lab/cheap", "lab/dear", "z/router", "z/soon"]),
        ({"lifecycle": (Lifecycle.DEPRECATED, Lifecycle.ARCHIVED)}, ["z/free", "z/gone", "z/stage"]),
        ({"retiring_before": "2026-12-31"}, ["z/free"]),
        ({"curated": True}, ["lab/dear"]),
        ({"curated": False, "providers": ("lab",)}, ["lab/cheap"]),
        ({"text": "ROUT z/"}, ["z/router"]),
        ({"text": "dearest"}, ["lab/dear"]),
        ({"text": "nothing"}, []),
    ],
)
def test_a_filter_keeps_what_fits_and_nothing_else(query: dict[str, Any], found: list[str]) -> None:
    assert ids(SHOP, ModelQuery(**query)) == found


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        (Sort.ID_DOWN, ["z/stage", "z/soon", "z/router", "z/free", "lab/dear", "lab/cheap"]),
        (Sort.NAME, ["z/router", "lab/cheap", "lab/dear", "z/free", "z/soon", "z/stage"]),
        (Sort.INPUT, ["z/free", "z/stage", "lab/cheap", "lab/dear", "z/router", "z/soon"]),
        (Sort.INPUT_DOWN, ["lab/dear", "lab/cheap", "z/free", "z/stage", "z/router", "z/soon"]),
        (Sort.OUTPUT, ["z/free", "lab/cheap", "lab/dear", "z/router", "z/soon", "z/stage"]),
        (Sort.CONTEXT_DOWN, ["lab/dear", "lab/cheap", "z/free", "z/router", "z/soon", "z/stage"]),
        (Sort.RELEASED_DOWN, ["lab/dear", "lab/cheap", "z/free", "z/router", "z/soon", "z/stage"]),
    ],
)
def test_an_order_puts_what_is_not_known_last_and_equal_ones_by_id(sort: Sort, found: list[str]) -> None:
    assert ids(SHOP, sort=sort) == found


_prices = st.none() | st.sampled_from(["0", "0.1", "0.10", "2", "10", "NaN"])
_models = st.builds(
    lambda number, price, name, context, gone: portrait(
        f"lab/{number}",
        status=Status.ARCHIVED if gone else Status.ACTIVE,
        **{
            path: value
            for path, value in {"price_input": price, "name": name, "context": context, "released": name}.items()
            if value is not None
        },
    ),
    st.integers(0, 99), _prices, st.none() | st.sampled_from("aAbé\U0001f600"), st.none() | st.integers(0, 3),
    st.booleans(),
)  # fmt: skip
_queries = st.builds(
    ModelQuery,
    max_price_input=st.none() | st.just(Decimal(2)),
    free=st.none() | st.booleans(),
    lifecycle=st.sampled_from([(), (Lifecycle.ARCHIVED,), tuple(Lifecycle)]),
)


@given(
    models=st.lists(_models, max_size=25, unique_by=lambda each: each.entry.model.id),
    query=_queries, sort=st.sampled_from(Sort), limit=st.integers(1, 7),
)  # fmt: skip
def test_the_pages_join_to_the_whole_for_every_filter_and_order(
    models: list[Portrait], query: ModelQuery, sort: Sort, limit: int
) -> None:
    whole = page(models, query, sort=sort, limit=1000, today=TODAY)
    found: list[Portrait] = []
    after: Cursor | None = None
    for _ in range(len(models) + 1):
        part = page(models, query, sort=sort, limit=limit, after=after, today=TODAY)
        assert part.total == whole.total == len(whole.portraits)
        found += part.portraits
        if part.next is None:
            break
        assert len(part.portraits) == limit
        after = read(written(part.next))
    assert found == list(whole.portraits)


def test_a_page_goes_on_behind_its_last_model_when_others_come_and_go() -> None:
    first = page(SHOP, ModelQuery(), limit=2, revision=7)
    assert first.next is not None
    moved = [portrait("aaa/new"), *SHOP[2:], portrait("z/zz")]
    second = page(moved, ModelQuery(), limit=1000, after=first.next, revision=8)
    assert [each.entry.model.id for each in second.portraits] == ["z/free", "z/router", "z/soon", "z/stage", "z/zz"]
    assert first.next.revision == 7


@pytest.mark.parametrize("other", [{"sort": Sort.NAME}, {"query": ModelQuery(free=True)}])
def test_the_cursor_of_another_query_is_refused(other: dict[str, Any]) -> None:
    first = page(SHOP, ModelQuery(), limit=1)
    with pytest.raises(InvalidInput, match="another query"):
        page(SHOP, other.get("query", ModelQuery()), sort=other.get("sort", Sort.ID), after=first.next)


@pytest.mark.parametrize(
    "text", ["", "x", "é", "W10", written(Cursor(sort=Sort.INPUT, query="", revision=1, value="x", model_id=""))]
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read(text)


def test_fields_can_be_chosen_and_parts_of_them() -> None:
    record = {"id": "lab/a", "name": "A", "price": {"input": "1", "output": "2"}, "capabilities": {"vision": True}}
    assert only(record, chosen("name,price.input,context,capabilities,price.image")) == {
        "id": "lab/a", "name": "A", "price": {"input": "1"}, "capabilities": {"vision": True},
    }  # fmt: skip


@given(text=st.from_regex(FIELDS_PATTERN, fullmatch=True))
def test_every_choice_of_fields_that_is_described_is_taken(text: str) -> None:
    assert chosen(text)


@pytest.mark.parametrize(
    "text", ["", ",", "name,", " name", "nonsense", "price.nonsense", "name.first", "capabilities.flying", "id\n"]
)
def test_a_field_that_models_do_not_have_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        chosen(text)


def test_every_member_of_a_query_tells_queries_apart() -> None:
    plain = page(SHOP, ModelQuery(), limit=1).next
    assert plain is not None
    for name in ModelQuery.__struct_fields__:
        value = {"free": True, "curated": True, "min_context": 1, "text": "a", "retiring_before": "2026-01-01"}.get(
            name, Decimal(1) if "price" in name else ("active",)
        )
        with pytest.raises(InvalidInput):
            page(SHOP, msgspec.structs.replace(ModelQuery(), **{name: value}), after=plain)
