"""Where webhooks may lead, how their secrets are kept, and that a killed sender loses nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from modelcensus.core.errors import InvalidInput, SettingsError, Unsafe
from modelcensus.core.webhook import DeliveryState
from modelcensus.operations.catalog.applying import audit_log
from modelcensus.operations.webhooks import registering, signing
from modelcensus.sources.http.posting import checked, post
from modelcensus.sources.masking import shown_url
from tests.cli.program import environment
from tests.operations.catalog_world import applied, merged
from tests.operations.webhooks.owing import owing_at
from tests.receiver import Reply, receiving


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/x", "https://[::ffff:10.0.0.1]/",
        "https://localhost:8443/", "https://169.254.169.254/latest", "ftp://example.com/", "https://", "example.com",
        "https://exa mple.com/", "https://example.com/#part", "https://example.com:99999/", "https://example.com/\0",
        "https://example.com/" + "x" * 3000, "javascript:alert(1)", "",
    ],
)  # fmt: skip
def test_an_address_that_must_not_be_posted_to_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked(url)
    assert refused.value.hint


@pytest.mark.parametrize("url", ["https://example.com", "https://example.com:8443/a?b=c", "https://8.8.8.8/x"])
def test_a_public_address_may_be_posted_to(url: str) -> None:
    assert checked(url).scheme == "https"


def test_a_name_that_leads_to_this_machine_is_refused_when_the_connection_is_made(sqlite_url: str) -> None:
    with receiving() as receiver, owing_at(sqlite_url, allow_private=False) as owing:
        # No address as it is written, but a name that every resolver takes to 127.0.0.1.
        owing.add(receiver.url.replace("http://127.0.0.1", "https://127.1"))
        applied(owing.census.store, merged())
        assert owing.deliver().pending == 1
        (delivery,) = owing.deliveries()
    assert "leads to 127.0.0.1, which is not a public address" in str(delivery.last_error)
    assert receiver.got == []


def test_the_guard_refuses_by_where_a_name_leads_and_not_by_how_it_is_spelt() -> None:
    def resolver(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    with receiving() as receiver:
        url = checked(f"https://innocent.example:{receiver.url.rpartition(':')[2]}/")
        with pytest.raises(Unsafe, match="not a public address"):
            post(url, b"{}", {}, seconds=5, now=0, resolver=resolver)
    assert receiver.got == []


def test_a_shown_address_has_no_secret() -> None:
    assert shown_url("https://u:p@example.com/a?token=1&b=two;c=3") == "https://***@example.com/a?token=***&b=***;c=***"


def test_nothing_secret_is_in_the_database_or_the_audit_log(sqlite_url: str) -> None:
    with owing_at(sqlite_url) as owing:
        made = owing.add("https://user:hunter22@example.com/?k=s3cr3t")
        registering.rotate(owing.census.store, owing.settings, made.webhook.id, actor="ann", now=1)
        told = str(audit_log(owing.census.store))
        assert [entry.act for entry in audit_log(owing.census.store)] == ["rotate webhook", "create webhook"]
        assert "hunter22" not in told
        assert "s3cr3t" not in told
    stored = b"".join(path.read_bytes() for path in Path(sqlite_url.removeprefix("sqlite:///")).parent.glob("census*"))
    assert made.secret.removeprefix("whsec_").encode() not in stored


def test_a_census_on_sqlite_keeps_a_key_beside_it_for_its_owner_alone(sqlite_url: str) -> None:
    with owing_at(sqlite_url, signing_key=None) as owing:
        first, second = owing.add("https://a.example/"), owing.add("https://b.example/")
        path = Path(sqlite_url.removeprefix("sqlite:///")).with_name(signing.KEY_FILE)
        assert path.stat().st_mode & 0o777 == 0o600
        assert first.secret != second.secret
        path.unlink()
        with pytest.raises(SettingsError, match="is gone"):
            owing.add("https://c.example/")


def test_on_postgresql_a_key_must_be_set(postgres_url: str) -> None:
    with (
        owing_at(postgres_url, signing_key=None) as owing,
        pytest.raises(SettingsError, match="signing_key") as refused,
    ):
        owing.add("https://a.example/")
    assert "MODELCENSUS_WEBHOOKS__SIGNING_KEY" in refused.value.hint


def test_a_delivery_whose_sender_was_killed_is_sent_again_under_the_same_id(sqlite_url: str, tmp_path: Path) -> None:
    env = environment(MODELCENSUS_WEBHOOKS__ALLOW_PRIVATE="true", MODELCENSUS_WEBHOOKS__SIGNING_KEY="k" * 32)
    command = [sys.executable, "-m", "modelcensus", "--database", sqlite_url, "webhook", "deliver"]
    with receiving(Reply(500, before=lambda: time.sleep(2))) as receiver, owing_at(sqlite_url) as owing:
        owing.add(receiver.url)
        applied(owing.census.store, merged())
        with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL) as child:
            deadline = time.monotonic() + 30
            while not receiver.got and time.monotonic() < deadline:
                time.sleep(0.02)
            child.kill()
        applied(owing.census.store, merged(price="3"))
        assert owing.deliveries(state=DeliveryState.PENDING)[0].attempts == 1
        # Its claim holds for a while; whatever else is due goes out.
        assert owing.deliver().sent == 1
        owing.ahead = timedelta(minutes=5)
        assert owing.deliver().sent == 1
        first, second, third = receiver.got
    assert (first.id, first.body) == (third.id, third.body)
    assert (first.data["revision"], second.data["revision"]) == (1, 2)
