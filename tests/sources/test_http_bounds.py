"""Limits on size: nothing an upstream sends may fill the memory."""

from __future__ import annotations

import tracemalloc
import zlib
from typing import Any

import pytest

from modelcensus.core.errors import TooLarge
from modelcensus.sources.http import HttpClient, HttpLimits
from modelcensus.upstream import Fault, Play, Upstream
from modelcensus.upstream.shaping import bomb, pack

MIB = 1024 * 1024


def get(play: Play, **limits: Any) -> tuple[bytes, int]:
    """The body and how many requests it took."""
    bounds = HttpLimits(attempts=3, read_seconds=2, **limits)
    with Upstream({"/x": [play]}) as up, HttpClient(up.url, limits=bounds, sleep=lambda _: None) as http:
        try:
            return http.get("/x").body, len(up.requests)
        finally:
            assert len(up.requests) == 1


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert get(Play(b"x" * 1000), max_body_bytes=1000, max_decoded_bytes=1000)[0] == b"x" * 1000


def test_an_announced_length_above_the_limit_is_refused_before_reading() -> None:
    with pytest.raises(TooLarge, match="max_body_bytes"):
        get(Play(b"x" * 1001, fault=Fault.HANG_IN_BODY), max_body_bytes=1000)


def test_a_body_of_unsaid_length_is_refused_when_it_passes_the_limit() -> None:
    with pytest.raises(TooLarge, match=r"over 1000 bytes on the wire .*max_body_bytes"):
        get(Play(b"x" * 3000, fault=Fault.CUT_WITHOUT_LENGTH), max_body_bytes=1000)


def test_a_plain_body_above_the_decoded_limit_is_refused() -> None:
    with pytest.raises(TooLarge, match="max_decoded_bytes"):
        get(Play(b"x" * 1001), max_decoded_bytes=1000)


def test_a_packed_body_above_the_packed_limit_is_refused_however_small_it_unpacks() -> None:
    with pytest.raises(TooLarge, match="max_body_bytes"):
        get(Play(bytes(range(256)) * 9, fault=Fault.GZIP), max_body_bytes=100)


@pytest.mark.parametrize("fault", [Fault.GZIP_BOMB, Fault.BROTLI_BOMB, Fault.ZSTD_BOMB])
def test_a_bomb_is_refused_without_filling_the_memory(fault: Fault) -> None:
    play = Play(b"", fault=fault, bomb_bytes=64 * MIB)
    with pytest.raises(TooLarge, match="2 MiB unpacked"):  # once beforehand: making the bomb must not count
        get(play, max_decoded_bytes=2 * MIB)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match="max_decoded_bytes"):
            get(play, max_decoded_bytes=2 * MIB)
        assert tracemalloc.get_traced_memory()[1] < 10 * MIB
    finally:
        tracemalloc.stop()


def test_a_bomb_packed_twice_is_refused_by_its_inner_layer() -> None:
    nested = pack([bomb("gzip", 16 * MIB)], "gzip")
    with pytest.raises(TooLarge, match="max_decoded_bytes"):
        get(Play(nested, headers={"Content-Encoding": "gzip, gzip"}), max_decoded_bytes=MIB)


def test_a_bomb_whose_inner_layer_is_huge_and_unpacks_to_nothing_is_refused() -> None:
    nested = pack([pack([b""], "gzip") * 100_000], "gzip")
    with pytest.raises(TooLarge, match="max_decoded_bytes"):
        get(Play(nested, headers={"Content-Encoding": "gzip, gzip"}), max_decoded_bytes=MIB)


def test_a_body_in_several_gzip_members_comes_back_whole() -> None:
    body = pack([b"[1,"], "gzip") + pack([b"2]"], "gzip")
    assert get(Play(body, headers={"Content-Encoding": "gzip"}))[0] == b"[1,2]"


def test_a_body_packed_twice_comes_back_unpacked_twice() -> None:
    body = pack([pack([b"[1,2]"], "br")], "zstd")
    assert get(Play(body, headers={"Content-Encoding": "br, zstd"}))[0] == b"[1,2]"


def test_a_raw_deflate_body_is_unpacked_as_browsers_do() -> None:
    raw = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = raw.compress(b"[1,2]" * 99) + raw.flush()
    assert get(Play(body, headers={"Content-Encoding": "deflate"}))[0] == b"[1,2]" * 99
