"""Redirects, private addresses and secrets: where the client goes, and what it never tells."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import httpcore2
import pytest

from modelcensus.core.errors import SourceError, Unsafe, UpstreamBroken
from modelcensus.sources.http import HttpClient, HttpLimits
from modelcensus.sources.http.guard import Deadline, Dialer, is_public
from modelcensus.sources.masking import masked
from modelcensus.upstream import Fault, Play, Upstream

KEY = "not-a-key-0123456789abcdef"


def client(base_url: str, **options: Any) -> HttpClient:
    limits = HttpLimits(read_seconds=0.3, connect_seconds=0.3, total_seconds=0.8, attempts=2)
    return HttpClient(base_url, limits=limits, sleep=lambda _: None, **options)


def redirect(location: str) -> Play:
    return Play(fault=Fault.REDIRECT, location=location)


@pytest.fixture
def other() -> Iterator[Upstream]:
    """Another server on loopback: to the client a private address that nobody configured."""
    with Upstream(lambda _: Play(b'"reached"')) as up:
        yield up


def test_a_redirect_at_the_configured_origin_is_followed_with_the_credentials() -> None:
    routes = {"/old": [redirect("/new?x=1")], "/new": [Play(b"[]")]}
    with Upstream(routes) as up, client(up.url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        answer = http.get("/old")
        assert answer.url == up.url + "/new?x=1"
        assert [r.headers["authorization"] for r in up.requests] == [f"Bearer {KEY}"] * 2


def test_a_redirect_loop_ends_after_the_allowed_number() -> None:
    with Upstream({"/x": [Play(fault=Fault.REDIRECT_LOOP)]}) as up, client(up.url) as http:
        with pytest.raises(UpstreamBroken, match="more than 5 times"):
            http.get("/x")
        assert len(up.requests) == 6


def test_a_redirect_to_nowhere_is_an_error() -> None:
    routes = {"/x": [Play(fault=Fault.REDIRECT_NOWHERE)]}
    with Upstream(routes) as up, client(up.url) as http, pytest.raises(UpstreamBroken, match="without saying where"):
        http.get("/x")


@pytest.mark.parametrize("fault", [Fault.REDIRECT_METADATA, Fault.REDIRECT_PRIVATE, Fault.REDIRECT_FILE])
def test_a_redirect_to_a_private_place_is_refused(fault: Fault) -> None:
    with Upstream({"/x": [Play(fault=fault)]}) as up, client(up.url) as http:
        with pytest.raises(Unsafe):
            http.get("/x")
        assert len(up.requests) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "127.1"])
def test_a_redirect_to_another_loopback_server_makes_no_connection(host: str, other: Upstream) -> None:
    target = other.url.replace("127.0.0.1", host) + "/secret"
    with Upstream({"/x": [redirect(target)]}) as up, client(up.url) as http, pytest.raises(Unsafe):
        http.get("/x")
    assert other.requests == []


def test_an_absolute_url_to_a_private_address_makes_no_connection(other: Upstream) -> None:
    with Upstream({}) as up, client(up.url) as http, pytest.raises(Unsafe, match="not a public address"):
        http.get(other.url + "/secret")
    assert other.requests == []


def test_another_name_of_the_configured_server_is_another_origin() -> None:
    with Upstream({"/x": [Play(b"[]")]}) as up, client(up.url) as http, pytest.raises(Unsafe):
        http.get(up.url.replace("127.0.0.1", "localhost") + "/x")


def test_a_step_down_from_https_to_http_is_refused() -> None:
    with client("https://catalog.example") as http, pytest.raises(Unsafe, match="down to http"):
        http.get("http://catalog.example/models")


@pytest.mark.parametrize(
    "url", ["ftp://x.example/", "//x.example/", "http://", "http://[::1", "http://a b.example/", "data:,x"]
)
def test_a_url_that_is_not_http_is_refused(url: str) -> None:
    with client("http://catalog.example") as http, pytest.raises(Unsafe):
        http.get(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "fec0::1",
        "ff0e::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
        "::7f00:1",
        "2001:db8::1",
    ],
)
def test_an_address_that_is_not_on_the_open_internet_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "8.8.8.8", "104.18.2.115", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_an_address_on_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    dialer = Dialer(Deadline(), is_public, lambda *_: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(Unsafe, match=r"10\.0\.0\.1"):
        dialer.connect_tcp("trick.example", 80, 0.1)


def test_the_connection_goes_to_the_address_that_was_checked_and_the_name_is_asked_once(other: Upstream) -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    port = int(other.url.rpartition(":")[2])
    stream = Dialer(Deadline(), lambda address: address == "127.0.0.1", resolver).connect_tcp("rebind.example", port, 1)
    try:
        assert stream.get_extra_info("server_addr") == ("127.0.0.1", port)
    finally:
        stream.close()
    assert asked == ["rebind.example"]


def test_a_name_that_the_guard_cannot_resolve_is_no_connection() -> None:
    def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(httpcore2.ConnectError):
        Dialer(Deadline(), is_public, resolver).connect_tcp("x.example", 80, 0.1)


def test_all_configured_headers_but_the_agent_stay_with_the_configured_origin(other: Upstream) -> None:
    headers = {"Authorization": f"Bearer {KEY}", "x-api-key": KEY, "X-Goog-Api-Key": KEY, "Cookie": f"s={KEY}"}
    routes = {"/x": [redirect(other.url + "/y")]}
    # Loopback stands in for a public host here; what may travel there is the question.
    with Upstream(routes) as up, client(up.url, headers=headers, permitted=lambda _: True) as http:
        assert http.get("/x").body == b'"reached"'
        assert KEY in str(up.requests[0].headers)
    (received,) = other.requests
    assert KEY not in str(received)
    assert received.headers["user-agent"].startswith("modelcensus/")


def test_credentials_once_dropped_do_not_come_back_with_a_redirect_home() -> None:
    with (
        Upstream({"/home": [Play(b"[]")]}) as up,
        Upstream({"/away": [redirect(up.url + "/home")]}) as away,
        client(up.url, headers={"x-api-key": KEY}, permitted=lambda _: True) as http,
    ):
        http.get(away.url + "/away")
        assert KEY not in str(up.requests[0].headers)


def test_user_and_password_of_the_base_url_become_a_header_and_never_show() -> None:
    with Upstream({"/x": [Play(b"[]")]}) as up, client(up.url.replace("http://", "http://user:hunter22@")) as http:
        assert "hunter22" not in http.get("/x").url
        assert up.requests[0].headers["authorization"].startswith("Basic ")
        with pytest.raises(SourceError) as caught:
            http.get("/missing")
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f"https://user:{KEY}@host/x",
        f"https://host/x?key={KEY}&a=1",
        f"https://host/x?a=1&api_key={KEY}",
        f"https://host/x?X-Amz-Signature={KEY}#frag",
        f"https://host/x?access_token={KEY}",
    ],
)
def test_a_url_is_shown_without_its_secrets(text: str) -> None:
    assert KEY not in masked(text)
    assert "host/x" in masked(text)


def test_a_known_secret_is_masked_wherever_it_stands_also_percent_encoded() -> None:
    secret = "a/b+c d=="
    assert masked("x a/b+c d== y a%2Fb%2Bc%20d%3D%3D z a%2Fb%2Bc+d%3D%3D", [secret]) == "x *** y *** z ***"


def test_harmless_query_values_stay_readable() -> None:
    url = "https://host/x?offset=100&limit=50&sort=name"
    assert masked(url) == url


def test_neither_errors_nor_logs_tell_the_key(caplog: pytest.LogCaptureFixture, other: Upstream) -> None:
    caplog.set_level(logging.DEBUG)
    plays = {
        "/broken": [Play(fault=Fault.SERVER_ERROR)],
        "/away": [redirect(f"{other.url}/y?k={KEY}")],
        "/bad": [redirect(f"gopher://{KEY}/")],
    }
    with Upstream(plays) as up, client(up.url, headers={"x-api-key": KEY}, secrets=[KEY]) as http:
        for path in ("/broken", "/away", "/bad", "/missing", f"http://[{KEY}", f"gopher://x/{KEY}"):
            with pytest.raises(SourceError) as caught:
                http.get(path, params={"key": KEY})
            assert KEY not in str(caught.value)
            assert KEY not in repr(caught.value)
            assert caught.value.__suppress_context__
    assert KEY not in caplog.text


def test_the_url_of_an_answer_is_told_without_the_key() -> None:
    with Upstream({"/x": [Play(b"[]")]}) as up, client(up.url, secrets=[KEY]) as http:
        answer = http.get("/x", params={"key": KEY, "page": "2"})
        assert KEY in up.requests[0].query
    assert answer.url.endswith("/x?key=***&page=2")


def test_a_proxy_is_asked_for_the_configured_origin(other: Upstream) -> None:
    with client("http://catalog.example", proxy=other.url) as http:
        assert http.get("/models").body == b'"reached"'
    assert other.requests[0].headers["host"] == "catalog.example"


def test_a_proxy_is_not_asked_for_a_private_address_elsewhere(other: Upstream) -> None:
    with client("http://catalog.example", proxy=other.url) as http, pytest.raises(Unsafe):
        http.get("http://169.254.169.254/latest/meta-data/")
    assert other.requests == []


def test_the_environment_s_proxy_is_not_used_behind_the_settings_back(
    other: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", other.url)
    monkeypatch.setenv("ALL_PROXY", other.url)
    with Upstream({"/x": [Play(b"[]")]}) as up, client(up.url) as http:
        http.get("/x")
        assert len(up.requests) == 1
    assert other.requests == []
