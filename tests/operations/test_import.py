"""Importing recorded readings: every format, every refusal, and nothing twice."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from backports import zstd

from modelcensus.core.errors import InvalidInput, NotFound
from modelcensus.core.records import SyncStatus
from modelcensus.core.times import iso, to_micros
from modelcensus.operations import archive
from modelcensus.operations.census import Census
from modelcensus.operations.replay import Imported, import_readings
from tests.builders import as_json, at, census_at, count, everything, imported, model, openrouter, rows

BODIES = [openrouter(model("a", n=hour), model("b")) for hour in range(3)]
NAMES = [f"{iso(at(hour)).replace(':', '').replace('-', '')}.json" for hour in range(3)]


@pytest.fixture
def census(database_url: str) -> Iterator[Census]:
    with census_at(database_url) as opened:
        yield opened


@pytest.fixture
def sqlite_census(sqlite_url: str) -> Iterator[Census]:
    with census_at(sqlite_url) as opened:
        yield opened


def run(census: Census, path: Path, **options: object) -> list[Imported]:
    return list(import_readings(census, census.sources["openrouter"], path, **options))  # type: ignore[arg-type]  # named


def folder(base: Path, pack: Callable[[bytes], bytes] = bytes, ending: str = "") -> Path:
    base.mkdir()
    for name, body in zip(NAMES, BODIES, strict=True):
        (base / f"{name}{ending}").write_bytes(pack(body))
    (base / "notes.txt").write_text("no reading")
    return base


def tar(path: Path, mode: str, bodies: list[bytes] = BODIES) -> Path:
    with tarfile.open(path, mode) as file:  # type: ignore[call-overload]  # the mode is a parameter
        for name, body in zip(NAMES, bodies, strict=True):
            info = tarfile.TarInfo(f"models/{name}")
            info.size = len(body)
            file.addfile(info, io.BytesIO(body))
    return path


def lines(*, text: bool = False) -> bytes:
    entries = (
        {"observed_at": iso(at(hour)), "payload": body.decode() if text else json.loads(body)}
        for hour, body in enumerate(BODIES)
    )
    return b"\n".join(map(as_json, entries)) + b"\n\n"


def single(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zst(data: bytes) -> bytes:
    return zstd.compress(data)


FORMATS: dict[str, Callable[[Path], Path]] = {
    "folder of plain files": lambda base: folder(base / "f"),
    "folder of gzip files": lambda base: folder(base / "f", gzip.compress, ".gz"),
    "folder of zstd files": lambda base: folder(base / "f", zst, ".zst"),
    "tar": lambda base: tar(base / "readings.tar", "w"),
    "tar.gz": lambda base: tar(base / "readings.tar.gz", "w:gz"),
    "tgz": lambda base: tar(base / "readings.tgz", "w:gz"),
    "tar of gzip files": lambda base: tar(base / "readings.tar", "w", [gzip.compress(body) for body in BODIES]),
    "tar.zst": lambda base: single(base / "r.tar.zst", zst(tar(base / "plain.tar", "w").read_bytes())),
    "jsonl": lambda base: single(base / "readings.jsonl", lines()),
    "jsonl with text": lambda base: single(base / "readings.jsonl", lines(text=True)),
    "jsonl.zst": lambda base: single(base / "readings.jsonl.zst", zst(lines())),
    "jsonl.gz": lambda base: single(base / "readings.jsonl.gz", gzip.compress(lines())),
}


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_gives_the_same_history(sqlite_census: Census, tmp_path: Path, form: str) -> None:
    results = run(sqlite_census, FORMATS[form](tmp_path))
    assert [result.error for result in results] == [None] * 3
    assert [result.sync and result.sync.observed_at for result in results] == [at(0), at(1), at(2)]
    assert [result.sync and result.sync.appeared for result in results] == [2, 0, 0]
    assert [result.sync and result.sync.altered for result in results] == [0, 1, 1]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zst])
def test_one_file_is_one_reading(sqlite_census: Census, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    (only,) = run(sqlite_census, single(tmp_path / NAMES[1], pack(BODIES[1])))
    assert only.sync is not None
    assert only.sync.observed_at == at(1)
    assert NAMES[1] in only.sync.origin


def test_importing_again_changes_no_row_of_any_table(census: Census, tmp_path: Path) -> None:
    path = folder(tmp_path / "f")
    run(census, path)
    before = everything(census.store)
    again = run(census, path)
    assert [(result.sync, result.error) for result in again] == [(None, None)] * 3
    assert everything(census.store) == before


def test_another_payload_with_the_same_time_is_refused_and_changes_nothing(census: Census) -> None:
    imported(census, BODIES[0], 0)
    before = everything(census.store)
    result = imported(census, BODIES[1], 0)
    assert isinstance(result.error, InvalidInput)
    assert "this very time" in result.error.message
    assert everything(census.store) == before


def test_a_reading_between_two_others_is_accepted_later(census: Census, tmp_path: Path) -> None:
    for hour in (0, 2, 1):
        assert imported(census, BODIES[hour], hour).sync is not None
    assert rows(census.store, "SELECT observed_at FROM sync ORDER BY id") == [(at(0),), (at(2),), (at(1),)]


def test_a_name_without_a_time_is_an_error_of_that_file_alone(sqlite_census: Census, tmp_path: Path) -> None:
    single(folder(tmp_path / "f") / "latest.json", BODIES[0])
    results = run(sqlite_census, tmp_path / "f")
    errors = [result for result in results if result.error]
    assert [result.name for result in errors] == ["latest.json"]
    assert errors[0].error is not None
    assert "--at" in errors[0].error.hint
    assert count(sqlite_census.store, "sync") == 3


def test_a_time_in_the_future_is_refused(sqlite_census: Census, tmp_path: Path) -> None:
    tomorrow = to_micros(datetime.now(UTC) + timedelta(days=1))
    (only,) = run(sqlite_census, single(tmp_path / "x.json", BODIES[0]), at=tomorrow)
    assert only.error is not None
    assert "future" in only.error.message


def test_a_line_without_payload_is_an_error_of_that_line_alone(sqlite_census: Census, tmp_path: Path) -> None:
    path = single(tmp_path / "r.jsonl", b'{"at":"2026-01-01T00:00Z"}\nnonsense\n' + lines())
    results = run(sqlite_census, path)
    assert sum(result.error is not None for result in results) == 2
    assert count(sqlite_census.store, "sync") == 3


@pytest.mark.parametrize(
    "line", [b'{"at":"2026-01-01T00:00Z","payload":5}', b'{"at":"2026-01-01T00:00Z","payload":"\\ud800"}',
             b'{"at":NaN}',
             b'{"at":1e300,"payload":{}}', b'{"at":"2026-01-01T00:00Z","payload":"\xff"}']
)  # fmt: skip
def test_a_strange_line_does_not_stop_the_others(sqlite_census: Census, tmp_path: Path, line: bytes) -> None:
    run(sqlite_census, single(tmp_path / "r.jsonl", line + b"\n" + lines()))
    assert rows(sqlite_census.store, "SELECT count(*) FROM sync WHERE status = 'complete'") == [(3,)]


def test_a_gzip_file_cut_short_is_a_truncated_reading(sqlite_census: Census, tmp_path: Path) -> None:
    imported(sqlite_census, BODIES[0], 0)
    whole = gzip.compress(openrouter(*(model(f"m{n}", x="y" * (n * 37 % 101)) for n in range(300))))
    (only,) = run(sqlite_census, single(tmp_path / f"{NAMES[1]}.gz", whole[: len(whole) // 2]))
    assert only.sync is not None
    assert (only.sync.status, only.sync.vanished) == (SyncStatus.INCOMPLETE, 0)


@pytest.mark.parametrize("pack", [gzip.compress, zst])
def test_a_damaged_packed_file_is_refused(
    sqlite_census: Census, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    packed = bytearray(pack(openrouter(*(model(f"m{n}", x="y" * (n * 37 % 101)) for n in range(300)))))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    (only,) = run(sqlite_census, single(tmp_path / f"{NAMES[0]}.gz", bytes(packed)))
    assert isinstance(only.error, InvalidInput)
    assert count(sqlite_census.store, "sync") == 0


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz", "x.tgz", "x.tar.zst"])
def test_a_file_that_is_no_archive_is_refused(sqlite_census: Census, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidInput):
        run(sqlite_census, single(tmp_path / name, b"nonsense" * 200))


@pytest.mark.parametrize("pack", [gzip.compress, zst])
def test_a_bomb_is_refused_at_the_limit(sqlite_census: Census, tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(bytes(archive.MAX_BYTES + 1))
    (only,) = run(sqlite_census, single(tmp_path / f"{NAMES[0]}.gz", bomb))
    assert isinstance(only.error, InvalidInput)
    assert "256 MiB" in only.error.message


def test_one_time_for_several_readings_is_refused(sqlite_census: Census, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        run(sqlite_census, folder(tmp_path / "f"), at=at(0))


def test_a_category_the_source_does_not_have_is_refused(sqlite_census: Census, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        run(sqlite_census, folder(tmp_path / "f"), category="galaxy")
    assert "model" in caught.value.hint


@pytest.mark.parametrize("path", ["nothing", "empty"])
def test_a_path_without_readings_is_not_found(sqlite_census: Census, tmp_path: Path, path: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotFound):
        run(sqlite_census, tmp_path / path)
