"""Commit a folder of readings to a new git repository, one commit each, with its own date. Needs only git.

``python git_commits.py READINGS WORK [LIMIT]``: makes WORK/repo with the one file ``models.json``.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path


def main(readings: Path, work: Path, limit: int) -> None:
    repo = work / "repo"
    settings = {"user.name": "bench", "user.email": "bench@localhost", "gc.auto": "0", "commit.gpgsign": "false"}
    chosen = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}

    def git(*words: str, **more: str) -> None:
        subprocess.run(["git", *chosen, *words], check=True, env=environment | more)

    git("init", "--quiet", "--initial-branch=main", str(repo))
    for path in sorted(readings.iterdir())[:limit]:
        (repo / "models.json").write_bytes(gzip.decompress(path.read_bytes()))
        date = datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).isoformat()
        git("-C", str(repo), "add", "models.json")
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        git("-C", str(repo), "commit", "--quiet", "--allow-empty", "-m", path.name, **dates)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else sys.maxsize)
