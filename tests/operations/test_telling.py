"""What is told of a sync, and how gravely."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.core.run import RunError, run_result, source_run
from modelcensus.operations.triggering.telling import tell_ended, tell_read, tell_retry
from modelcensus.settings import ApiSettings, LogSettings, NoticeSettings, Settings, SourceSettings, secrets_of
from modelcensus.wiring import plan_of_logs


def a_sync(status: SyncStatus = SyncStatus.COMPLETE, **more: Any) -> SyncRecord:
    return SyncRecord(
        id=7, source="openrouter", document="model", status=status, observed_at=1, epoch=0, started_at=1,
        finished_at=1_500_001, origin="x", **more,
    )  # fmt: skip


def told(log: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    return [(record.levelname, record.getMessage()) for record in log.records]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG, logger="modelcensus")
    return caplog


def test_a_whole_reading_is_news_and_one_that_is_held_failed_or_quarantined_is_a_warning(
    log: pytest.LogCaptureFixture,
) -> None:
    tell_read(a_sync(entities=3))
    tell_read(a_sync(SyncStatus.HELD, error="far fewer"))
    tell_read(a_sync(SyncStatus.FAILED, error="no connection", hint="try later"))
    tell_read(a_sync(SyncStatus.PARTIAL, quarantined=2))
    tell_retry(2, 1.5)
    assert told(log) == [
        ("INFO", "read"),
        ("WARNING", "held: far fewer"),
        ("WARNING", "not read whole: no connection"),
        ("WARNING", "read, but some of it could not be understood: modelcensus quarantine"),
        ("WARNING", "it failed, and is tried again"),
    ]
    assert log.records[2].__dict__["hint"] == "try later"


def test_a_run_that_ended_tells_of_each_error_that_was_not_told_and_of_what_waits(
    log: pytest.LogCaptureFixture,
) -> None:
    broken = RunError(source=None, category="store_full", message="no space", hint="make some")
    parts = [source_run("openrouter", [a_sync(SyncStatus.FAILED, error="told before")], seconds=1.0)]
    tell_ended(run_result("r", parts, seconds=1.0, errors=[broken], held=2))
    assert told(log) == [
        ("WARNING", "no space"),
        ("WARNING", "the run ended"),
        ("WARNING", "changes wait for a person: modelcensus plan list"),
    ]
    assert {record.__dict__["run"] for record in log.records} == {"r"}


SECRETS = Settings(
    database_url="postgresql://ann:the-password@db/x",
    sources={"one": SourceSettings(key="the-key"), "two": SourceSettings(proxy="http://p:proxy-pass@h")},
    notices=NoticeSettings(targets={"ops": "slack://a/b/c"}, slack_webhook_url="https://hooks.slack.com/services/x"),
)


def test_every_secret_of_the_settings_is_known_to_the_log() -> None:
    assert set(secrets_of(SECRETS)) == {
        "the-password", "the-key", "proxy-pass", "slack://a/b/c", "https://hooks.slack.com/services/x",
    }  # fmt: skip
    assert plan_of_logs(SECRETS).secrets == secrets_of(SECRETS)


@pytest.mark.parametrize(
    ("level", "serving", "shown", "quiet"),
    [
        ("info", False, "warning", True),
        ("info", True, "info", False),
        ("debug", False, "debug", False),
        ("error", False, "error", True),
    ],
)
def test_a_command_that_ends_shows_warnings_unless_everything_is_to_be_told(
    level: Any, serving: bool, shown: str, quiet: bool
) -> None:
    plan = plan_of_logs(Settings(logs=LogSettings(level=level), api=ApiSettings()), serving=serving)
    assert (plan.level, plan.shown, bool(plan.quiet)) == (level, shown, quiet)
