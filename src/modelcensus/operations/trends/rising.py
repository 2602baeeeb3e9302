"""Who rises fastest, by downloads or likes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Connection

from modelcensus.core.errors import NotFound
from modelcensus.core.trends import Measure, Measured, Metric, Risers, risers
from modelcensus.operations.census import Census, Source
from modelcensus.store import trends
from modelcensus.store.catalog import aliases, models

_DAY = 86_400_000_000
_HINT = "read a source that counts {metric}: modelcensus sync {sources}"


def rising(
    census: Census,
    *,
    metric: Metric = Metric.DOWNLOADS,
    days: int = 30,
    provider: str | None = None,
    measure: Measure = Measure.GROWTH,
    limit: int = 20,
    sees: Callable[[str], bool] = lambda _: True,
) -> Risers:
    """The fastest risers of the last ``days``, of all sources that count the metric.

    ``provider``: only models of it, whatever its case: the catalog's word, or the first part of the key. ``sees``: what
    the caller may see of the catalog; the others are left out. Raises ``NotFound`` where nothing was ever counted.
    """
    until = census.clock()
    since = max(until - days * _DAY, 0)
    counting = [source for source in census.sources.values() if _counts(source, metric)]
    with census.store.reading() as tx:
        found = [each for source in counting for each in _measured(tx, source.name, metric, since, until)]
    if not found:
        names = " ".join(source.name for source in counting) or "huggingface"
        raise NotFound(f"no {metric} have been recorded yet", _HINT.format(metric=metric, sources=names))
    wanted = [
        each
        for each in found
        if (each.model_id is None or sees(each.model_id))
        and (provider is None or (each.provider or "").casefold() == provider.casefold())
    ]
    if not wanted and provider is not None:
        raise NotFound(
            f"no {metric} of models of '{provider[:80]}' have been recorded", "see the risers of all providers first"
        )
    return risers(wanted, metric=metric, since_at=since, until_at=until, measure=measure, limit=limit)


def _counts(source: Source, metric: Metric) -> bool:
    return any(metric.value in document.volatile.get("model", ()) for document in source.adapter.documents)


def _measured(tx: Connection, source: str, metric: Metric, since: int, until: int) -> Iterator[Measured]:
    names = {each.key: each.model_id for each in aliases.current(tx) if each.source == source}
    known = models.find(tx, sorted(set(names.values())))
    for key, before, since_at, after in trends.measured(tx, source, metric.value, since, until):
        model_id = names.get(key)
        said = known[model_id].fields.get("provider") if model_id in known else None
        owner = said if isinstance(said, str) else key.partition("/")[0] if "/" in key else None
        yield Measured(
            source=source, key=key, before=round(before), after=round(after), since_at=since_at,
            model_id=model_id if model_id in known else None, provider=owner,
        )  # fmt: skip
