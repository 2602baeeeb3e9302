"""One's own models from a file: every format, and every file that is none."""

from __future__ import annotations

import gzip
import os
import sys
from pathlib import Path

import pytest

from modelcensus.core.errors import NotThere, SourceError, TooLarge, UpstreamBroken
from modelcensus.core.faults import FaultKind
from modelcensus.core.reading import Split
from modelcensus.core.records import SyncStatus
from modelcensus.sources.file import ADAPTER, MAX_BYTES, fetch, split
from tests.sources.asking import Asked
from tests.sources.playing import table

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ONE_TWO = b"id,x\none,1\ntwo,2\n"


def named(found: Split) -> list[str]:
    return [entity.key for entity in found.slices]


def read(path: Path | str) -> bytes:
    """What is fetched of a file."""
    (answer,) = fetch(Asked({"path": str(path)}))
    return answer.body


def refused(path: Path | str) -> SourceError:
    """Why a file cannot be fetched."""
    with pytest.raises(SourceError) as caught:
        read(path)
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models.csv"


@pytest.mark.parametrize(
    "body",
    [
        b'[{"id":"one"},{"id":"two"}]',
        b'{"data":[{"id":"one"},{"id":"two"}]}',
        b'{"count":2,"models":[{"id":"one"},{"id":"two"}]}',
        b'{"one":{},"two":{"id":"another"}}',
        b'{\n  "one": {"x": 1},\n  "two": {"x": 2}\n}',
        b'{"id":"one"}\n{"id":"two"}\n',
        b'\xef\xbb\xbf{"id":"one"}\r\n\r\n {"id":"two"} \r\n',
        b"id\none\ntwo\n",
        b'x,id\n"{",one\n"[",two\n',
    ],
)
def test_every_format_is_told_apart_by_its_first_bytes(body: bytes) -> None:
    found = split(body)
    assert (named(found), found.faults, found.truncated) == (["one", "two"], [], False)


def test_a_single_line_with_an_id_is_one_model() -> None:
    assert named(split(b'{"id":"one","pricing":{"prompt":1}}\n')) == ["one"]


def test_a_first_line_without_an_id_is_a_broken_line_and_not_another_format() -> None:
    found = split(b'{"name":"nameless"}\n{"id":"two"}\n')
    assert (named(found), [fault.kind for fault in found.faults]) == (["two"], [FaultKind.BAD_KEY])


def test_a_broken_line_is_one_fault_and_the_others_stay() -> None:
    found = split(b'{"id":"one"}\n{"id":"bad","x":NaN}\n{"x":1}\n[1]\n{"id":"two"}\n')
    assert (named(found), found.truncated) == (["one", "two"], False)
    assert [(fault.kind, fault.key) for fault in found.faults] == [
        (FaultKind.NOT_FINITE, "bad"),
        (FaultKind.BAD_KEY, None),
        (FaultKind.NOT_AN_OBJECT, None),
    ]


@pytest.mark.parametrize(
    "body", [b'{"id":"one"}\n{"id":"tw', b'[{"id":"one"},{"id":"tw', b'{"data":[{"id":"one"},', b"id,x\none,1\ntwo"]
)
def test_a_half_written_file_is_truncated(body: bytes) -> None:
    found = split(body)
    assert (named(found), found.truncated) == (["one"], True)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"<html></html>", b'{"error":{"code":404}}', b'{"a":1,"b":2}', b'{"data":', b"name\nx\n"]
)
def test_what_holds_no_models_is_no_listing(body: bytes) -> None:
    found = split(body)
    assert (found.slices, found.truncated, found.faults[0].kind) == ([], True, FaultKind.WRONG_TOP_LEVEL)


def test_an_object_of_models_names_the_one_that_is_none() -> None:
    found = split(b'{"one":{},"two":5}')
    assert (named(found), [fault.key for fault in found.faults]) == (["one"], ["two"])


def test_a_file_is_read_as_it_is(models: Path) -> None:
    models.write_bytes(ONE_TWO)
    (answer,) = fetch(Asked({"path": str(models)}))
    assert (answer.body, answer.url) == (ONE_TWO, "file models.csv")


def test_a_relative_path_starts_at_the_current_folder(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    models.write_bytes(ONE_TWO)
    monkeypatch.chdir(models.parent)
    assert read("models.csv") == ONE_TWO


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstd.compress)])
def test_a_packed_file_is_unpacked_by_its_name(tmp_path: Path, suffix: str, pack: object) -> None:
    path = tmp_path / f"models.csv{suffix}"
    path.write_bytes(pack(ONE_TWO))  # type: ignore[operator]  # both take bytes
    assert read(path) == ONE_TWO
    path.write_bytes(path.read_bytes()[:-4])
    assert isinstance(refused(path), UpstreamBroken)


def test_a_missing_file_names_the_option(models: Path) -> None:
    error = refused(models)
    assert isinstance(error, NotThere)
    assert "option path of this source" in error.hint
    assert "models.csv" in error.message


@pytest.mark.parametrize("path", ["", "  "])
def test_a_source_without_a_path_says_so(path: str) -> None:
    assert "no file is named" in refused(path).message


@pytest.mark.parametrize("path", ["", "a\0b", "x" * 5000])
def test_what_is_no_path_names_the_option(path: str) -> None:
    assert "option path of this source" in refused(path).hint


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "option path" in refused(tmp_path).hint


def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "folder or device" in refused(tmp_path / "pipe").message


def test_a_device_is_refused() -> None:
    assert "folder or device" in refused("/dev/zero").message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(models: Path) -> None:
    models.write_bytes(ONE_TWO)
    models.chmod(0)
    assert "option path" in refused(models).hint


def test_a_file_over_the_limit_is_refused_packed_and_unpacked(tmp_path: Path) -> None:
    plain, packed = tmp_path / "models.csv", tmp_path / "models.csv.zst"
    plain.touch()
    os.truncate(plain, MAX_BYTES + 1)
    packed.write_bytes(zstd.compress(plain.read_bytes()))
    assert packed.stat().st_size < 100_000
    assert isinstance(refused(plain), TooLarge)
    assert isinstance(refused(packed), TooLarge)


def test_a_table_without_an_id_says_what_to_correct(models: Path) -> None:
    models.write_bytes(b"name;price\nx;1\n")
    error = refused(models)
    assert "no column is named 'id'" in error.message
    assert "first line" in error.hint


def test_ones_own_models_are_recorded_and_followed(sqlite_url: str, models: Path) -> None:
    models.write_bytes(ONE_TWO)
    with table(sqlite_url, ADAPTER, options={"path": str(models)}) as laid:
        first = laid.sync(None)
        models.write_bytes(b"id,x\none,5\ntwo,2\nthree,3\n")
        second = laid.sync(None)
        assert laid.up.requests == []
    assert (first.status, first.appeared) == (SyncStatus.COMPLETE, 2)
    assert (second.status, second.appeared, second.altered, second.vanished) == (SyncStatus.COMPLETE, 1, 1, 0)


def test_a_half_written_file_removes_nothing(sqlite_url: str, models: Path) -> None:
    models.write_bytes(ONE_TWO)
    with table(sqlite_url, ADAPTER, options={"path": str(models)}) as laid:
        laid.sync(None)
        models.write_bytes(b"id,x\none,1\ntw")
        record = laid.sync(None)
    assert (record.status, record.vanished) == (SyncStatus.INCOMPLETE, 0)
    assert record.hint
