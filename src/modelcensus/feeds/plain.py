"""The census for people and their own programs: every record as JSON, and a table as CSV."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from typing import Any

from modelcensus.core.catalog.curated import effectively_enabled, shown_status
from modelcensus.core.catalog.portrait import Portrait
from modelcensus.core.catalog.units import decimal_text
from modelcensus.core.document import document, encode
from modelcensus.core.times import iso
from modelcensus.feeds.columns import COLUMNS
from modelcensus.feeds.feed import Feed, Material
from modelcensus.feeds.writing import decode

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the begin of a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""


def build_json(material: Material) -> bytes:
    """Every model, archived ones too: its fields by path and where each comes from, what people own of it, its names,
    and who offers it. Money is exact text, USD per million tokens. People's notes stay in the house."""
    edition = material.edition
    times = {"published_at": edition.published_at, "observed_at": edition.observed_at, "as_of": edition.as_of}
    return encode(
        {
            "revision": edition.stamp.revision,
            **{name: iso(at) for name, at in times.items() if at},
            "models": [_record(each) for each in edition.portraits],
        }
    )


def _record(portrait: Portrait) -> dict[str, Any]:
    model, people = portrait.entry.model, portrait.entry.curation
    return {
        "id": model.id,
        "status": model.status.value,
        "fields": model.fields,
        "origins": document(model.origins),
        "curation": {
            "enabled": effectively_enabled(people, model.status),
            "status": shown_status(people, model.status),
            **{name: getattr(people, name) for name in ("is_curated", "is_free", "is_pro", "is_enterprise")},
            **({"display_name": people.display_name} if people.display_name else {}),
        },
        "overridden": sorted(each.path for each in portrait.entry.overrides),
        "aliases": document(portrait.aliases),
        "offerings": document(portrait.offerings),
        "since_revision": model.since_revision,
        "changed_revision": model.changed_revision,
    }


def refusals_json(document: bytes) -> list[str]:
    """A list of models, each with an id of its own."""
    try:
        found = decode(document)
    except ValueError as error:
        return [f"it is no JSON: {error}"]
    models = found.get("models") if isinstance(found, dict) else None
    if not isinstance(models, list):
        return ["it has no list called models"]
    ids = [each.get("id") if isinstance(each, dict) else None for each in models]
    if not all(isinstance(each, str) and each for each in ids):
        return ["a model has no id"]
    return ["an id comes twice"] if len(set(ids)) < len(ids) else []


def build_csv(material: Material) -> bytes:
    """One row for each model, archived ones too; UTF-8, lines as RFC 4180 has them."""
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    for portrait in material.edition.portraits:
        writer.writerow([_cell(column.read(portrait)) for column in COLUMNS])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, int):
        return str(value)
    said = " ".join(value) if isinstance(value, list) else str(value)
    return f"'{said}" if said.startswith(_FORMULA) else said


def refusals_csv(document: bytes) -> list[str]:
    """A table: every row as wide as the first, an id in each, no cell that a spreadsheet would run."""
    try:
        rows = list(csv.reader(StringIO(document.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        return [f"it is no CSV in UTF-8: {error}"]
    if not rows or "id" not in rows[0]:
        return ["its first line names no column id"]
    if any(len(row) != len(rows[0]) for row in rows):
        return ["a row is not as wide as the first line"]
    place = rows[0].index("id")
    reasons = [] if all(row[place] for row in rows) else ["a row has no id"]
    odd = [cell for row in rows for cell in row if cell.startswith(_FORMULA) and not _is_number(cell)]
    return [*reasons, f"a spreadsheet would run the cell {odd[0][:40]!r}"] if odd else reasons


def _is_number(cell: str) -> bool:
    return cell.removeprefix("-").replace(".", "", 1).isdigit() and cell.isascii()


JSON = Feed(
    name="json",
    title="All records as JSON",
    consumer="your own programs: every model with everything that is known of it",
    media_type="application/json",
    suffix="json",
    paths=("/feeds/models.json",),
    build=build_json,
    refusals=refusals_json,
)
CSV = Feed(
    name="csv",
    title="Models as CSV",
    consumer="spreadsheets: import the address as a table",
    media_type="text/csv; charset=utf-8",
    suffix="csv",
    paths=("/feeds/models.csv",),
    build=build_csv,
    refusals=refusals_csv,
)
