"""Every recorded entity translated: what gives no listing and why, and the modality of each model of OpenRouter."""

from __future__ import annotations

import gzip
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.databases import empty
from bench.proofs import expected
from bench.recorded import FOLDERS
from bench.report import Report, arguments
from modelcensus.core import canonical
from modelcensus.core.catalog.listing import Modality, Snapshot, Translated, Untranslatable
from modelcensus.core.times import time_in_name
from modelcensus.operations.catalog.translating import aids_of, meaning
from modelcensus.operations.census import Census
from modelcensus.settings import Settings
from modelcensus.sources.translators.registry import translator_of
from modelcensus.wiring import open_census

COLUMNS = ("readings of", "readings", "versions", "listings", "filtered out", "not of models", "untranslatable")
TODAY = datetime(2026, 7, 15, tzinfo=UTC).date()
"""The day on which native facts are looked up, so that each run says the same."""


def main() -> int:
    given = arguments(__doc__).parse_args()
    report = Report("Every recorded version of an entity, translated", COLUMNS)
    modality: dict[str, Modality] = {}
    with empty("sqlite", None) as database, open_census(Settings(database_url=database)) as census:
        for name, category, under in FOLDERS:
            files = sorted((Path(given.recorded) / under).glob("*.json.gz"))
            row, reasons = _translated(census, name, category, files, modality)
            report.rows.append((under, len(files), *row))
            report.notes += [f"{under}: {count} x {reason}" for reason, count in reasons.most_common()]
    counted = Counter(each.value for each in modality.values()).most_common()
    shown = ", ".join(f"{name} {count}" for name, count in counted)
    report.notes.append(f"modality of the {len(modality)} models that OpenRouter lists in them: {shown}")
    return report.show(as_json=given.json)


def _translated(
    census: Census, name: str, category: str, files: list[Path], modality: dict[str, Modality]
) -> tuple[tuple[int, ...], Counter[str]]:
    """How many versions give what, and why those give nothing that should."""
    adapter = census.sources[name].adapter
    translator, document = translator_of(adapter), adapter.document(category)
    counts, reasons, seen = Counter[str](), Counter[str](), set[tuple[str, bytes]]()
    aids = aids_of(census, TODAY)
    for file in files:
        found = expected(document, document.split(gzip.decompress(file.read_bytes())))
        for (kind, key), content in found.items():
            if translator is None or kind not in translator.categories or (key, content) in seen:
                continue
            seen.add((key, content))
            snapshot = Snapshot(
                source=name, category=kind, key=key, sha256="0" * 64, observed_at=time_in_name(file.name) or 0,
                data=canonical.decode(content),
            )  # fmt: skip
            try:
                said = meaning(snapshot, translator, aids)
            except Untranslatable as problem:
                counts["untranslatable"] += 1
                reasons[problem.reason] += 1
                continue
            counts[_kind(said)] += 1
            if name == "openrouter" and kind == "model" and said.listing and said.listing.modality:
                modality[key] = said.listing.modality
    return (len(seen), *(counts[kind] for kind in ("listing", "filtered", "other", "untranslatable"))), reasons


def _kind(said: Translated) -> str:
    if said.listing is None and not said.offerings:
        return "other"
    return "filtered" if said.listing and said.listing.excluded else "listing"


if __name__ == "__main__":
    sys.exit(main())
