"""The program's own work in a process of its own: ``import DATABASE FOLDER [LIMIT]``, ``sync DATABASE BASE_URL``."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

from modelcensus.operations.collect import collect
from modelcensus.operations.replay import import_readings
from modelcensus.settings import Settings, SourceSettings
from modelcensus.wiring import open_census


def main(verb: str, database: str, where: str, limit: int) -> int:
    given = {"openrouter": SourceSettings(base_url=where)} if verb == "sync" else {}
    with open_census(Settings(database_url=database, sources=given)) as census:
        source = census.sources["openrouter"]
        if verb == "sync":
            done = collect(census, source)
            print(done)
            return 0 if done.status in ("complete", "partial") else 1
        for one in islice(import_readings(census, source, Path(where)), limit):
            if one.error:
                print(one.error.message)
                return 1
    return 0


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(given[0], given[1], given[2], int(given[3]) if len(given) > 3 else sys.maxsize))
