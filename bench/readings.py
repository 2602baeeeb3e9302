"""The readings to work on: recorded ones, or generated ones of the same size where there are none."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FOLDERS = {"openrouter": ("openrouter/models", 106), "modelsdev": ("modelsdev/api", 40)}
"""By source: where its readings lie, and how many are generated where they do not."""


@dataclass(frozen=True)
class Readings:
    """Gzip'd JSON files by time of one source; ``note`` says what they are."""

    source: str
    folder: Path
    files: tuple[Path, ...]
    note: str


@contextmanager
def readings(source: str, recorded: Path) -> Iterator[Readings]:
    """The recorded readings of a source, else generated ones that live as long as the block."""
    under, count = FOLDERS[source]
    folder = recorded / under
    if folder.is_dir():
        files = tuple(sorted(folder.glob("*.json.gz")))
        yield Readings(source, folder, files, f"{source}: {len(files)} recorded readings")
        return
    with TemporaryDirectory(prefix="modelcensus-bench-") as name:
        folder = Path(name)
        _generate(source, folder, count)
        note = f"{source}: {count} GENERATED readings, since {recorded} has no {under}: figures are not of real data"
        yield Readings(source, folder, tuple(sorted(folder.glob("*.json.gz"))), note)


def _generate(source: str, folder: Path, count: int) -> None:
    """A catalog that grows from 320 to 420 models: in each reading a fifth is altered, two come and one goes."""
    chance = random.Random(106)
    models = {f"lab{n % 40}/model-{n}": model(f"lab{n % 40}/model-{n}", n) for n in range(320)}
    moment = datetime(2025, 5, 7, 3, tzinfo=UTC)
    for reading in range(count):
        for key in chance.sample(sorted(models), len(models) // 5):
            models[key]["top_provider"]["max_completion_tokens"] = chance.randrange(1000, 200_000)
        models.pop(chance.choice(sorted(models)))
        for n in (2 * reading, 2 * reading + 1):
            models[f"new/model-{n}"] = model(f"new/model-{n}", 1000 + n)
        listing: Any = {"data": list(models.values())}
        if source == "modelsdev":
            listing = {"lab": {"id": "lab", "name": "Lab", "models": models}}
        (folder / f"{moment:%Y%m%dT%H%M%SZ}.json.gz").write_bytes(
            gzip.compress(json.dumps(listing).encode(), 5, mtime=0)
        )
        moment += timedelta(hours=97)


def model(key: str, number: int) -> dict[str, Any]:
    """A model shaped like OpenRouter's, of about 2.5 kB."""
    return {
        "id": key, "canonical_slug": key, "name": f"Model {number}", "created": 1_700_000_000 + number,
        "description": f"Model {number} answers questions. " * 40, "context_length": 131_072,
        "architecture": {"modality": "text->text", "input_modalities": ["text"], "output_modalities": ["text"]},
        "pricing": {"prompt": f"0.{number:08d}", "completion": f"0.{2 * number:08d}", "request": "0", "image": "0"},
        "top_provider": {"context_length": 131_072, "max_completion_tokens": 16_384, "is_moderated": False},
        "supported_parameters": ["max_tokens", "temperature", "tools", "top_p", "stop", "seed", "reasoning"],
        "benchmarks": {"intelligence_index": number % 70 + 0.5, "coding_index": number % 60},
    }  # fmt: skip
