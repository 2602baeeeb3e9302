from __future__ import annotations

import gzip
from collections.abc import Iterator

import brotli  # type: ignore[import-untyped]  # the package ships no types
import httpx2
import pytest

from tests.api.front.standing import LIST, came_from, plain, standing
from tests.web.serving import ask


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with standing(f"sqlite:///{tmp_path_factory.mktemp('ready')}/c.db", models=40) as (address, _):
        yield address


def test_the_framework_works_an_answer_out_once(address: str) -> None:
    path = f"{LIST}&q=lab"
    before = came_from(address, "framework"), came_from(address, "memory")
    bodies = {plain(address, path).content for _ in range(5)}
    assert (came_from(address, "framework") - before[0], came_from(address, "memory") - before[1]) == (1, 4)
    assert len(bodies) == 1


def _raw(address: str, encoding: str) -> tuple[bytes, httpx2.Headers]:
    with httpx2.Client(trust_env=False) as client, client.stream(
        "GET", address + LIST, headers={"Accept-Encoding": encoding}
    ) as answer:  # fmt: skip
        return b"".join(answer.iter_raw()), answer.headers


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ("br", "br"),
        ("zstd", "zstd"),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "zstd"),
        ("deflate", None),
        ("identity", None),
        ("br;q=nonsense", None),
        ("", None),
    ],
)
def test_an_answer_is_packed_as_its_client_likes_best(address: str, accepted: str, chosen: str | None) -> None:
    body, headers = _raw(address, accepted)
    assert headers.get("content-encoding") == chosen
    assert int(headers["content-length"]) == len(body)
    assert "Accept-Encoding" in headers["vary"]


def test_all_packed_forms_unpack_to_the_plain_one(address: str) -> None:
    whole = plain(address, LIST).content
    assert brotli.decompress(_raw(address, "br")[0]) == whole
    assert gzip.decompress(_raw(address, "gzip")[0]) == whole
    assert ask(address, LIST, headers={"Accept-Encoding": "zstd"}).content == whole
    assert len(_raw(address, "br")[0]) < len(_raw(address, "gzip")[0]) < len(whole) / 4


def test_every_form_has_a_strong_tag_of_its_own(address: str) -> None:
    tags = [_raw(address, each)[1]["etag"] for each in ("br", "zstd", "gzip", "identity")]
    assert len(set(tags)) == 4
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("written", ["{tag}", "W/{tag}", '"other", {tag}', "*", '"other",W/{tag} , "third"'])
def test_what_a_client_has_already_is_not_sent_again(address: str, written: str) -> None:
    first = plain(address, LIST)
    tag = first.headers["etag"]
    again = plain(address, LIST, If_None_Match=written.format(tag=tag))
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    assert again.headers["vary"] == first.headers["vary"]
    assert again.headers["x-request-id"]


@pytest.mark.parametrize("written", ['"other"', "", 'W/"other"'])
def test_another_tag_gets_the_whole_answer(address: str, written: str) -> None:
    assert plain(address, LIST, If_None_Match=written).status_code == 200


def test_a_tag_of_another_form_is_another_tag(address: str) -> None:
    tag = _raw(address, "br")[1]["etag"]
    assert plain(address, LIST, If_None_Match=tag).status_code == 200


def test_head_says_what_get_would_say_without_a_body(address: str) -> None:
    whole, head = plain(address, LIST), ask(address, LIST, method="HEAD", headers={"Accept-Encoding": "identity"})
    assert head.content == b""
    apart = {"date", "x-request-id", "x-data-age"}
    assert {k: v for k, v in head.headers.items() if k not in apart} == {
        k: v for k, v in whole.headers.items() if k not in apart
    }
    tag = whole.headers["etag"]
    assert (
        ask(address, LIST, method="HEAD", headers={"If-None-Match": tag, "Accept-Encoding": "identity"}).status_code
        == 304
    )


def test_a_small_answer_is_not_packed(address: str) -> None:
    answer = ask(address, "/api/models?q=nothing+of+this+name", headers={"Accept-Encoding": "br"})
    assert "content-encoding" not in answer.headers


def test_every_answer_says_how_old_its_data_is_and_of_which_revision_it_is(address: str) -> None:
    answer = plain(address, LIST)
    assert answer.headers["x-census-revision"] == "1"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_refusals_are_not_kept(address: str) -> None:
    before = came_from(address, "memory")
    for _ in range(3):
        assert plain(address, "/api/models/lab/none").status_code == 404
        assert plain(address, "/api/models?wrong=1").status_code == 400
    assert came_from(address, "memory") == before


@pytest.mark.parametrize("time", ["7d", "now", "2999-01-01"])
def test_a_time_that_moves_or_is_still_to_come_is_asked_of_the_framework_each_time(address: str, time: str) -> None:
    before = came_from(address, "memory")
    for _ in range(3):
        assert plain(address, f"/api/models?as_of={time}").status_code == 200
    assert came_from(address, "memory") == before


def test_a_past_time_is_kept_ready(address: str) -> None:
    before = came_from(address, "memory")
    for _ in range(3):
        assert plain(address, "/api/models?as_of=2026-01-01T00:00:00Z").status_code == 200
    assert came_from(address, "memory") == before + 2


def test_whether_somebody_may_use_a_model_is_never_kept(address: str) -> None:
    before = came_from(address, "memory"), came_from(address, "framework")
    for _ in range(2):
        assert plain(address, "/api/models/lab/m0/access").status_code == 200
    assert (came_from(address, "memory"), came_from(address, "framework")) == before


def test_feeds_are_kept_ready_too(address: str) -> None:
    first = plain(address, "/v1/models")
    before = came_from(address, "memory")
    again = plain(address, "/v1/models")
    assert came_from(address, "memory") == before + 1
    assert again.content == first.content
    assert again.headers["content-type"] == first.headers["content-type"]
    assert plain(address, "/v1/models", If_None_Match=first.headers["etag"]).status_code == 304
    assert plain(address, "/v1/models", If_Modified_Since=first.headers["last-modified"]).status_code == 304
