from __future__ import annotations

import time
from datetime import timedelta

import msgspec

from modelcensus.operations.catalog import editions
from modelcensus.operations.fallback import Fallback
from modelcensus.settings import AccessSettings, ApiSettings, SourceSettings
from modelcensus.upstream import Fault, Play, Upstream
from tests.builders import START, census_at, model, openrouter


def test_nobody_waits_long_for_a_slow_upstream_and_the_next_one_finds_it_read(sqlite_url: str) -> None:
    body = Play(openrouter(model("lab/one")), fault=Fault.DELAY, seconds=0.6)
    later = [timedelta()]
    with (
        Upstream({"/models": [body]}) as upstream,
        census_at(sqlite_url, openrouter=SourceSettings(base_url=upstream.url)) as opened,
    ):
        census = msgspec.structs.replace(opened, now=lambda: START + later[0])
        fallback = Fallback(census, ApiSettings(models_list="lab/listed"), patience=0.2)
        empty = editions.edition(census, AccessSettings(), now=census.clock())
        began = time.monotonic()
        first = fallback.edition(empty)
        assert time.monotonic() - began < 0.5
        assert (first.fallback, [each.entry.model.id for each in first.portraits]) == ("list", ["lab/listed"])
        later[0] = timedelta(seconds=61)
        time.sleep(0.9)
        second = fallback.edition(empty)
        assert (second.fallback, [each.entry.model.id for each in second.portraits]) == ("live", ["lab/one"])
        assert len(upstream.requests) == 1


def test_a_live_answer_is_kept_ten_minutes_from_its_reading(sqlite_url: str) -> None:
    with (
        Upstream({"/models": [Play(openrouter(model("lab/one")))]}) as upstream,
        census_at(sqlite_url, openrouter=SourceSettings(base_url=upstream.url)) as census,
    ):
        fallback = Fallback(census, ApiSettings())
        empty = editions.edition(census, AccessSettings(), now=census.clock())
        found = fallback.edition(empty)
        assert found.until is not None
        assert 599_000_000 < found.until - census.clock() <= 600_000_000
        assert found.stamp == empty.stamp
