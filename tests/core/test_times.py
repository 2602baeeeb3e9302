"""Times that people write, times in names of files, and hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.errors import InvalidInput
from modelcensus.core.times import epoch_of, from_micros, iso, parse_time, time_in_name, to_micros

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # given a zone


def micros(*parts: int) -> int:
    return to_micros(datetime(*parts, tzinfo=UTC))  # type: ignore[arg-type,misc]  # integers


@given(MOMENTS)
def test_microseconds_and_back_is_the_same_time(moment: datetime) -> None:
    assert from_micros(to_micros(moment)) == moment


@given(MOMENTS)
def test_a_time_as_written_is_read_as_the_same_time(moment: datetime) -> None:
    assert parse_time(iso(to_micros(moment)), NOW) == to_micros(moment)


@given(MOMENTS)
def test_an_epoch_is_the_hour_that_holds_the_time(moment: datetime) -> None:
    epoch = epoch_of(to_micros(moment))
    assert epoch % 3600 == 0
    assert timedelta() <= moment - datetime.fromtimestamp(epoch, UTC) < timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", (2026, 3, 1)),
        ("2026-03-01T12:00Z", (2026, 3, 1, 12)),
        (" 2026-03-01T12:00:30 ", (2026, 3, 1, 12, 0, 30)),
        ("2026-03-01T12:00+02:00", (2026, 3, 1, 10)),
        ("now", (2026, 3, 10, 12)),
        ("36h", (2026, 3, 9, 0)),
        ("7d", (2026, 3, 3, 12)),
        ("2 w", (2026, 2, 24, 12)),
    ],
)
def test_what_a_person_writes_is_understood(text: str, expected: tuple[int, ...]) -> None:
    assert parse_time(text, NOW) == micros(*expected)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01", "99999999999999d", "-3h", "12", "14730531723", "20260301", "2026-03-01x12:00"],
)
def test_what_is_no_time_is_refused_with_a_way_to_write_it(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_time(text, NOW)
    assert "2026-03-01" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("20250507T195745Z.json", (2025, 5, 7, 19, 57, 45)),
        ("2025-05-07T19:57:45+02:00.json.gz", (2025, 5, 7, 17, 57, 45)),
        ("models_2025-05-07_19-57.json", (2025, 5, 7, 19, 57)),
        ("2025-05-07.json.zst", (2025, 5, 7)),
        ("openrouter-20250507.json", (2025, 5, 7)),
        ("1746647865.json", (2025, 5, 7, 19, 57, 45)),
        ("1746647865000.json", (2025, 5, 7, 19, 57, 45)),
        ("1712101010000.json", (2024, 4, 2, 23, 36, 50)),
        ("20250507T195745.123456Z.json", (2025, 5, 7, 19, 57, 45)),
    ],
)
def test_a_time_in_a_file_name_is_found(name: str, expected: tuple[int, ...]) -> None:
    assert time_in_name(name) == micros(*expected)


@pytest.mark.parametrize("name", ["models.json", "v2.json", "2025-13-45.json", "12345.json", "20259999T999999Z.json"])
def test_a_name_without_a_time_has_none(name: str) -> None:
    assert time_in_name(name) is None


def test_another_zone_does_not_move_the_hour() -> None:
    east = datetime(2026, 1, 1, 5, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    assert epoch_of(to_micros(east)) == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
