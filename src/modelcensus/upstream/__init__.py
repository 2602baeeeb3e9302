"""The local upstream: a real HTTP server for tests and demonstration that plays catalogs and can misbehave."""

from __future__ import annotations

from modelcensus.upstream.catalogs import LinkedPages, Pages, recorded
from modelcensus.upstream.faults import Fault
from modelcensus.upstream.play import Play, Received
from modelcensus.upstream.server import Upstream
from modelcensus.upstream.shaping import Wire, shaped

__all__ = ["Fault", "LinkedPages", "Pages", "Play", "Received", "Upstream", "Wire", "recorded", "shaped"]
