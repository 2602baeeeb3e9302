"""Token buckets: how often a host may be asked, by all processes on one census together."""

from __future__ import annotations

from sqlalchemy import text

from modelcensus.store.engine import Store

_SQLITE_NOW = ":now"
_POSTGRESQL_NOW = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)"
_TAKE = """INSERT INTO bucket (host, tokens, filled_at) VALUES (:host, 0, {now})
ON CONFLICT (host) DO UPDATE SET filled_at = excluded.filled_at,
tokens = {least}(1.0, bucket.tokens + {greatest}(0, excluded.filled_at - bucket.filled_at) * :per_second / 1e6) - 1
RETURNING tokens"""


def take(store: Store, host: str, per_second: float, now: int) -> float:
    """Take the next token of a host; the seconds until it is there.

    A bucket holds one token and gets ``per_second`` more each second; one below nothing is a debt that whoever took it
    waits for. ``now``, microseconds since 1970, counts on SQLite only: on PostgreSQL all go by the server's clock, for
    machines disagree. Raises ``StoreError``.
    """
    with store.apart() as connection:
        sqlite = connection.dialect.name == "sqlite"
        sql = (
            _TAKE.format(now=_SQLITE_NOW, least="min", greatest="max")
            if sqlite
            else _TAKE.format(now=_POSTGRESQL_NOW, least="least", greatest="greatest")
        )
        given = {"host": host, "per_second": float(per_second), **({"now": now} if sqlite else {})}
        tokens = float(connection.execute(text(sql), given).scalar_one())
    return max(0.0, -tokens / per_second)
