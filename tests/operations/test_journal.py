"""What is kept of a reading that is under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcensus.operations.journal import Journal
from modelcensus.sources.http import Answer, Validators

HOUR = 3_600_000_000


def journal(
    folder: Path | None, name: str = "hub model", *, identity: str = "hub/model@1", not_before: int = 0, now: int = HOUR
) -> Journal:
    """A journal of one reading; ``now`` is when its answers come."""
    return Journal(folder, name, identity=identity, not_before=not_before, clock=lambda: now)


def answer(body: bytes = b"[]", **fields: object) -> Answer:
    return Answer(url="http://hub/models", status=200, body=body, **fields)  # type: ignore[arg-type]  # a builder


def kept(folder: Path, *bodies: bytes) -> Path:
    """The folder after a reading of these pages that was interrupted."""
    with journal(folder) as first:
        for number, body in enumerate(bodies):
            first.keep(f"page {number}", answer(body))
    return folder


def test_an_interrupted_reading_finds_every_answer_again(tmp_path: Path) -> None:
    with journal(kept(tmp_path, b"one", b"two", b"three")) as again:
        assert again.resumed == 3
        found = [again.find(f"page {number}") for number in range(4)]
    assert [each.body if each else None for each in found] == [b"one", b"two", b"three", None]


def test_an_answer_comes_back_with_all_that_adapters_look_at(tmp_path: Path) -> None:
    given = answer(
        b"x", content_type="application/json", links={"next": "http://hub/2"}, validators=Validators('"e"', "Mon")
    )
    with journal(tmp_path) as first:
        first.keep("a", given)
        first.keep("b", given)
    with journal(tmp_path) as again:
        assert again.find("a") == given


def test_what_comes_in_one_answer_writes_nothing(tmp_path: Path) -> None:
    kept(tmp_path / "none", b"all of it")
    assert not (tmp_path / "none").exists()


def test_an_answer_is_given_once_so_that_a_repeated_request_is_a_new_one(tmp_path: Path) -> None:
    with journal(kept(tmp_path, b"one", b"two")) as again:
        assert again.find("page 0")
        assert again.find("page 0") is None


def test_answers_go_on_after_those_that_were_kept(tmp_path: Path) -> None:
    with journal(kept(tmp_path, b"one", b"two")) as second:
        second.find("page 0")
        second.keep("page 2", answer(b"three"))
    with journal(tmp_path) as third:
        assert [third.find(f"page {n}").body for n in range(3)] == [b"one", b"two", b"three"]  # type: ignore[union-attr]  # all there


@pytest.mark.parametrize("lost", [1, 5, 17])
def test_an_answer_that_was_being_written_is_left_out_and_asked_for_again(tmp_path: Path, lost: int) -> None:
    (file,) = kept(tmp_path, b"one", b"two").iterdir()
    file.write_bytes(file.read_bytes()[:-lost])
    with journal(tmp_path) as again:
        assert again.resumed == 1
        again.keep("page 1", answer(b"anew"))
    with journal(tmp_path) as third:
        assert third.find("page 1").body == b"anew"  # type: ignore[union-attr]  # it was kept


def test_a_byte_that_turned_on_the_disk_drops_what_follows(tmp_path: Path) -> None:
    (file,) = kept(tmp_path, b"one", b"two", b"three").iterdir()
    text = file.read_bytes()
    file.write_bytes(text.replace(b"two", b"TWO"))
    with journal(tmp_path) as again:
        assert again.resumed == 1


@pytest.mark.parametrize(
    "other", [{"identity": "hub/model@2"}, {"not_before": HOUR + 1}, {"name": "hub endpoint"}], ids=str
)
def test_another_reading_or_one_too_long_ago_is_not_gone_on_with(tmp_path: Path, other: dict[str, object]) -> None:
    with journal(kept(tmp_path, b"one", b"two"), **other) as again:  # type: ignore[arg-type]  # a builder
        assert again.resumed == 0
        assert again.find("page 0") is None


def test_a_reading_that_is_recorded_leaves_nothing(tmp_path: Path) -> None:
    with journal(kept(tmp_path, b"one", b"two")) as again:
        again.discard()
    assert list(tmp_path.iterdir()) == []


def test_two_readings_of_one_document_at_once_do_not_mix(tmp_path: Path) -> None:
    kept(tmp_path, b"one", b"two")
    with journal(tmp_path) as first, journal(tmp_path) as second:
        assert (first.resumed, second.resumed) == (2, 0)
        second.keep("page 5", answer(b"five"))
        second.keep("page 6", answer(b"six"))
    with journal(tmp_path) as third:
        assert third.find("page 5") is None


def test_without_a_folder_nothing_is_kept_and_nothing_fails() -> None:
    with journal(None) as only:
        only.keep("page 0", answer())
        only.keep("page 1", answer())
        assert only.find("page 0") is None


def test_a_disk_that_cannot_be_written_ends_the_keeping_not_the_reading(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with journal(tmp_path / "file") as only:
        only.keep("page 0", answer())
        only.keep("page 1", answer())
        only.keep("page 2", answer())


def test_the_name_of_a_source_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    with journal(tmp_path / "in", "../../evil model") as only:
        only.keep("page 0", answer())
        only.keep("page 1", answer())
    assert [path.parent for path in tmp_path.rglob("*.journal")] == [tmp_path / "in"]
