"""What upstream sends, and the audit log, by HTTP; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from modelcensus.core.access import Role
from modelcensus.operations.catalog import catalog
from modelcensus.settings import SourceSettings
from tests.api.admin.desk import Desk, desk_on, of
from tests.builders import census_at, model, openrouter, read
from tests.postgres import PostgresServer

GUARDED = (
    "/models", "/models/lab/a", "/plans", "/plans/12345678", "/revisions", "/providers/openrouter/diff", "/aliases",
    "/unmatched", "/disagreements", "/overrides", "/sources", "/drift", "/quality", "/quarantine", "/refused", "/audit",
)  # fmt: skip


@contextmanager
def filled(url: str) -> Iterator[Desk]:
    """Two readings of one source, of which the second is odd in places; nothing is published yet."""
    with census_at(url, openrouter=SourceSettings(policy="review")) as census, desk_on(census) as opened:
        read(census, openrouter(model("lab/a"), model("lab/b")))
        twice = b'{"id":"lab/b","id":"lab/b"}'
        read(census, openrouter(model("lab/a", colour="red"), twice, model("lab/c", price="x")), 24)
        catalog.refresh(census, now=census.clock())
        yield opened


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk for tests that change nothing, on either database."""
    if request.param == "sqlite":
        with filled(f"sqlite:///{tmp_path_factory.mktemp('desk') / 'census.db'}") as opened:
            yield opened
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database()
    with filled(url) as opened:
        yield opened
    server.drop_database(url)


def test_every_source_is_told_with_its_policy_and_its_latest_syncs(desk: Desk) -> None:
    found = {each["state"]["name"]: each for each in desk.get("/sources")["data"]}
    mine = found["openrouter"]
    assert (mine["review"], [each["quarantined"] for each in mine["recent"]]) == (True, [1, 0])
    assert mine["state"]["last_sync"]["id"] == mine["recent"][0]["id"]
    assert (found["modelsdev"]["review"], found["modelsdev"]["recent"]) == (False, [])


def test_drift_is_told_from_a_time_on(desk: Desk) -> None:
    assert [each["path"] for each in desk.get("/drift", source="openrouter")["data"] if each["kind"] == "new"] == [
        "colour"
    ]
    assert desk.get("/drift", since="now")["data"] == []
    assert desk.get("/drift", source="modelsdev")["data"] == []


def test_quality_is_told_with_the_worst_findings(desk: Desk) -> None:
    found = desk.get("/quality", source="openrouter", limit=1)
    assert len(found["findings"]) == 1
    assert {each["category"] for each in found["scores"]} == {"model"}
    assert desk.get("/quality", source="modelsdev")["scores"] == []


def test_what_could_not_be_understood_is_told_by_source_and_sync(desk: Desk) -> None:
    (held,) = desk.get("/quarantine")["data"]
    assert (held["source"], held["fault"]) == ("openrouter", "duplicate_member")
    assert desk.get("/quarantine", sync=held["sync_id"])["data"] == [held]
    assert desk.get("/quarantine", sync=2**31 - 1)["data"] == []


def test_models_that_give_no_listing_are_told_with_the_reason(desk: Desk) -> None:
    assert desk.get("/refused", source="openrouter")["data"] == []


def test_the_pages_of_the_audit_log_join_to_the_whole_log(sqlite_url: str) -> None:
    with filled(sqlite_url) as desk:
        _turn_the_pages(desk)


def test_numbers_beyond_every_entry_find_nothing(desk: Desk) -> None:
    assert desk.get("/audit", after=2**53)["next"] is None
    assert desk.get("/revisions", after=2**53)["data"] == []
    assert desk.get("/audit", revision=2**31 - 1)["data"] == []
    assert desk.refused("POST", "/models/undo", {"audit_id": 2**53})[0] == 404
    assert desk.refused("POST", f"/revisions/{2**31 - 1}/rollback", {"reason": "so"})[0] == 404


def _turn_the_pages(desk: Desk) -> None:
    digest = desk.do("POST", "/plans")["digest"]
    desk.do("POST", f"/plans/{digest}/apply", {"reviewed": "so"})
    for notes in "abc":
        desk.do("PATCH", of("lab/a"), {"notes": notes})
    whole = [each["id"] for each in desk.get("/audit")["data"]]
    found: list[Any] = []
    after = None
    while len(found) < 999:
        page = desk.get("/audit", limit=2, after=after)
        found += [each["id"] for each in page["data"]]
        after = page["next"]
        if after is None:
            break
    assert found == whole == sorted(whole, reverse=True)
    assert len(desk.get("/audit", act="edit", actor="admin token", target="lab/a")["data"]) == 3
    assert {each["revision"] for each in desk.get("/audit", revision=1)["data"]} == {1}
    assert desk.get("/audit", since="2999-01-01")["data"] == []
    assert desk.get("/audit", actor="nobody")["data"] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/drift?since=soon", 400),
        ("/drift?colour=red", 400),
        ("/audit?since=0001-01-01T00:00:00%2B14:00", 400),
        ("/audit?revision=99999999999", 422),
        ("/audit?after=99999999999999999999999", 422),
        ("/audit?target=%00", 400),
        ("/quality?limit=-1", 422),
        ("/quarantine?sync=99999999999999999999999", 422),
        ("/refused?source=%00", 400),
    ],
)
def test_what_cannot_be_told_is_refused(desk: Desk, path: str, status: int) -> None:
    assert desk.refused("GET", path)[0] == status


def test_nobody_without_credentials_sees_anything(desk: Desk) -> None:
    for secret in (None, "wrong"):
        stranger = Desk(desk.address, desk.census)
        stranger.secret = secret
        assert {path: stranger.refused("GET", path)[0] for path in GUARDED} == dict.fromkeys(GUARDED, 401)


def test_a_reader_sees_nothing_and_a_viewer_sees_all(desk: Desk) -> None:
    with desk.as_role(Role.READER):
        assert {path: desk.refused("GET", path)[0] for path in GUARDED} == dict.fromkeys(GUARDED, 403)
    with desk.as_role(Role.VIEWER):
        statuses = {path: desk.ask("GET", path).status_code for path in GUARDED}
    missing = {path for path, status in statuses.items() if status == 404}
    assert (set(statuses.values()), missing) == ({200, 404}, {"/models/lab/a", "/plans/12345678"})
