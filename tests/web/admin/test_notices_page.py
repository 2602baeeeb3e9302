from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import msgspec
import pytest

from modelcensus.core.access import Role
from modelcensus.core.webhook import Filters
from modelcensus.operations import tokens
from modelcensus.operations.webhooks import registering
from modelcensus.settings import NoticeSettings, RuleSettings, Settings, WebhookSettings
from tests.builders import census_at, model, openrouter, read
from tests.operations.noticing.posts import APPRISE_LOADS
from tests.operations.noticing.scene import SYNCS, Scene, scene
from tests.receiver import Reply, receiving
from tests.web.serving import served
from tests.web.visiting import OPENED, Visit

pytestmark = pytest.mark.filterwarnings(APPRISE_LOADS)


@contextmanager
def told(it: Scene) -> Iterator[str]:
    """The census of a scene, served with its own rules."""
    with served(it.census, msgspec.structs.replace(OPENED, notices=it.settings.notices)) as address:
        yield address


def test_an_incident_is_open_until_it_ends_and_shows_who_was_told(database_url: str) -> None:
    with (
        receiving() as receiver,
        scene(database_url, NoticeSettings(slack_webhook_url=receiver.url, rules=SYNCS)) as it,
    ):
        it.fail(3)
        it.tell()
        with told(it) as address, Visit(address) as visit:
            page = visit.get("/admin/notices").text
            assert "openrouter could not be read, 3 times in a row" in page
            assert ">open</span>" in page
            assert "slack</bdi>: told" in page
            assert "after 3 failures in a row" in page
            assert receiver.url not in page
            read(it.census, openrouter(model()))
            it.tell()
            page = visit.get("/admin/notices").text
            assert "can be read again" in page
            assert ">open</span>" not in page


def test_what_waits_is_shown_with_why_it_was_not_taken(sqlite_url: str) -> None:
    with (
        receiving(Reply(status=500)) as receiver,
        scene(sqlite_url, NoticeSettings(slack_webhook_url=receiver.url, rules=SYNCS)) as it,
    ):
        it.fail(3)
        it.tell()
        with told(it) as address, Visit(address) as visit:
            page = visit.get("/admin/notices").text
    assert "1 waiting" in page
    assert "it answered 500" in page
    assert "tried again at" in page


def test_a_test_message_is_sent_by_administrators_alone(sqlite_url: str) -> None:
    with receiving() as receiver, scene(sqlite_url, NoticeSettings(slack_webhook_url=receiver.url)) as it:
        made = tokens.create(it.census.store, "guest", role=Role.VIEWER, actor="test", now=it.census.clock())
        with told(it) as address, Visit(address) as visit, Visit(address, made.secret) as guest:
            assert "Send a test" not in guest.get("/admin/notices").text
            assert guest.post("/admin/notices/test", {"target": "slack"}).status_code == 403
            assert receiver.got == []
            done = visit.post("/admin/notices/test", {"target": "slack"})
            assert "slack took the test message" in unquote(done.headers["set-cookie"])
            assert len(receiver.got) == 1
            missed = visit.post("/admin/notices/test", {"target": "nobody"})
            assert "there is no target" in unquote(missed.headers["set-cookie"])


def test_rules_that_cannot_be_used_are_told_on_the_page(sqlite_url: str) -> None:
    wrong = NoticeSettings(
        targets={"ops": "json://concealed@host.example"}, rules={"odd": RuleSettings(on=["no-such"])}
    )
    with (
        census_at(sqlite_url) as census,
        served(census, msgspec.structs.replace(OPENED, notices=wrong)) as address,
        Visit(address) as visit,
    ):
        answer = visit.get("/admin/notices")
    assert answer.status_code == 200
    assert "no-such" in answer.text
    assert "concealed" not in answer.text


def test_a_webhook_is_switched_off_and_on_and_its_secret_address_is_masked(sqlite_url: str) -> None:
    hooks = WebhookSettings(signing_key="a master key of thirty-two letters", allow_private=True)
    settings: Settings = msgspec.structs.replace(OPENED, webhooks=hooks)
    with census_at(sqlite_url) as census, served(census, settings) as address, Visit(address) as visit:
        assert "There is no webhook" in visit.get("/admin/notices/webhooks").text
        made = registering.create(
            census.store, hooks, "http://127.0.0.1:9/in?token=concealed", Filters(), actor="test", now=census.clock()
        )  # fmt: skip
        page = visit.get("/admin/notices/webhooks").text
        assert "127.0.0.1:9/in?token=***" in page
        assert "concealed" not in page
        for word in ("no", "yes"):
            visit.post("/admin/notices/webhooks/switch", {"webhook": made.webhook.id, "enabled": word})
            assert registering.shown(census.store, made.webhook.id).enabled is (word == "yes")
        done = visit.post("/admin/notices/webhooks/replay")
        assert "No delivery was given up" in unquote(done.headers["set-cookie"])
