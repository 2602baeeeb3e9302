"""A long reading that is killed at random pages; ``python -m bench.resume`` does the same with 200,000 models."""

from __future__ import annotations

import random

from bench.resume import killed


def test_a_reading_that_is_killed_goes_on_at_its_page_and_ends_as_an_undisturbed_one() -> None:
    chance = random.Random(5)
    for trial in (killed(20_000, chance.randrange(2, 20)) for _ in range(2)):
        assert trial.unlike == 0
        assert trial.asked_again <= 2
        assert trial.pages_after < 23 - trial.pages_before + 3
