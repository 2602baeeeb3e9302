"""Every finding, brought about for real, with the exit code that it gives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event

import msgspec
import pytest
from sqlalchemy import text

from modelcensus.core.catalog.model import Tier
from modelcensus.core.errors import StoreUnreachable
from modelcensus.core.health import EXIT_CODES, Severity
from modelcensus.core.run import RunState, SourceRun, Trigger, run_result
from modelcensus.operations import collect
from modelcensus.operations.catalog import applying
from modelcensus.operations.catalog.shelf import Shelf
from modelcensus.operations.feeding.desk import Desk
from modelcensus.operations.feeding.publishing import feed_bytes
from modelcensus.operations.health.looking import look, without_database
from modelcensus.operations.inspect import inspect
from modelcensus.operations.triggering import slots
from modelcensus.operations.triggering.runs import finish
from modelcensus.operations.triggering.syncing import Ended
from modelcensus.settings import SourceSettings
from modelcensus.upstream import Play, Received, Upstream
from modelcensus.wiring import open_census, utc_now
from tests.builders import model, modelsdev, openrouter, read
from tests.operations.catalog_world import applied, merged, proposed
from tests.operations.health.bed import Bed, at_hours, in_bed, settings_of, well
from tests.operations.test_feeds import FEED
from tests.postgres import PostgresServer


@pytest.fixture
def bed(sqlite_url: str) -> Iterator[Bed]:
    with well(sqlite_url) as made:
        yield made


def test_a_census_in_good_health_has_only_good_findings_of_every_check(database_url: str) -> None:
    with well(database_url) as bed:
        found = bed.look()
    assert [each for each in found.findings if each.severity is not Severity.OK] == []
    assert EXIT_CODES[found.severity] == 0
    assert {each.check for each in found.findings} == {
        "freshness", "failures", "models", "held", "drift", "feeds", "workers", "quarantine", "clock", "database",
        "disk",
    }  # fmt: skip


@pytest.mark.parametrize(("hours", "code"), [(24, 0), (26, 1), (51, 2)])
def test_a_source_that_was_not_read_for_long_is_a_warning_and_then_critical(bed: Bed, hours: int, code: int) -> None:
    bed.hours = hours
    found, got = bed.one("freshness")
    assert (got, found.subject) == (code, "openrouter")
    assert f"{hours} h ago" in found.message
    assert ("modelcensus sync openrouter" in found.hint) is bool(code)


def test_a_frozen_upstream_makes_its_source_stale_and_its_syncs_failed(sqlite_url: str) -> None:
    frozen = Event()
    release = Event()

    def script(_request: Received) -> Play:
        if frozen.is_set():
            release.wait(20)
        return Play(modelsdev(lab=["one"]))

    with Upstream({"/lab/api.json": script}) as up:
        settings = settings_of(sqlite_url, lab=SourceSettings(adapter="modelsdev", base_url=f"{up.url}/lab/"))
        quick = msgspec.structs.replace(settings.http, read_seconds=0.3, total_seconds=0.5)
        with in_bed(msgspec.structs.replace(settings, http=quick)) as bed:
            source = [bed.census.sources["lab"]]
            list(collect.collect_all(bed.census, source))
            assert bed.one("freshness")[1] == 0
            frozen.set()
            bed.hours = 30
            list(collect.collect_all(bed.census, source))
            stale, code = bed.one("freshness")
            failed, failed_code = bed.one("failures")
            release.set()
    assert (code, stale.subject, "30 h ago" in stale.message) == (1, "lab", True)
    assert (failed_code, failed.message) == (1, "1 of the last 2 syncs failed (50%): lab; at most 20% may")


def test_a_source_that_was_never_read_is_a_warning(sqlite_url: str) -> None:
    with in_bed(settings_of(sqlite_url, openrouter=SourceSettings())) as bed:
        found, code = bed.one("freshness")
    assert (code, found.message) == (1, "it was never read whole")


def test_a_census_without_any_source_is_critical(sqlite_url: str) -> None:
    with in_bed(settings_of(sqlite_url)) as bed:
        assert bed.one("freshness")[1] == 2


@pytest.mark.parametrize(("least", "code"), [(1, 0), (2, 1)])
def test_too_few_models_are_a_warning(bed: Bed, least: int, code: int) -> None:
    assert bed.one("models", min_models=least)[1] == code


def test_no_model_at_all_is_critical(sqlite_url: str) -> None:
    with in_bed(settings_of(sqlite_url)) as bed:
        found, code = bed.one("models", min_models=100)
    assert (code, found.message) == (2, "0 active models in the catalog, fewer than 100")


def ran(bed: Bed, *good: bool) -> None:
    """Runs that end, one after the other."""
    for success in good:
        bed.hours += 0.01
        run = slots.claim(bed.census, ["openrouter"], trigger=Trigger.CLI, actor="test").run
        part = SourceRun(
            source="openrouter", success=success, attempts=1, sync_log_ids=(), total_processed=0, added=0, updated=0,
            marked_inactive=0, duration=0.0, errors=(),
        )  # fmt: skip
        finish(bed.census, run.id, Ended(RunState.DONE, run_result(run.id, [part], seconds=0.0)))


@pytest.mark.parametrize(
    ("good", "code"),
    [([True] * 8 + [False] * 2, 0), ([True] * 7 + [False] * 3, 1), ([False] * 3 + [True] * 10, 0), ([False] * 3, 2)],
)
def test_failures_count_over_the_last_runs_only(bed: Bed, good: list[bool], code: int) -> None:
    ran(bed, *good)
    found, got = bed.one("failures")
    assert got == code
    assert ("openrouter" in found.message) is bool(code)


def test_a_run_whose_process_died_counts_as_failed_and_one_under_way_does_not(bed: Bed) -> None:
    ran(bed, True)
    slots.claim(bed.census, ["openrouter"], trigger=Trigger.CLI, actor="test")
    assert bed.one("failures")[0].message == "0 of the last 1 run failed (0%)"
    bed.hours += 1
    assert bed.one("failures")[0].message.startswith("1 of the last 2 runs failed (50%)")


def test_what_is_held_for_a_day_is_a_warning_until_a_person_decides(bed: Bed) -> None:
    proposed(bed.store, merged(price="2000000"), now=at_hours(1))
    bed.hours = 24
    assert bed.one("held")[1] == 0
    bed.hours = 25.1
    found, code = bed.one("held")
    assert (code, "lab/one#price.input" in found.message) == (1, True)
    plan = proposed(bed.store, merged(price="2000000"), note="again", now=at_hours(25))
    assert bed.one("held")[1] == 1, "it came back in the next plan: it has been held since the first"
    applying.reject(bed.store, plan.digest, "ann", "no", at_hours(25))
    assert bed.one("held")[1] == 0


def test_what_comes_back_after_a_person_decided_is_held_since_then(bed: Bed) -> None:
    plan = proposed(bed.store, merged(price="2000000"), now=at_hours(1))
    applying.reject(bed.store, plan.digest, "ann", "no", at_hours(2))
    proposed(bed.store, merged(price="2000000"), note="again", now=at_hours(3))
    bed.hours = 26
    assert bed.one("held")[1] == 0
    bed.hours = 28
    assert bed.one("held")[1] == 1


def test_what_is_held_stays_old_when_other_things_are_published(bed: Bed) -> None:
    proposed(bed.store, merged(price="2000000"), now=at_hours(1))
    bed.hours = 30
    applied(bed.store, merged(price="2000000"), merged("lab/two"), now=at_hours(29))
    found, code = bed.one("held")
    assert (code, "29 h ago" in found.message) == (1, True)


def test_a_field_that_is_gone_is_a_warning_for_a_week(bed: Bed) -> None:
    bed.hours = 3
    read(bed.census, openrouter(model(context_length=5)), 1)
    read(bed.census, openrouter(model()), 2)
    inspect(bed.store, "openrouter", bed.census.sources["openrouter"].adapter.documents, bed.census.clock)
    found, code = bed.one("drift")
    assert (code, found.subject, "missing context_length" in found.message) == (1, "openrouter", True)
    bed.hours = 3 + 7 * 24
    assert bed.one("drift")[1] == 0


def test_a_refused_feed_is_a_warning_while_there_is_a_good_copy_and_critical_without(bed: Bed) -> None:
    desk = Desk(bed.census, bed.settings, Shelf(bed.census, bed.settings.access))
    feed_bytes(desk, FEED, Tier.FREE)
    applied(bed.store, merged(), merged("lab/bad"), now=at_hours(1))
    feed_bytes(desk, FEED, Tier.FREE)
    found, code = bed.one("feeds")
    assert (code, found.subject, "lab/bad is bad" in found.message) == (1, "plain (free)", True)
    bed.write("DELETE FROM feed_copy")
    assert bed.one("feeds")[1] == 2


WORKER = """INSERT INTO worker (id, name, host, pid, protocol, started_at, beat_at)
VALUES (:name, :name, 'here', 7, 1, :beat, :beat)"""


def test_a_worker_that_is_not_heard_of_is_critical_alone_and_a_warning_beside_others(bed: Bed) -> None:
    bed.write(WORKER, name="gone", beat=at_hours(0))
    assert bed.one("workers")[0].message == "1 worker at work"
    bed.hours = 1
    found, code = bed.one("workers")
    assert (code, found.subject, "process 7 on here" in found.message) == (2, "gone", True)
    bed.write(WORKER, name="alive", beat=at_hours(1))
    assert bed.one("workers")[1] == 1
    bed.write("UPDATE worker SET beat_at = :now WHERE name = 'alive'", now=at_hours(30))
    bed.hours = 30
    assert bed.one("workers")[1] == 0, "it was replaced"


def test_what_is_in_quarantine_is_a_warning(bed: Bed) -> None:
    for hours in (1, 2):
        bed.write(
            "INSERT INTO due (source, due_at, documents, state, protocol, fence, attempts, next_at, problem, ended_at)"
            " VALUES ('openrouter', :due, 'all', 'quarantined', 1, 5, 5, :due, 'killed five times', :due)",
            due=at_hours(hours),
        )
    found, code = bed.one("quarantine")
    assert (code, found.subject) == (1, "openrouter")
    assert found.message.startswith("2 due times never came to an end, the first of 2026-01-01T13:30:00Z: killed")


@pytest.mark.parametrize(("hours", "code"), [(0.001, 0), (0.1, 1), (-0.1, 1), (2, 2)])
def test_a_wrong_clock_is_told(sqlite_url: str, hours: float, code: int) -> None:
    settings = settings_of(sqlite_url)
    with open_census(settings, now=lambda: utc_now() + timedelta(hours=hours)) as census:
        limits = msgspec.structs.replace(settings.health, clock_seconds=5.0)
        found = look(census, msgspec.structs.replace(settings, health=limits))
    worst = next(each for each in found.findings if each.check == "clock")
    assert EXIT_CODES[worst.severity] == code
    if code:
        assert ("ahead of" if hours > 0 else "behind") in worst.message


def test_the_clock_of_a_database_server_is_asked(postgres_url: str) -> None:
    settings = settings_of(postgres_url)
    with open_census(settings, now=lambda: utc_now() + timedelta(seconds=90)) as census:
        limits = msgspec.structs.replace(settings.health, clock_seconds=5.0)
        found = look(census, msgspec.structs.replace(settings, health=limits))
    assert any(each.check == "clock" and "ahead of the database" in each.message for each in found.findings)


def test_a_sync_from_the_future_is_told(bed: Bed) -> None:
    bed.hours = 0.5
    read(bed.census, openrouter(model(price="0.5")), 0.5)
    bed.hours = 0
    found = [each for each in bed.look(clock_seconds=5.0).findings if each.subject == "openrouter"]
    assert any("30 min in the future" in each.message and each.severity is Severity.WARNING for each in found)


def test_a_last_sync_that_was_altered_is_critical(bed: Bed) -> None:
    bed.write("DROP TRIGGER sync_sealed")
    bed.write("UPDATE sync SET entities = entities + 1")
    found, code = bed.one("database")
    assert (code, found.message) == (2, "sync 1, the last one, is not what it was when it was recorded")


def test_a_database_of_a_newer_program_is_critical(bed: Bed) -> None:
    bed.write("UPDATE alembic_version SET version_num = '9999'")
    found, code = bed.one("database")
    assert (code, "schema 9999" in found.message, "upgrade" in found.hint) == (2, True, True)


def test_a_table_that_is_gone_spoils_its_own_checks_only(bed: Bed) -> None:
    bed.write("DROP TABLE feed_refusal")
    bad = {each.check for each in bed.look().findings if each.severity is not Severity.OK}
    assert bad == {"feeds", "models"}


def test_a_database_file_that_was_taken_away_is_critical(bed: Bed, tmp_path: Path) -> None:
    (tmp_path / "census.db").rename(tmp_path / "elsewhere.db")
    found = bed.look()
    assert (found.severity, found.findings[0].check) == (Severity.CRITICAL, "database")
    assert "gone" in found.findings[0].message


def test_a_database_server_that_was_stopped_is_critical_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    with PostgresServer() as server:
        url = server.create_database()
        secret = url.replace("census@", "census:hunter2@")
        settings = msgspec.structs.replace(settings_of(secret), journal_folder=str(tmp_path))
        with in_bed(settings) as bed:
            assert bed.one("database")[1] == 0
            server.close()
            found = bed.look()
    assert [(each.check, EXIT_CODES[each.severity]) for each in found.findings] == [("database", 2), ("disk", 0)]
    assert "start the server" in found.findings[0].hint
    assert b"hunter2" not in msgspec.json.encode(found)


def test_a_disk_with_less_room_than_is_wanted_is_told(bed: Bed, tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free // 1_000_000
    assert [bed.one("disk", disk_mb=wanted)[1] for wanted in (free // 2, free * 2, free * 20)] == [0, 1, 2]


def test_a_disk_that_fills_up_is_a_warning_and_then_critical(sqlite_url: str, tiny_disk: Path) -> None:
    settings = msgspec.structs.replace(settings_of(sqlite_url), journal_folder=str(tiny_disk / "journals"))
    codes = []
    with in_bed(settings) as bed:
        for megabytes in (0.0, 2.5, 3.9):
            (tiny_disk / "filler").write_bytes(bytes(int(megabytes * 1_048_576)))
            found = [each for each in bed.look(disk_mb=2).findings if each.subject == "journals"]
            codes += [EXIT_CODES[each.severity] for each in found]
    assert codes == [0, 1, 2]


def test_the_file_of_logs_is_on_a_disk_too(bed: Bed, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(bed.settings, logs=msgspec.structs.replace(bed.settings.logs, folder="/dev/shm"))
    if not Path("/dev/shm").is_dir():
        pytest.skip("this machine has no second file system that is known")
    found = look(bed.census, settings)
    assert {each.subject for each in found.findings if each.check == "disk"} == {"database", "logs"}


def test_without_a_database_a_look_says_why_and_looks_at_the_disk(tmp_path: Path) -> None:
    settings = settings_of(f"sqlite:///{tmp_path}/none.db")
    found = without_database(StoreUnreachable("away", "start it"), settings, at_hours(0))
    assert next((each.check, each.message, each.hint) for each in found.findings) == ("database", "away", "start it")
    assert {each.check for each in found.findings} == {"database", "disk"}


def test_a_name_from_upstream_is_one_short_printable_line(bed: Bed) -> None:
    with bed.store.noting() as tx:
        tx.execute(
            text(
                "INSERT INTO feed_refusal (name, tier, revision, refused_at, reasons)"
                " VALUES ('plain', 'free', 1, :at, :reasons)"
            ),
            {"at": at_hours(0), "reasons": msgspec.json.encode(["a\x1b[31m\nb" + "x" * 500]).decode()},
        )
    message = bed.one("feeds")[0].message
    assert message.isprintable()
    assert len(message) < 300
