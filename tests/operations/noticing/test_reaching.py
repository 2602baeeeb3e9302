"""Notices arrive: by mail, and in the payloads that chat and paging services take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelcensus.core.notice import Incident, NoticeKind, NoticeSeverity, plain
from modelcensus.operations.noticing.sending import Letter, Outcome, send
from modelcensus.operations.noticing.targets import Target, targets_of
from modelcensus.settings import NoticeSettings
from tests.operations.noticing.posts import (
    APPRISE_LOADS,
    DISCORD,
    PAGERDUTY,
    SLACK,
    TEAMS,
    Services,
    mailbox,
    services,
    text_of,
)
from tests.receiver import Reply, receiving

pytestmark = pytest.mark.filterwarnings(APPRISE_LOADS)

HOSTILE = "evil/<!channel> @everyone <b>x</b> [a](http://x.example)\n\x1b[31m `code` \u202e*bold*"
SECRET = "TIiajkdnlazkcOXrIdevi7"


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    with services(tmp_path) as found:
        for name, value in found.environment.items():
            monkeypatch.setenv(name, value)
        yield found


def incident(severity: NoticeSeverity = NoticeSeverity.WARNING, **facts: Any) -> Incident:
    said = {"key": "k", "kind": NoticeKind.SYNC_FAILED, "at": 0, "message": "openrouter failed (sync 7)"}
    return Incident(**{**said, "severity": severity, "hint": "look at it", **facts})


def sent(target: Target, *incidents: Incident, private: bool = True) -> Outcome:
    letter = Letter(incidents or (incident(),), "https://census.example")
    return send(target, letter, private=private, now=0)


def only(settings: NoticeSettings) -> Target:
    (target,) = targets_of(settings).values()
    return target


def at(address: str) -> Target:
    return only(NoticeSettings(targets={"here": address}))


def test_a_webhook_of_slack_gets_slacks_payload(there: Services) -> None:
    assert sent(only(NoticeSettings(slack_webhook_url=SLACK))).ok
    (posted,) = there.got
    assert (posted.host, posted.path) == ("hooks.slack.com", "/services/T1JJ3T3L2/A1BRTD4JD/" + SECRET)
    text = str(posted.json["attachments"])
    assert "openrouter failed (sync 7)" in text
    assert "What to do: look at it" in text


def test_discord_gets_discords_payload(there: Services) -> None:
    assert sent(at(DISCORD)).ok
    (posted,) = there.got
    assert posted.host == "discord.com"
    assert posted.path.startswith("/api/webhooks/417429632418316298/")
    assert "openrouter failed (sync 7)" in posted.json["content"]


def test_pagerduty_gets_an_event_that_a_recovery_resolves(there: Services) -> None:
    assert sent(at(PAGERDUTY), incident(NoticeSeverity.CRITICAL)).ok
    assert sent(at(PAGERDUTY), incident(NoticeSeverity.GOOD)).ok
    raised, resolved = (posted.json for posted in there.got)
    assert {posted.path for posted in there.got} == {"/v2/enqueue"}
    assert (raised["event_action"], raised["payload"]["severity"]) == ("trigger", "critical")
    assert "openrouter failed (sync 7)" in raised["payload"]["summary"]
    assert (resolved["event_action"], resolved["dedup_key"]) == ("resolve", raised["dedup_key"])


def test_teams_gets_an_adaptive_card(there: Services) -> None:
    assert sent(at(TEAMS)).ok
    (posted,) = there.got
    assert posted.host == "prod-161.westeurope.logic.azure.com"
    (attachment,) = posted.json["attachments"]
    assert attachment["content"]["type"] == "AdaptiveCard"
    assert r"openrouter failed \(sync 7\)" in [
        part.get("text", "").split("\n")[0] for part in attachment["content"]["body"]
    ]


def test_mail_goes_by_the_server_of_the_settings_to_the_administrators() -> None:
    with mailbox() as box:
        settings = NoticeSettings(
            email="ops@example.com, boss@example.com", smtp_url=box.url + "?from=census@example.com"
        )
        assert sent(only(settings), incident(NoticeSeverity.CRITICAL)).ok
        first = box.got[0]
        assert {str(each["To"]) for each in box.got} == {"ops@example.com", "boss@example.com"}
        assert (first["Subject"], "census@example.com" in str(first["From"])) == ("Model Census: sync failed", True)
        assert text_of(first).splitlines()[:2] == ["CRITICAL: openrouter failed (sync 7)", "What to do: look at it"]


def test_any_other_slack_address_gets_slacks_json() -> None:
    with receiving(Reply(200)) as receiver:
        assert sent(only(NoticeSettings(slack_webhook_url=receiver.url + "/hook"))).ok
        (got,) = receiver.got
        assert got.path == "/hook"
        assert got.body.startswith(b'{"text":"*Model Census: sync failed*\\nopenrouter failed (sync 7)')


def test_a_webhook_of_ones_own_gets_apprises_json() -> None:
    with receiving(Reply(200)) as receiver:
        assert sent(at(receiver.url.replace("http", "json") + "/hook")).ok
        assert b"openrouter failed (sync 7)" in receiver.got[0].body


def test_what_models_are_called_is_no_markup_anywhere(there: Services) -> None:
    hostile = incident(message=f"new model {plain(HOSTILE)} (revision 2)")
    with receiving(Reply(200)) as receiver, mailbox() as box:
        targets = (
            only(NoticeSettings(slack_webhook_url=SLACK)), at(DISCORD), at(TEAMS), at(PAGERDUTY),
            only(NoticeSettings(slack_webhook_url=receiver.url)),
            only(NoticeSettings(email="ops@example.com", smtp_url=box.url)),
            at(box.url.replace("smtp", "mailto") + "?from=a@example.com&to=b@example.com&mode=insecure&format=html"),
        )  # fmt: skip
        assert all(sent(target, hostile).ok for target in targets)
        bodies = [
            str(json.loads(body)) for body in [*(one.body for one in there.got), *(one.body for one in receiver.got)]
        ]
        bodies += [str(part.get_content()) for mail in box.got for part in mail.walk() if not part.is_multipart()]
    assert len(bodies) >= 7
    for body in bodies:
        assert "evil/" in body
        for bad in ("<!channel>", "&lt;!channel", "@everyone", "<b>", "](http", "\x1b", "\\x1b", "\u202e", "\\u202e",
                    "`code`", "*bold*"):  # fmt: skip
            assert bad not in body, bad


def test_a_long_story_is_cut_to_what_the_service_takes_and_says_how_much_is_left(there: Services) -> None:
    many = tuple(incident(key=str(number), message=f"incident {number} " + "x" * 300) for number in range(50))
    assert sent(at(DISCORD), *many).ok
    assert sent(at(PAGERDUTY), *many).ok
    discord, pagerduty = there.got
    assert len(discord.json["content"]) <= 2000
    assert "more: see 'modelcensus notify list'" in discord.json["content"]
    assert len(pagerduty.json["payload"]["summary"]) <= 1024
    assert "more: see 'modelcensus notify list'" in pagerduty.json["payload"]["summary"]


def test_a_refusal_is_told_by_its_status_and_without_the_address(
    there: Services, caplog: pytest.LogCaptureFixture
) -> None:
    there.statuses = [404, 500]
    slack = only(NoticeSettings(slack_webhook_url=SLACK))
    with caplog.at_level("DEBUG"):
        assert sent(slack) == Outcome(False, "it answered 404")
        assert sent(at(DISCORD)) == Outcome(False, "it answered 500")
    assert SECRET not in repr(slack) + caplog.text


def test_nobody_at_the_address_is_a_failure_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        done = [
            sent(only(NoticeSettings(slack_webhook_url="http://127.0.0.1:9/hook-secret"))),
            sent(at("json://127.0.0.1:9/hook-secret")),
            sent(only(NoticeSettings(email="a@example.com", smtp_url="smtp://u:hook-secret@127.0.0.1:9"))),
        ]
    assert [each.ok for each in done] == [False] * 3
    assert "hook-secret" not in str(done) + caplog.text


def test_a_redirect_is_not_followed() -> None:
    with receiving(Reply(200)) as other, receiving(Reply(307, {"Location": other.url})) as receiver:
        assert not sent(at(receiver.url.replace("http", "json"))).ok
        assert other.got == []


def test_private_addresses_are_refused_where_they_are_not_allowed() -> None:
    with receiving(Reply(200)) as receiver, mailbox() as box:
        targets = (
            at(receiver.url.replace("http", "json")), only(NoticeSettings(slack_webhook_url=receiver.url)),
            only(NoticeSettings(email="a@example.com", smtp_url=box.url)),
        )  # fmt: skip
        assert [sent(target, private=False).ok for target in targets] == [False] * 3
        assert (receiver.got, box.got) == ([], [])


def test_an_address_that_apprise_does_not_know_is_a_failure_that_says_where_to_look() -> None:
    assert "get-notices.md" in sent(at("nonsense")).why
