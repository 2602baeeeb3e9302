"""The polite HTTP client: the only place of the program that talks to the outside."""

from __future__ import annotations

from modelcensus.sources.http.answer import Answer, HttpLimits, Validators
from modelcensus.sources.http.client import USER_AGENT, HttpClient

__all__ = ["USER_AGENT", "Answer", "HttpClient", "HttpLimits", "Validators"]
