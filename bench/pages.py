"""A paged listing of any size, served in a process of its own: ``python -m bench.pages COUNT`` prints its address.

``/models`` is the listing, ``/altered/models`` the same with one entity of it altered.
"""

from __future__ import annotations

import sys
import time

from modelcensus.upstream import Pages, Upstream


def entity(index: int) -> bytes:
    """A small entity with the members of OpenRouter's that matter most, about 200 bytes."""
    return (
        b'{"id":"lab%d/model-%d","name":"Model %d","created":%d,"context_length":131072,'
        b'"pricing":{"prompt":"0.%08d","completion":"0.%08d"},"architecture":{"modality":"text->text"}}'
    ) % (index % 97, index, index, 1_700_000_000 + index, index % 99_999 + 1, index % 88_888 + 1)


def altered(index: int) -> bytes:
    """The same, but number 1,000 has another price."""
    return entity(index).replace(b'"prompt":"0.', b'"prompt":"1.') if index == 1000 else entity(index)


if __name__ == "__main__":
    count = int(sys.argv[1])
    listings = {"/models": Pages(count=count, entity=entity), "/altered/models": Pages(count=count, entity=altered)}
    with Upstream(listings, kept_requests=1) as upstream:
        print(upstream.url, flush=True)
        while True:
            time.sleep(3600)
