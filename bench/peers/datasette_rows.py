"""Models as a SQLite table for Datasette: ``python datasette_rows.py ROWS.json OUT.db``; nested members as JSON."""

from __future__ import annotations

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

rows = json.loads(Path(sys.argv[1]).read_text("utf-8"))
names = sorted({name for row in rows for name in row} - {"id"})
with closing(sqlite3.connect(sys.argv[2])) as database, database:
    columns = ", ".join(f'"{name}"' for name in names)
    database.execute(f"CREATE TABLE models (id TEXT PRIMARY KEY, {columns})")
    marks = ", ".join("?" * (len(names) + 1))
    database.executemany(
        f"INSERT INTO models VALUES ({marks})",
        (
            [row["id"], *(v if isinstance(v := row.get(n), (str, int, type(None))) else json.dumps(v) for n in names)]
            for row in rows
        ),
    )
