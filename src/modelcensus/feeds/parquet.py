"""The table as Parquet, with types: money as exact decimals, lists as lists.

pyarrow is imported where it is used: it takes longer than the rest of the program to load.
"""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from modelcensus.core.times import iso
from modelcensus.feeds.columns import COLUMNS, Kind
from modelcensus.feeds.feed import Feed, Material

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]  # it ships no types

DIGITS, PLACES = 38, 18
"""Of money: up to 20 digits before the point and 18 behind it. A price that would have to be rounded is left out."""
_MOST_WHOLE = 2**63 - 1
_MOST_MONEY = Decimal(10) ** (DIGITS - PLACES)


def build(material: Material) -> bytes:
    """One row for each model, archived ones too; the revision and times are in the schema's metadata."""
    import pyarrow
    from pyarrow import parquet

    arrays = [
        pyarrow.array([_fitting(column.kind, column.read(each)) for each in material.edition.portraits], type=kind)
        for column, kind in zip(COLUMNS, _types(), strict=True)
    ]
    edition = material.edition
    metadata = {"revision": str(edition.stamp.revision), "published_at": iso(edition.published_at)}
    if edition.as_of is not None:
        metadata["as_of"] = iso(edition.as_of)
    schema = pyarrow.schema(
        [(column.name, kind) for column, kind in zip(COLUMNS, _types(), strict=True)], metadata=metadata
    )
    out = BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), out, compression="zstd")
    return out.getvalue()


def _types() -> list[pyarrow.DataType]:
    import pyarrow

    kinds: dict[Kind, pyarrow.DataType] = {
        Kind.TEXT: pyarrow.string(),
        Kind.WHOLE: pyarrow.int64(),
        Kind.MONEY: pyarrow.decimal128(DIGITS, PLACES),
        Kind.FLAG: pyarrow.bool_(),
        Kind.WORDS: pyarrow.list_(pyarrow.string()),
    }
    return [kinds[column.kind] for column in COLUMNS]


def _fitting(kind: Kind, value: Any) -> Any:
    if kind is Kind.MONEY and value is not None:
        exponent = value.as_tuple().exponent
        fits = isinstance(exponent, int) and exponent >= -PLACES and abs(value) < _MOST_MONEY
        return value if fits else None
    if kind is Kind.WHOLE and value is not None:
        return value if abs(value) <= _MOST_WHOLE else None
    return value


def refusals(document: bytes) -> list[str]:
    """Every reader of Parquet opens it, finds the columns in their types, and an id in each row."""
    import pyarrow
    from pyarrow import parquet

    try:
        # No threads: a program that ends while pyarrow's come and go is aborted ("terminate called ...").
        table = parquet.ParquetFile(pyarrow.BufferReader(document)).read(use_threads=False)
    except (pyarrow.ArrowException, OSError) as error:
        return [f"it is no Parquet: {' '.join(str(error).split())[:200]}"]
    wanted = [(column.name, kind) for column, kind in zip(COLUMNS, _types(), strict=True)]
    if [(each.name, each.type) for each in table.schema] != wanted:
        return ["its columns are not those of the table"]
    return ["a row has no id"] if table.column("id").null_count else []


FEED = Feed(
    name="parquet",
    title="Models as Parquet",
    consumer="DuckDB, pandas, Polars, Spark: read the address as a Parquet file",
    media_type="application/vnd.apache.parquet",
    suffix="parquet",
    paths=("/feeds/models.parquet",),
    build=build,
    refusals=refusals,
)
