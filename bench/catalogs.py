"""Upstreams in a process of their own: ``python -m bench.catalogs SECONDS [MODELS]`` prints their addresses as JSON.

Each adapter's example on a port of its own, every answer after so many seconds; and ``endpoints``: an OpenRouter
with so many models, each with two endpoints.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from modelcensus.sources.registry import ADAPTERS
from modelcensus.upstream import Play, Received, Upstream
from modelcensus.upstream.exchanges import Player, load_example


def many(models: int, seconds: float) -> Callable[[Received], Play]:
    """A script for an OpenRouter with so many models."""
    listing = json.dumps(
        {"data": [{"id": f"lab/model-{number}", "name": f"Model {number}"} for number in range(models)]}
    )

    def play(request: Received) -> Play:
        time.sleep(seconds)
        if request.path.endswith("/endpoints"):
            key = request.path.removeprefix("/api/v1/models/").removesuffix("/endpoints")
            endpoints = [{"name": f"{name} | {key}", "provider_name": name, "tag": name} for name in ("one", "two")]
            return Play(json.dumps({"data": {"id": key, "endpoints": endpoints}}).encode())
        return Play(listing.encode())

    return play


def main(seconds: float, models: int) -> None:
    with ExitStack() as stack:
        addresses = {}
        for name, adapter in ADAPTERS.items():
            example = load_example(adapter.example) if adapter.example else None
            if example is None or example.file:
                continue
            player = Player(example=example, key_header=adapter.key_header, latency=seconds)
            addresses[name] = player.base_url(stack.enter_context(Upstream(player)).url)
        addresses["endpoints"] = stack.enter_context(Upstream(many(models, seconds))).url + "/api/v1"
        print(json.dumps(addresses), flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400)
