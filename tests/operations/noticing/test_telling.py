"""Telling: one notice for each incident and target, whoever tells how often; gathered, limited, tried again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from modelcensus.core.errors import NotFound, SettingsError
from modelcensus.core.health import Severity
from modelcensus.operations.noticing.noticing import listed, try_targets
from modelcensus.settings import ApiSettings, NoticeSettings, RuleSettings, Settings, SyncSettings
from tests.builders import model, openrouter, read
from tests.operations.noticing.posts import APPRISE_LOADS
from tests.operations.noticing.scene import SYNCS, Scene, scene
from tests.receiver import Got, Receiver, Reply, receiving

pytestmark = pytest.mark.filterwarnings(APPRISE_LOADS)


def slack(receiver: Receiver, **given: object) -> NoticeSettings:
    """One receiver of Slack's JSON; everything about syncs if not said."""
    return NoticeSettings(**{"slack_webhook_url": receiver.url, "rules": SYNCS, **given})  # type: ignore[arg-type]  # of any kind


def texts(got: list[Got]) -> list[str]:
    return [json.loads(each.body)["text"] for each in got]


def test_a_source_that_fails_and_recovers_is_told_once_each(database_url: str) -> None:
    api = ApiSettings(public_url="https://c.ex")
    with receiving() as receiver, scene(database_url, slack(receiver), api=api) as it:
        it.fail(2)
        assert it.tell().messages == 0
        it.fail()
        assert [it.tell().notices for _ in range(3)] == [1, 0, 0]
        it.fail(2)
        assert it.tell().notices == 0
        read(it.census, openrouter(model()))
        assert [it.tell().notices for _ in range(2)] == [1, 0]
        failed, recovered = texts(receiver.got)
        assert "openrouter could not be read, 3 times in a row since" in failed
        assert "(sync 3)" in failed
        assert "What to do: " in failed
        assert "https://c.ex/api/admin/sync-logs?source=openrouter" in failed
        assert "OK: openrouter can be read again" in recovered
        assert "(sync 6)" in recovered
        it.fail(3)
        assert it.tell().notices == 1


def test_a_short_failure_is_told_neither_when_it_comes_nor_when_it_goes(sqlite_url: str) -> None:
    with receiving() as receiver, scene(sqlite_url, slack(receiver)) as it:
        it.fail(2)
        read(it.census, openrouter(model()))
        assert it.tell().notices == 0
        assert (receiver.got, listed(it.census)) == ([], [])


def test_failure_and_recovery_between_two_looks_are_told_together(sqlite_url: str) -> None:
    with receiving() as receiver, scene(sqlite_url, slack(receiver)) as it:
        it.fail(3)
        read(it.census, openrouter(model()))
        done = it.tell()
        assert (done.messages, done.notices) == (1, 2)
        assert texts(receiver.got)[0].startswith("*Model Census: 2 notices*\nopenrouter could not be read")


def test_a_target_that_is_down_is_tried_again_after_a_pause_and_others_are_told_meanwhile(sqlite_url: str) -> None:
    with receiving(Reply(500), Reply(500)) as down, receiving() as up:
        settings = slack(down, targets={"own": up.url.replace("http", "json")})
        with scene(sqlite_url, settings) as it:
            it.fail(3)
            first = it.tell(at_once=False)
            assert first.again_at is not None
            it.wait(seconds=31)
            done = it.tell(at_once=False)
            assert (done.failed, done.waiting, len(up.got)) == ({"slack": "it answered 500"}, {"slack": 1}, 1)
            (waits,) = listed(it.census, waiting=True)
            assert (waits.target, waits.failures, waits.last_error) == ("slack", 1, "it answered 500")
            assert it.tell(at_once=False).failed == {}
            assert len(down.got) == 1
            it.wait(seconds=31)
            assert it.tell(at_once=False).failed == {"slack": "it answered 500"}
            it.wait(seconds=31)
            assert it.tell(at_once=False).messages == 0
            it.wait(seconds=31)
            assert it.tell(at_once=False).waiting == {}
            assert [len(down.got), len(up.got)] == [3, 1]


def test_what_is_over_the_limit_waits_and_is_summed_up(sqlite_url: str) -> None:
    rules = {"all": RuleSettings(on=["sync-failed", "sync-recovered"], times=1)}
    with receiving() as receiver, scene(sqlite_url, slack(receiver, per_hour=2, rules=rules)) as it:
        for hour in range(4):
            it.fail()
            it.tell()
            read(it.census, openrouter(model(price=f"0.{hour + 1}")), hour)
            it.tell()
        assert len(receiver.got) == 2
        assert it.tell().waiting == {"slack": 6}
        it.wait(minutes=61)
        assert (it.tell().notices, len(receiver.got)) == (6, 3)
        assert texts(receiver.got)[2].startswith("*Model Census: 6 notices*")


def test_in_quiet_hours_only_what_is_critical_is_sent_and_the_rest_when_they_end(sqlite_url: str) -> None:
    rules = {"all": RuleSettings(on=["sync-failed", "health-changed"], times=1)}
    with receiving() as receiver:
        settings = slack(receiver, quiet="22:00-07:00", rules=rules)
        with scene(sqlite_url, settings, sync=SyncSettings(time_zone="Europe/Berlin")) as it:
            it.wait(hours=47 - it.now().hour)
            it.fail()
            assert it.tell(health=Severity.CRITICAL).notices == 1
            assert "health is critical" in texts(receiver.got)[0]
            assert it.tell(health=Severity.CRITICAL).waiting == {"slack": 1}
            it.wait(hours=10)
            assert it.tell(health=Severity.CRITICAL).notices == 1


def test_a_first_look_at_an_old_census_tells_no_history(sqlite_url: str) -> None:
    rules = {"all": RuleSettings(on=["model-new", "price-moved", "sync-failed", "sync-recovered"], times=1, percent=0)}
    with receiving() as receiver, scene(sqlite_url, NoticeSettings()) as it:
        read(it.census, openrouter(model()), 0)
        read(it.census, openrouter(model(price="0.1"), model("lab/two")), 1)
        it.fail()
        read(it.census, openrouter(model()), 2)
        other = Scene(it.census, slack(receiver, rules=rules))
        assert other.tell().incidents == 0
        it.fail(2)
        assert other.tell().incidents == 1


def test_the_list_names_the_target_and_never_its_address(sqlite_url: str) -> None:
    with receiving() as receiver:
        settings = NoticeSettings(slack_webhook_url=receiver.url + "/hook-secret", rules=SYNCS)
        with scene(sqlite_url, settings) as it:
            it.fail(3)
            it.tell()
            (told,) = listed(it.census)
            assert (told.target, told.key, told.sent_at is None) == ("slack", "sync-failed:openrouter:1", False)
        raw = b"".join(path.read_bytes() for path in Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir())
        assert b"sync-failed:openrouter:1" in raw
        assert b"hook-secret" not in raw


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (NoticeSettings(targets={"a": "json://h"}, rules={"r": RuleSettings(on=["nonsense"])}), "no kind of incident"),
        (NoticeSettings(targets={"a": "json://h"}, rules={"r": RuleSettings(on=[], to=["b"])}), "no target 'b'"),
        (NoticeSettings(targets={"slack": "json://h"}, slack_webhook_url="http://h"), "two targets"),
        (NoticeSettings(targets={"a b": "json://h"}), "name that cannot be used"),
        (NoticeSettings(email="a@example.com"), "notices.smtp_url is not"),
        (NoticeSettings(email="nonsense", smtp_url="smtp://h"), "no e-mail address"),
        (NoticeSettings(email="a@example.com", smtp_url="http://h-secret"), "notices.smtp_url cannot be used"),
    ],
)
def test_settings_that_cannot_be_used_are_an_error_that_says_what_to_set(
    sqlite_url: str, settings: NoticeSettings, said: str
) -> None:
    with scene(sqlite_url, NoticeSettings()) as it, pytest.raises(SettingsError, match=said) as caught:
        Scene(it.census, settings).tell()
    assert caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_test_message_says_which_target_took_it(sqlite_url: str) -> None:
    with receiving(Reply(200), Reply(403)) as receiver, scene(sqlite_url, slack(receiver)) as it:
        done = [try_targets(it.census, it.settings, "slack")[0] for _ in range(2)]
        assert [(each.ok, each.why) for each in done] == [(True, ""), (False, "it answered 403")]
        assert "this is a test" in texts(receiver.got)[0]
        with pytest.raises(NotFound, match="no target 'nobody'"):
            try_targets(it.census, it.settings, "nobody")
        with pytest.raises(SettingsError, match="nobody to tell"):
            try_targets(it.census, Settings())


TELLER = """
import sys, time
from pathlib import Path
from modelcensus.operations.noticing.noticing import tell
from modelcensus.settings import NoticeSettings, RuleSettings, Settings
from modelcensus.wiring import open_census
url, hook, word = sys.argv[1:]
rules = {"all": RuleSettings(on=["sync-failed", "sync-recovered"], times=1)}
settings = Settings(database_url=url, notices=NoticeSettings(
    slack_webhook_url=hook, targets={"other": hook.replace("http", "json")}, rules=rules, per_hour=10_000))
with open_census(settings) as census:
    print("ready", flush=True)
    end = time.monotonic() + 60
    stopping = waiting = False
    while time.monotonic() < end and (waiting or not stopping):
        stopping = Path(word).read_text() == "stop"
        waiting = bool(tell(census, settings, at_once=True).waiting)
"""


def test_two_processes_that_tell_at_the_same_time_tell_each_incident_once(postgres_url: str, tmp_path: Path) -> None:
    rules = {"all": RuleSettings(on=["sync-failed", "sync-recovered"], times=1)}
    word = tmp_path / "word"
    word.write_text("go")
    with receiving() as receiver, scene(postgres_url, slack(receiver, rules=rules)) as it:
        command = [sys.executable, "-c", TELLER, postgres_url, receiver.url, str(word)]
        tellers = [
            subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "src"}) for _ in range(2)
        ]
        try:
            for teller in tellers:
                assert teller.stdout is not None
                assert teller.stdout.readline() == b"ready\n"
            for hour in range(5):
                it.fail()
                read(it.census, openrouter(model(price=f"0.{hour + 1}")), hour)
        finally:
            word.write_text("stop")
            codes = [teller.wait(60) for teller in tellers]
            for teller in tellers:
                assert teller.stdout is not None
                teller.stdout.close()
        it.tell()
        assert codes == [0, 0]
        told = Counter(each.target for each in listed(it.census, limit=1000) if each.sent_at)
        assert told == {"slack": 10, "other": 10}
        said = Counter[str]()
        for got in receiver.got:
            payload = json.loads(got.body)
            kind = "slack" if "text" in payload else "other"
            text = payload.get("text") or payload["message"]
            said.update(f"{kind} {line}" for line in text.splitlines() if "(sync " in line)
        assert len(said) == 20
        assert set(said.values()) == {1}
