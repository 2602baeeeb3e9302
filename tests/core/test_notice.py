"""Notices: what of them may be sent when, and as which text."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from modelcensus.core.notice import (
    Incident,
    Limits,
    NoticeKind,
    NoticeSeverity,
    Owed,
    batch,
    body_of,
    key_of,
    pause,
    plain,
    quiet_until,
    title_of,
)
from modelcensus.core.times import to_micros

BERLIN = ZoneInfo("Europe/Berlin")
SECOND = 1_000_000
HOUR = 3600 * SECOND
NOON = datetime(2026, 7, 14, 12, 0, tzinfo=BERLIN)
NIGHT = datetime(2026, 7, 14, 23, 30, tzinfo=BERLIN)


def incident(key: str = "k", **facts: Any) -> Incident:
    said = {"kind": NoticeKind.PLAN_HELD, "severity": NoticeSeverity.WARNING, "at": 0, "message": f"m {key}"}
    return Incident(**{"key": key, **said, **facts})


def owed(key: str = "k", ago: float = 60, now: datetime = NOON, **facts: Any) -> Owed:
    return Owed(incident(key, **facts), to_micros(now) - int(ago * SECOND))


def limits(**given: Any) -> Limits:
    return Limits(**{"group": 30 * SECOND, "per_hour": 2, **given})


def test_what_waits_goes_into_one_message_the_worst_first() -> None:
    waiting = (owed("a"), owed("b", severity=NoticeSeverity.CRITICAL), owed("c", severity=NoticeSeverity.GOOD))
    assert [each.incident.key for each in batch(waiting, (), NOON, limits()).owed] == ["b", "a", "c"]


def test_the_first_waits_until_others_were_gathered() -> None:
    waiting = (owed("a", ago=10), owed("b", ago=0))
    assert batch(waiting, (), NOON, limits()).again_at == to_micros(NOON) + 20 * SECOND
    assert batch(waiting, (), NOON, limits()).owed == ()
    assert batch(waiting, (), NOON, limits(at_once=True)).owed == waiting


def test_no_more_messages_than_allowed_go_within_an_hour_even_at_once() -> None:
    now = to_micros(NOON)
    sent = (now - 50 * 60 * SECOND, now - 40 * 60 * SECOND)
    held = batch((owed(),), sent, NOON, limits(at_once=True))
    assert (held.owed, held.again_at) == ((), now + 10 * 60 * SECOND)
    assert batch((owed(),), (now - HOUR, *sent[1:]), NOON, limits()).owed


def test_in_quiet_hours_only_what_is_urgent_goes() -> None:
    waiting = (owed("a", now=NIGHT), owed("b", now=NIGHT, urgent=True))
    found = batch(waiting, (), NIGHT, limits(quiet="22:00-07:00"))
    morning = to_micros(datetime(2026, 7, 15, 7, 0, tzinfo=BERLIN))
    assert ([each.incident.key for each in found.owed], found.again_at) == (["b"], morning)
    assert batch(waiting[:1], (), NIGHT, limits(quiet="22:00-07:00")) == batch(
        waiting[:1], (), NIGHT, limits(quiet="22:00-07:00", at_once=True)
    )


@pytest.mark.parametrize(
    ("quiet", "hour", "until"),
    [("22:00-07:00", 21, None), ("22:00-07:00", 22, (15, 7)), ("22:00-07:00", 6, (14, 7)), ("22:00-07:00", 7, None),
     ("09:00-17:00", 12, (14, 17)), ("09:00-17:00", 8, None), (None, 3, None)],
)  # fmt: skip
def test_quiet_hours_may_pass_midnight(quiet: str | None, hour: int, until: tuple[int, int] | None) -> None:
    found = quiet_until(quiet, NOON.replace(hour=hour))
    assert found == (until and to_micros(datetime(2026, 7, until[0], until[1], tzinfo=BERLIN)))


def test_quiet_hours_end_by_the_clock_on_the_wall_when_summer_time_ends() -> None:
    before = datetime(2026, 10, 24, 23, 0, tzinfo=BERLIN)
    end = quiet_until("22:00-07:00", before)
    assert end == to_micros(before) + 9 * HOUR


def test_the_pause_after_failures_doubles_up_to_an_hour() -> None:
    assert [pause(count) // SECOND for count in (1, 2, 3, 8, 1000)] == [30, 60, 120, 3600, 3600]


def test_text_from_strangers_is_one_line_without_markup_or_control_characters() -> None:
    said = plain("a\n<@U1>\x1b[31m `b` [c](https://d) \u202e*e* | f")
    assert said == "a ‹＠U1› (31m 'b' (c)(https:/\u2060/d) ∗e∗ ¦ f"
    assert len(plain("x" * 1000)) == 160


def test_a_key_is_bounded_and_unlike_that_of_other_parts() -> None:
    long = [key_of(NoticeKind.MODEL_NEW, "x" * 1000 + end) for end in ("a", "b")]
    assert len(set(long)) == 2
    assert max(map(len, long)) <= 300
    assert "\0" not in key_of(NoticeKind.MODEL_NEW, "a\0b")
    assert key_of(NoticeKind.SYNC_FAILED, "openrouter", 7) == "sync-failed:openrouter:7"


def test_a_message_says_what_happened_what_to_do_and_where_to_look() -> None:
    one = (incident(hint="decide", path="/api/admin/plans/1", severity=NoticeSeverity.CRITICAL),)
    assert title_of(one) == "Model Census: plan held"
    text = body_of(one, public_url="https://census.example/", longest=1000)
    assert text == "CRITICAL: m k\nWhat to do: decide\nhttps://census.example/api/admin/plans/1"
    assert "http" not in body_of(one, public_url=None, longest=1000)


@pytest.mark.parametrize("longest", [200, 300, 1000])
def test_a_message_never_gets_longer_than_it_may(longest: int) -> None:
    many = tuple(incident(str(number), message="x" * 150) for number in range(20))
    text = body_of(many, public_url=None, longest=longest)
    assert len(text) <= longest
    told = text.count("x" * 100)
    assert f"... and {20 - told} more: see 'modelcensus notify list'" in text
    assert title_of(many) == "Model Census: 20 notices"
    assert len(body_of((incident(message="x" * 5000),), public_url=None, longest=longest)) <= longest
