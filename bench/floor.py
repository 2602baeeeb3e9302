"""The least there is to do: read, split, SHA-256 of each entity. ``python -m bench.floor FOLDER [LIMIT]``."""

from __future__ import annotations

import gzip
import hashlib
import sys
from pathlib import Path

import msgspec


class Listing(msgspec.Struct):
    data: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(Listing)


def hashes(body: bytes) -> list[bytes]:
    """SHA-256 of every raw entity of an OpenRouter listing."""
    return [hashlib.sha256(raw).digest() for raw in _decoder.decode(body).data]


def main(folder: Path, limit: int) -> None:
    for path in sorted(folder.glob("*.json.gz"))[:limit]:
        hashes(gzip.decompress(path.read_bytes()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else sys.maxsize)
