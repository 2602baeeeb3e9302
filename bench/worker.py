"""The program's own work in a process of its own.

``import DATABASE FOLDER [LIMIT]`` or ``sync DATABASE BASE_URL [SOURCE]``.
"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

from modelcensus.operations.collect import collect
from modelcensus.operations.replay import import_readings
from modelcensus.settings import Settings, SourceSettings
from modelcensus.wiring import open_census


def read(database: str, folder: str, limit: int) -> int:
    """Import OpenRouter's readings of a folder."""
    with open_census(Settings(database_url=database)) as census:
        for one in islice(import_readings(census, census.sources["openrouter"], Path(folder)), limit):
            if one.error:
                print(one.error.message)
                return 1
    return 0


def sync(database: str, base_url: str, name: str) -> int:
    """Collect the first document of a source, without its own rate limit."""
    given = {name: SourceSettings(base_url=base_url, requests_per_second=100_000)}
    with open_census(Settings(database_url=database, sources=given)) as census:
        done = collect(census, census.sources[name])
        print(done)
        return 0 if done.status in ("complete", "partial") else 1


if __name__ == "__main__":
    verb, database, where, *more = sys.argv[1:]
    if verb == "sync":
        sys.exit(sync(database, where, more[0] if more else "openrouter"))
    sys.exit(read(database, where, int(more[0]) if more else sys.maxsize))
