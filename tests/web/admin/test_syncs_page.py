from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

import pytest

from modelcensus.core.access import Role
from modelcensus.core.run import RunState, Trigger
from modelcensus.operations import tokens
from modelcensus.operations.triggering import slots
from tests.api.sync_server import ACCESS, Server, sync_server
from tests.builders import at
from tests.operations.gated import eventually
from tests.web.visiting import Visit

SECRET = ACCESS.admin_token or ""
Opened = tuple[Server, Visit]


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Opened]:
    """Sources that answer at once."""
    with sync_server(sqlite_url, "lab", "other") as server, Visit(server.address, SECRET) as visit:
        yield server, visit


@pytest.fixture
def closed(sqlite_url: str) -> Iterator[Opened]:
    """Sources that do not answer before the test says so."""
    with sync_server(sqlite_url, "lab", "other", opened=False) as server, Visit(server.address, SECRET) as visit:
        yield server, visit


def over(visit: Visit, where: str) -> bool:
    return visit.get(f"/api{where}").json()["state"] != "running"


def test_a_sync_started_from_the_page_leads_to_what_came_of_it(database_url: str) -> None:
    with sync_server(database_url, "lab", "other") as server, Visit(server.address, SECRET) as visit:
        answer = visit.post("/admin/syncs", {"source": ["lab"]})
        assert answer.status_code == 303, answer.text
        where = answer.headers["location"]
        assert eventually(lambda: over(visit, where))
        page = visit.get(where).text
        assert ">done</span>" in page
        assert "3 read" in page
        assert "sync 1" in page
        assert "other" not in visit.get(f"/api{where}").json()["sources"]
        assert visit.get(f"/api{where}").json()["actor"] == "admin token"


def test_a_sync_that_is_in_the_way_is_told_of_with_where_to_see_it(closed: Opened) -> None:
    _, visit = closed
    where = visit.post("/admin/syncs", {"source": ["lab"]}).headers["location"]
    answer = visit.post("/admin/syncs", {"source": ["lab"]})
    assert answer.status_code == 409
    assert "lab is being synced since" in answer.text
    assert answer.text.count(f'href="{where}"') >= 2
    assert 'value="lab" checked' in answer.text


def test_a_source_that_rests_is_told_of_with_when_to_try_again(opened: Opened) -> None:
    _, visit = opened
    where = visit.post("/admin/syncs", {"source": ["lab"]}).headers["location"]
    assert eventually(lambda: over(visit, where))
    answer = visit.post("/admin/syncs", {"source": ["lab"]})
    assert answer.status_code == 429
    assert "Try again after 20" in answer.text
    # Where all are wanted, the one that rests is left out.
    assert "Left out" in unquote(visit.post("/admin/syncs").headers["set-cookie"])


def test_a_source_that_nobody_knows_is_refused_on_the_page(opened: Opened) -> None:
    _, visit = opened
    answer = visit.post("/admin/syncs", {"source": ["nobody"]})
    assert answer.status_code == 400
    assert "there is no source" in answer.text
    assert "Start a sync" in answer.text


def test_a_run_under_way_is_shown_and_stops_when_it_is_cancelled(database_url: str) -> None:
    with (
        sync_server(database_url, "lab", opened=False) as server,
        Visit(server.address, SECRET) as visit,
    ):
        where = visit.post("/admin/syncs").headers["location"]
        assert server.gate.asked.wait(10)
        page = visit.get("/admin/syncs").text
        assert f'data-run="{where.rsplit("/", 1)[1]}"' in page
        assert "<progress" in page
        assert "Reload this page" in page
        assert visit.post(f"{where}/cancel").status_code == 303
        server.gate.opened.set()
        assert eventually(lambda: over(visit, where))
        assert "stopped by admin token" in visit.get(where).text
        assert ">failed</span>" in visit.get(where).text
        told = unquote(visit.post(f"{where}/cancel").headers["set-cookie"])
        assert "the run is over" in told


def test_a_run_of_another_process_says_where_to_stop_it(closed: Opened) -> None:
    server, visit = closed
    run = slots.claim(server.census, ["lab"], trigger=Trigger.CLI, actor="ann").run
    told = unquote(visit.post(f"/admin/syncs/{run.id}/cancel").headers["set-cookie"])
    assert "only that process can stop it" in told


def test_runs_are_found_by_source_and_state(closed: Opened) -> None:
    server, visit = closed
    slots.claim(server.census, ["lab"], trigger=Trigger.CLI, actor="ann")
    with server.census.store.noting() as tx:
        tx.exec_driver_sql("UPDATE run SET beat_at = beat_at - 61000000")
    slots.claim(server.census, ["other"], trigger=Trigger.CLI, actor="bob")

    def actors(query: str) -> set[str]:
        page = visit.get(f"/admin/syncs/runs?{query}").text
        return {name for name in ("ann", "bob") if f"<bdi>{name}</bdi>" in page}

    assert actors("") == {"ann", "bob"}
    assert actors("source=lab") == {"ann"}
    assert actors("source=la%25") == actors("source=%00x") == set()
    assert actors(f"state={RunState.LOST.value}") == {"ann"}
    assert actors("state=running&source=other") == {"bob"}
    assert "No run here" in visit.get("/admin/syncs/runs?state=done").text


def test_the_log_tells_what_went_wrong_and_what_to_do(opened: Opened) -> None:
    server, visit = opened
    server.gate.body = b'{"lab": "no catalog"'
    where = visit.post("/admin/syncs", {"source": ["lab"]}).headers["location"]
    assert eventually(lambda: over(visit, where), 20)
    page = visit.get("/admin/syncs/log?status=incomplete&source=lab").text
    assert "<strong><bdi>lab</bdi></strong>" in page
    assert 'class="note bad"' in page
    assert 'class="note bad"' in visit.get(where).text
    assert "No sync here" in visit.get("/admin/syncs/log?status=complete").text
    assert "No sync here" in visit.get("/admin/syncs/log?source=nobody").text


def test_the_schedule_says_what_comes_next_and_whether_anybody_does_it(opened: Opened) -> None:
    _, visit = opened
    page = visit.get("/admin/syncs").text
    assert "0 2 * * *" in page
    assert "No worker is at work" in page


def test_a_viewer_sees_syncs_and_starts_none(closed: Opened) -> None:
    server, visit = closed
    guest = tokens.create(server.census.store, "guest", role=Role.CURATOR, actor="test", now=at(0))
    where = visit.post("/admin/syncs").headers["location"]
    with Visit(server.address, guest.secret) as viewer:
        for path in ("/admin/syncs", where):
            assert 'method="post" action="/admin/syncs' not in viewer.get(path).text
        assert "Your role is curator" in viewer.get("/admin/syncs").text
        assert viewer.post("/admin/syncs").status_code == 403
        assert viewer.post(f"{where}/cancel").status_code == 403
    assert visit.get("/admin/syncs/nothing").status_code == 404
