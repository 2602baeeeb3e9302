"""Syncs while a census is served: ``python -m bench.churn FOLDER COUNT`` publishes the turn that each line names."""

from __future__ import annotations

import sys

from bench.served import settings, sync
from modelcensus.wiring import open_census


def main() -> None:
    folder, count = sys.argv[1], int(sys.argv[2])
    with open_census(settings(folder)) as census:
        print("ready", flush=True)
        for line in sys.stdin:
            updated = sync(census, count, int(line))
            print(updated.revision.number if updated.revision else "nothing", flush=True)


if __name__ == "__main__":
    main()
