"""Record a folder of readings with dlt: a merge with the strategy ``scd2`` into SQLite, one run for each reading.

``python dlt_scd2.py READINGS WORK [LIMIT]``: READINGS holds gzip'd JSON named by its UTC time, WORK is an empty folder.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

os.environ.update(
    {
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
        "LOAD__DELETE_COMPLETED_JOBS": "true",
        # One thread each: on a single writer more of them only cost CPU.
        "LOAD__WORKERS": "1",
        "NORMALIZE__WORKERS": "1",
    }
)

import dlt  # type: ignore[import-not-found,unused-ignore]  # its settings are read at its import


def main(readings: Path, work: Path, limit: int) -> None:
    os.environ["DLT_DATA_DIR"] = str(work / "dlt")
    pipeline = dlt.pipeline(
        "census",
        pipelines_dir=str(work / "pipelines"),
        destination=dlt.destinations.sqlalchemy(f"sqlite:///{work / 'dlt.db'}"),
        dataset_name="census",
    )
    for path in sorted(readings.iterdir())[:limit]:
        observed = datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        models: list[dict[str, Any]] = json.loads(gzip.decompress(path.read_bytes()))["data"]
        resource = dlt.resource(
            models,
            name="model",
            primary_key="id",
            max_table_nesting=0,
            write_disposition={"disposition": "merge", "strategy": "scd2", "boundary_timestamp": observed.isoformat()},
        )
        pipeline.run(resource)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else sys.maxsize)
