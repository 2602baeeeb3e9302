"""The polite client against a real server on loopback: what it gives back, and when it tries again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from modelcensus.core.errors import Refused, SettingsError, SourceError, Unreachable, UpstreamBroken
from modelcensus.sources.http import Answer, HttpClient, HttpLimits, Validators
from modelcensus.upstream import Fault, Pages, Play, Received, Upstream, Wire

GOOD = b'{"data":[{"id":"a/one","name":"One"},{"id":"b/two","name":"Two"}]}'
Sleeps = list[float]


def client(
    base_url: str, *, sleeps: Sleeps | None = None, headers: Any = None, secrets: Any = (), **limits: Any
) -> HttpClient:
    waits: Sleeps = [] if sleeps is None else sleeps
    fast = {"read_seconds": 0.2, "connect_seconds": 0.5, "total_seconds": 0.6, "attempts": 3} | limits
    return HttpClient(base_url, limits=HttpLimits(**fast), sleep=waits.append, headers=headers, secrets=secrets)


def answer_to(play: Play, **options: Any) -> Answer:
    with Upstream({"/models": [play]}) as up, client(up.url, **options) as http:
        return http.get("/models")


def error_of(play: Play, **options: Any) -> tuple[SourceError, int, Sleeps]:
    """The error, how many requests were made, and the waits between them."""
    sleeps: Sleeps = []
    with Upstream({"/models": [play]}) as up, client(up.url, sleeps=sleeps, **options) as http:
        with pytest.raises(SourceError) as caught:
            http.get("/models")
        assert "\n" not in str(caught.value)
        assert caught.value.hint
        assert "127.0.0.1" in caught.value.message
        return caught.value, len(up.requests), sleeps


def test_a_good_answer_comes_back_whole_with_its_type_and_status() -> None:
    answer = answer_to(Play(GOOD, headers={"Content-Type": "application/json"}))
    assert (answer.status, answer.body, answer.content_type) == (200, GOOD, "application/json")
    assert not answer.not_modified


def test_the_client_names_itself_and_its_packings() -> None:
    with Upstream({"/models": [Play(GOOD)]}) as up, client(up.url) as http:
        http.get("models")
        sent = up.requests[0].headers
    assert sent["user-agent"].startswith("modelcensus/")
    assert "https://github.com/modelcensus/modelcensus" in sent["user-agent"]
    assert {"gzip", "br", "zstd"} <= {name.strip() for name in sent["accept-encoding"].split(",")}


def test_a_path_goes_below_the_base_url_and_params_into_the_query() -> None:
    with Upstream({"/api/v1/models": [Play(GOOD)]}) as up, client(up.url + "/api/v1/") as http:
        http.get("/models", params={"output_modalities": "all", "offset": 3})
        http.get("models?a=1", params=[("b", "x y")])
        http.get(up.url + "/api/v1/models")
        assert [r.query for r in up.requests] == ["output_modalities=all&offset=3", "a=1&b=x+y", ""]


@pytest.mark.parametrize("fault", [Fault.GZIP, Fault.DEFLATE, Fault.BROTLI, Fault.ZSTD])
def test_a_packed_answer_is_unpacked(fault: Fault) -> None:
    body = GOOD * 5000
    assert answer_to(Play(body, fault=fault)).body == body


def test_a_chunked_answer_comes_back_whole() -> None:
    class Chunked(Play):
        def answer(self, _request: Received) -> Wire:
            return Wire(body=GOOD * 9000, chunked=True)

    assert answer_to(Chunked()).body == GOOD * 9000


def test_an_unchanged_answer_is_not_sent_again() -> None:
    play = Play(GOOD, conditional=True, last_modified="Wed, 01 Jan 2025 00:00:00 GMT")
    with Upstream({"/models": [play]}) as up, client(up.url) as http:
        first = http.get("/models")
        second = http.get("/models", validators=first.validators)
        sent = up.requests[1].headers
    assert first.validators.etag
    assert first.validators.last_modified == "Wed, 01 Jan 2025 00:00:00 GMT"
    assert sent["if-none-match"] == first.validators.etag
    assert sent["if-modified-since"] == first.validators.last_modified
    assert (second.not_modified, second.status, second.body) == (True, 304, b"")
    assert second.validators == first.validators


def test_a_changed_answer_is_sent_in_full_although_validators_were_given() -> None:
    with (
        Upstream({"/models": [Play(GOOD, conditional=True), Play(b"[]", conditional=True)]}) as up,
        client(up.url) as http,
    ):
        first = http.get("/models")
        second = http.get("/models", validators=first.validators)
    assert (second.not_modified, second.body) == (False, b"[]")
    assert second.validators != first.validators


def test_a_304_that_nobody_asked_for_is_an_error() -> None:
    error, _, _ = error_of(Play(GOOD, fault=Fault.NOT_MODIFIED_UNASKED))
    assert isinstance(error, UpstreamBroken)


def test_a_304_that_names_no_validators_keeps_those_that_were_asked_with() -> None:
    asked = Validators('"v1"', "Wed, 01 Jan 2025 00:00:00 GMT")
    with Upstream({"/models": [Play(status=304)]}) as up, client(up.url) as http:
        assert http.get("/models", validators=asked).validators == asked


def test_links_of_the_header_come_back_absolute() -> None:
    header = '</models?page=2>; rel="next", <https://other.example/x>; rel="last", <ftp://no/>; rel="up"'
    with Upstream({"/models": [Play(GOOD, headers={"Link": header})]}) as up, client(up.url) as http:
        links = http.get("/models").links
        assert links == {"next": up.url + "/models?page=2", "last": "https://other.example/x"}


def test_pages_can_be_walked_by_their_next_links() -> None:
    pages = Pages(count=25, entity=lambda i: b'{"id":"m/%d"}' % i, limit=10)
    with Upstream({"/models": pages}) as up, client(up.url) as http:
        url: str | None = "/models"
        seen = []
        while url:
            page = msgspec.json.decode(http.get(url).body)
            seen += [entity["id"] for entity in page["data"]]
            url = page["links"].get("next")
        assert len(up.requests) == 3
    assert seen == [f"m/{i}" for i in range(25)]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.REQUEST_TIMEOUT, Refused),
        (Fault.SERVER_ERROR, UpstreamBroken),
        (Fault.BAD_GATEWAY, UpstreamBroken),
        (Fault.GATEWAY_TIMEOUT, UpstreamBroken),
        (Fault.CUT_WITH_LENGTH, UpstreamBroken),
        (Fault.CUT_CHUNKED, UpstreamBroken),
        (Fault.LENGTH_TOO_LONG, UpstreamBroken),
        (Fault.RESET, UpstreamBroken),
        (Fault.CLOSE_AT_ONCE, UpstreamBroken),
        (Fault.NOT_HTTP, UpstreamBroken),
        (Fault.GZIP_BROKEN, UpstreamBroken),
        (Fault.GZIP_HALF, UpstreamBroken),
        (Fault.BROTLI_HALF, UpstreamBroken),
        (Fault.ZSTD_HALF, UpstreamBroken),
        (Fault.GZIP_CLAIMED, UpstreamBroken),
        (Fault.UNKNOWN_CODING, UpstreamBroken),
    ],
)
def test_a_failure_that_may_pass_is_tried_again_until_the_attempts_are_used(
    fault: Fault, kind: type[SourceError]
) -> None:
    error, requests, sleeps = error_of(Play(GOOD * 2000, fault=fault), attempts=3)
    assert (type(error), requests, len(sleeps)) == (kind, 3, 2)


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.RESET, Fault.GZIP_HALF, Fault.CUT_WITH_LENGTH])
def test_a_passing_failure_ends_in_the_good_answer(fault: Fault) -> None:
    with Upstream({"/models": [Play(GOOD, fault=fault), Play(GOOD)]}) as up, client(up.url) as http:
        assert http.get("/models").body == GOOD
        assert len(up.requests) == 2


@pytest.mark.parametrize("fault", [Fault.BAD_REQUEST, Fault.UNAUTHORIZED, Fault.FORBIDDEN, Fault.NOT_FOUND])
def test_a_refusal_is_not_tried_again(fault: Fault) -> None:
    error, requests, sleeps = error_of(Play(GOOD, fault=fault))
    assert (isinstance(error, Refused), requests, sleeps) == (True, 1, [])


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.FORBIDDEN])
def test_a_wrong_key_says_to_set_the_key(fault: Fault) -> None:
    assert error_of(Play(GOOD, fault=fault))[0].hint == "set the key of this source"


def test_part_of_a_body_that_was_not_asked_for_is_not_taken_for_the_whole() -> None:
    assert isinstance(error_of(Play(GOOD, fault=Fault.PARTIAL_CONTENT))[0], UpstreamBroken)


def test_back_off_grows_and_stays_below_its_maximum() -> None:
    play = Play(GOOD, fault=Fault.SERVER_ERROR)
    _, requests, sleeps = error_of(play, attempts=6, backoff_initial=1.0, backoff_max=5.0)
    assert requests == 6
    for wait, least in zip(sleeps, [1, 2, 4, 5, 5], strict=True):
        assert least <= wait <= min(5.0, least + 1)


def test_retry_after_in_seconds_is_waited_for() -> None:
    error, _, sleeps = error_of(Play(GOOD, fault=Fault.TOO_MANY, seconds=17), attempts=2, backoff_initial=0.01)
    assert isinstance(error, Refused)
    assert sleeps == [17.0]


def test_retry_after_as_a_date_is_waited_for() -> None:
    _, _, sleeps = error_of(Play(GOOD, fault=Fault.TOO_MANY_UNTIL, seconds=30), attempts=2, backoff_initial=0.01)
    assert 27 <= sleeps[0] <= 30


def test_a_retry_after_above_the_cap_ends_at_once_and_says_when_to_come_back() -> None:
    error, requests, sleeps = error_of(Play(GOOD, fault=Fault.UNAVAILABLE, seconds=3600), retry_after_max=120)
    assert (type(error), requests, sleeps) == (UpstreamBroken, 1, [])
    assert "in 3600 s, at 20" in error.message


@pytest.mark.parametrize("header", ["soon", "-5", "", "Wed, 99 Foo 2025 00:00:00 GMT", "1e999", "9" * 400])
def test_a_retry_after_that_makes_no_sense_is_ignored(header: str) -> None:
    _, requests, sleeps = error_of(
        Play(GOOD, status=503, headers={"Retry-After": header}), attempts=2, backoff_initial=0.25
    )
    assert requests == 2
    assert 0.25 <= sleeps[0] <= 0.5


@pytest.mark.parametrize("fault", [Fault.HANG_BEFORE_HEADERS, Fault.HANG_IN_BODY])
def test_a_hanging_upstream_ends_by_the_read_time_out(fault: Fault) -> None:
    error, requests, _ = error_of(Play(GOOD, fault=fault), read_seconds=0.05, attempts=2)
    assert (type(error), requests) == (Unreachable, 2)
    assert "read_seconds" in error.hint


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.DRIP_HEADERS])
def test_a_slow_drip_ends_by_the_time_of_the_whole_attempt(fault: Fault) -> None:
    began = time.monotonic()
    error, _, _ = error_of(Play(GOOD, fault=fault, seconds=0.03), read_seconds=5, total_seconds=0.2, attempts=1)
    assert isinstance(error, Unreachable)
    assert "total_seconds" in error.hint
    assert time.monotonic() - began < 0.8


def test_one_long_silence_ends_by_the_time_of_the_whole_attempt_too() -> None:
    began = time.monotonic()
    error, _, _ = error_of(Play(GOOD, fault=Fault.HANG_IN_BODY), read_seconds=5, total_seconds=0.1, attempts=1)
    assert "total_seconds" in error.hint
    assert time.monotonic() - began < 0.8


def test_a_short_delay_is_no_failure() -> None:
    assert answer_to(Play(GOOD, fault=Fault.DELAY, seconds=0.05)).body == GOOD


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with Upstream({}) as up:
        url = up.url
    with client(url, attempts=1) as http, pytest.raises(Unreachable, match="nothing listens there"):
        http.get("/models")


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    with client("http://no-such-host.invalid", attempts=1) as http, pytest.raises(Unreachable, match="no-such-host"):
        http.get("/models")


def test_a_length_that_is_too_short_does_not_spoil_the_next_request() -> None:
    with Upstream({"/models": [Play(GOOD, fault=Fault.LENGTH_TOO_SHORT), Play(GOOD)]}) as up, client(up.url) as http:
        assert http.get("/models").body == GOOD[: len(GOOD) // 2]
        assert http.get("/models").body == GOOD


def test_a_cut_body_of_unsaid_length_cannot_be_told_from_a_whole_one() -> None:
    assert answer_to(Play(GOOD, fault=Fault.CUT_WITHOUT_LENGTH)).body == GOOD[: len(GOOD) // 2]


@pytest.mark.parametrize("fault", [Fault.ERROR_OBJECT, Fault.HTML, Fault.EMPTY_BODY, Fault.TRUNCATED_JSON])
def test_what_the_bytes_mean_is_not_judged_by_the_client(fault: Fault) -> None:
    answer = answer_to(Play(GOOD, fault=fault))
    assert answer.status == 200
    assert answer.body != GOOD


@pytest.mark.parametrize(
    "fault", [Fault.UTF16, Fault.UTF16_UNDECLARED, Fault.BYTE_ORDER_MARK, Fault.LATIN1, Fault.UTF8_CALLED_LATIN1]
)
def test_a_body_in_another_charset_is_given_as_utf8(fault: Fault) -> None:
    body = answer_to(Play(GOOD, fault=fault)).body
    assert body.decode().replace("é", "") == GOOD.decode()
    assert (b"\xc3\xa9" in body) == ("LATIN1" in fault.name)


def test_bytes_that_are_no_utf8_and_have_no_charset_are_given_as_they_are() -> None:
    assert b"\xe9" in answer_to(Play(GOOD, fault=Fault.LATIN1_UNDECLARED)).body


@pytest.mark.parametrize("charset", ["unicode_escape", "idna", "no-such", "utf-7", "\u00fc", '"'])
def test_a_charset_outside_the_closed_list_changes_nothing(charset: str) -> None:
    body = b'{"id":"\\u0041\xff"}'
    assert answer_to(Play(body, headers={"Content-Type": f"application/json; charset={charset}"})).body == body


def test_one_client_serves_many_threads_at_once() -> None:
    with Upstream(lambda request: Play(request.query.encode() * 1000)) as up, client(up.url, total_seconds=5) as http:
        found: dict[int, bytes] = {}
        work: Callable[[int], None] = lambda i: found.update({i: http.get("/x", params={"n": i}).body})  # noqa: E731
        threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == {i: b"n=%d" % i * 1000 for i in range(16)}


def test_one_connection_serves_many_requests() -> None:
    with Upstream({"/models": [Play(GOOD)]}) as up, client(up.url) as http:
        for _ in range(5):
            http.get("/models")
        assert len({request.peer for request in up.requests}) == 1


@pytest.mark.parametrize("url", ["", "openrouter.ai", "ftp://x/", "http://", "http://[::1", "file:///etc/passwd"])
def test_a_base_url_that_is_none_is_a_setting_to_correct(url: str) -> None:
    with pytest.raises(SettingsError):
        HttpClient(url)


def test_a_key_with_a_line_break_is_a_setting_to_correct_and_is_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        HttpClient("http://x.example", headers={"Authorization": "Bearer sk-secret\n"})
    assert "sk-secret" not in str(caught.value)


def test_validators_are_sent_one_without_the_other() -> None:
    with Upstream({"/models": [Play(GOOD)]}) as up, client(up.url) as http:
        http.get("/models", validators=Validators(etag='W/"x"'))
        sent = up.requests[0].headers
    assert sent["if-none-match"] == 'W/"x"'
    assert "if-modified-since" not in sent
