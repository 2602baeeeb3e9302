"""``python -m modelcensus``."""

from __future__ import annotations

import sys

from modelcensus.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
