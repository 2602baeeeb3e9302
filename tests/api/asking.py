"""Asking an identity who sends a header, and a clock that tests move."""

from __future__ import annotations

import pytest

from modelcensus.core.access import Caller
from modelcensus.core.errors import Unauthenticated
from modelcensus.serving.identity import Identity
from tests.api.signing import bearer


class Clock:
    """Seconds that only grow when a test says so."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def refused(identity: Identity, authorization: str) -> Unauthenticated:
    """The refusal of a header; it says what to do, and repeats nothing of the credential."""
    with pytest.raises(Unauthenticated) as caught:
        identity.caller(authorization)
    error = caught.value
    assert error.hint
    for part in authorization.replace(".", " ").split()[1:]:
        assert len(part) < 6 or part == "Bearer" or part not in str(error)
    return error


def caller(identity: Identity, jwt_text: str) -> Caller:
    return identity.caller(bearer(jwt_text))
