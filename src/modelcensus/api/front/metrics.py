"""Numbers of the server for Prometheus, in a registry of its own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

MEDIA_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
PLACES = ("memory", "shared", "framework", "older")
"""Where an answer of the public catalog may come from: ``shared``: another process made it; ``older``: marked so."""

Gauges = Callable[[], Iterable[tuple[str, str, float]]]
"""(name, what it is, value) of what is read when somebody asks."""
Syncs = Callable[[], dict[str, int]]


class Tally:
    """Requests of one route, method and status. Only the event loop's thread counts, so nothing is locked."""

    __slots__ = ("buckets", "seconds")

    def __init__(self) -> None:
        self.buckets = [0] * (len(_SECONDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """Count one request that took so long."""
        self.buckets[bisect_left(_SECONDS, seconds)] += 1
        self.seconds += seconds


class Metrics:
    """What the server counts. ``gauges`` and ``syncs`` are asked whenever the numbers are shown.

    Prometheus' own counters cost as much as the rest of a ready answer: here they are filled when they are asked for.
    """

    def __init__(self, gauges: Gauges, syncs: Syncs) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._gauges = gauges
        self._syncs = syncs
        self._tallies: dict[tuple[str, str, int], Tally] = {}
        self.came_from = dict.fromkeys(PLACES, 0)
        """Answers of the public catalog, by place."""

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        tally = self._tallies.get((route, method, status))
        if tally is None:
            tally = self._tallies[route, method, status] = Tally()
        tally.add(seconds)

    def text(self) -> bytes:
        """All numbers in Prometheus' text form."""
        return generate_latest(self.registry)

    def describe(self) -> Iterator[Metric]:
        """Nothing is read before the first question."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """What there is now; what the database does not tell is left out."""
        labels = ("route", "method", "status")
        requests = HistogramMetricFamily("modelcensus_http_request_seconds", "Requests answered", labels=labels)
        for (route, method, status), tally in list(self._tallies.items()):
            requests.add_metric((route, method, str(status)), list(_summed(tally)), tally.seconds)
        yield requests
        ready = CounterMetricFamily("modelcensus_ready_answers", "Answers of the public catalog", labels=("from",))
        for place, count in self.came_from.items():
            ready.add_metric((place,), count)
        yield ready
        for name, meaning, value in self._gauges():
            yield GaugeMetricFamily(f"modelcensus_{name}", meaning, value=value)
        syncs = CounterMetricFamily("modelcensus_syncs", "Recorded syncs", labels=("status",))
        for sync, count in self._syncs().items():
            syncs.add_metric((sync,), count)
        yield syncs


def _summed(tally: Tally) -> Iterator[tuple[str, float]]:
    total = 0
    for bound, count in zip((*map(str, _SECONDS), "+Inf"), tally.buckets, strict=True):
        total += count
        yield bound, total
