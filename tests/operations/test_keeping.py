from __future__ import annotations

import logging

import pytest

from modelcensus.core.errors import SettingsError
from modelcensus.operations.keeping import Keeper, keeper_of
from modelcensus.settings import CacheSettings
from modelcensus.store.redis import Redis


def test_a_place_that_is_down_is_told_of_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    ticks = [0.0]
    keeper = Keeper(Redis("redis://127.0.0.1:9/0", seconds=0.2), lambda: ticks[0])
    with caplog.at_level(logging.WARNING, "modelcensus.cache"):
        for second in range(0, 130, 10):
            ticks[0] = float(second)
            assert keeper.get("name") is None
            keeper.put("name", b"value", 60)
    assert len(caplog.records) == 3
    assert "Redis does not answer" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        CacheSettings(redis_url="not an address"),
        CacheSettings(upstash_url="ftp://host", upstash_token="x"),
        CacheSettings(upstash_url="https://host"),
    ],
)
def test_settings_that_name_no_place_are_refused(wrong: CacheSettings) -> None:
    with pytest.raises(SettingsError) as caught:
        keeper_of(wrong)
    assert caught.value.hint


def test_there_is_no_keeper_where_no_place_is_named() -> None:
    assert keeper_of(CacheSettings()) is None
