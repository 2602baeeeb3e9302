from __future__ import annotations

from typing import Any

import pytest

from modelcensus.core.records import SyncRecord, SyncStatus
from modelcensus.core.run import error_of, may_pass, run_result, source_run


def sync(status: SyncStatus = SyncStatus.COMPLETE, **fields: Any) -> SyncRecord:
    given = {"id": 1, "source": "lab", "document": "model", "observed_at": 0, "epoch": 0, "origin": "here"}
    return SyncRecord(**{**given, "started_at": 0, "finished_at": 0, "status": status, **fields})


def failed(problem: str | None = "unreachable", **fields: Any) -> SyncRecord:
    return sync(SyncStatus.FAILED, problem=problem, error="no connection", hint="check the network", **fields)


def test_counts_are_added_up_over_documents_and_sources() -> None:
    one = source_run("lab", [sync(entities=3, appeared=2, reappeared=1, altered=4, vanished=5)], seconds=1)
    two = source_run("other", [sync(id=2, entities=10), sync(id=3, document="endpoint", entities=20)], seconds=2)
    told = run_result("run", [two, one], seconds=2.5)
    assert (told.total_processed, told.added, told.updated, told.marked_inactive) == (33, 3, 4, 5)
    assert (told.sync_log_id, told.sync_log_ids, told.duration) == (3, (1, 2, 3), 2.5)
    assert [part.source for part in told.sources] == ["lab", "other"]
    assert told.success


def test_an_attempt_that_failed_is_forgotten_once_a_later_one_went_well() -> None:
    told = source_run("lab", [failed(id=1), sync(id=2, entities=3)], seconds=1, attempts=2)
    assert (told.success, told.errors, told.sync_log_ids, told.attempts) == (True, (), (1, 2), 2)


def test_an_optional_document_that_fails_is_told_and_does_not_spoil_the_success() -> None:
    told = source_run("lab", [sync(), failed(document="author", optional=True)], seconds=1)
    assert told.success
    assert [(error.document, error.optional) for error in told.errors] == [("author", True)]


@pytest.mark.parametrize("status", [SyncStatus.FAILED, SyncStatus.INCOMPLETE, SyncStatus.HELD])
def test_a_source_that_was_not_read_whole_is_no_success(status: SyncStatus) -> None:
    assert not source_run("lab", [sync(status)], seconds=1).success


def test_a_run_of_nothing_is_no_success() -> None:
    assert not run_result("run", [], seconds=0).success
    assert not source_run("lab", [], seconds=0).success


def test_an_error_without_a_category_of_its_own_has_that_of_its_sync() -> None:
    error = error_of(sync(SyncStatus.HELD, error="only 3 entities came"))
    assert error is not None
    assert (error.category, error.message) == ("held", "only 3 entities came")


@pytest.mark.parametrize("problem", ["unreachable", "upstream_broken", "rate_limited"])
def test_what_may_pass_is_worth_another_try(problem: str) -> None:
    assert may_pass([sync(), failed(problem, document="endpoint")])


@pytest.mark.parametrize("problem", ["key_refused", "not_there", "too_large", None])
def test_what_does_not_pass_is_not(problem: str | None) -> None:
    assert not may_pass([failed(problem)])
    assert not may_pass([failed("unreachable"), failed(problem, document="endpoint")])


def test_what_went_well_or_is_optional_is_not_tried_again() -> None:
    assert not may_pass([sync(), failed(document="author", optional=True)])
    assert not may_pass([failed(), sync()])
