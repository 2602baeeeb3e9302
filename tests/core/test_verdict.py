"""Whether a reading may remove what it does not name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelcensus.core.verdict import Evidence, plausible, removes


def evidence(
    *, seen: int = 10, before: int = 10, complete: bool = True, unnamed: int = 0, accepted: bool = False
) -> Evidence:
    return Evidence(complete, unnamed, seen, before, accepted)


@given(st.integers(0, 300), st.integers(0, 300), st.booleans(), st.integers(0, 3))
def test_a_reading_that_is_not_complete_or_hides_names_never_removes(
    seen: int, before: int, accepted: bool, unnamed: int
) -> None:
    assert not removes(evidence(seen=seen, before=before, accepted=accepted, complete=False, unnamed=unnamed))
    assert not removes(evidence(seen=seen, before=before, accepted=accepted, unnamed=unnamed + 1))


@given(st.integers(1, 300), st.integers(0, 300))
def test_more_entities_are_never_less_plausible(seen: int, before: int) -> None:
    assert plausible(evidence(seen=seen + 1, before=before)) or not plausible(evidence(seen=seen, before=before))


@pytest.mark.parametrize(
    ("seen", "before", "expected"),
    [
        (0, 0, True),
        (0, 1, False),
        (0, 400, False),
        (1, 3, True),
        (1, 4, False),
        (8, 10, True),
        (300, 400, True),
        (299, 400, False),
        (500, 400, True),
    ],
)
def test_a_loss_is_believed_if_it_is_small(seen: int, before: int, expected: bool) -> None:
    assert plausible(evidence(seen=seen, before=before)) is expected


def test_a_person_can_vouch_for_any_loss() -> None:
    assert removes(evidence(seen=0, before=400, accepted=True))
