"""A census of so many models, served: ``python -m bench.served FOLDER COUNT [LOG] [SERVER]`` prints its address.

With ``granian`` as SERVER the same application runs on granian's embedded server, at the port that follows it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.readings import model
from modelcensus.core.catalog.guards import Thresholds
from modelcensus.operations.catalog.catalog import Updated, update
from modelcensus.operations.census import Census
from modelcensus.operations.replay import import_readings
from modelcensus.server import application, serve
from modelcensus.settings import ApiSettings, CatalogSettings, Settings
from modelcensus.wiring import open_census

_START = 1_767_225_600_000_000
_HOUR = 3_600_000_000


def settings(folder: str, log: str = "off") -> Settings:
    """Of the served census, and of whoever syncs it: the guards would ask a person about so many equal changes."""
    loose = {name: "1000000" for name in Thresholds.__struct_fields__ if name.startswith("flap")}
    return Settings(
        database_url=f"sqlite:///{folder}/census.db",
        api=ApiSettings(live=False, log=log),  # type: ignore[arg-type]  # one of its words
        catalog=CatalogSettings(thresholds=loose),
    )


def sync(census: Census, count: int, turn: int) -> Updated:
    """Record a reading in which every model has the price of this turn, and publish it."""
    listed: list[dict[str, Any]] = [model(f"lab{each % 20}/model-{each}", each + 1) for each in range(count)]
    for each in listed:
        each["pricing"] = {"prompt": f"{1 + turn}e-6", "completion": f"{2 + turn}e-6"}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "reading.json"
        path.write_text(json.dumps({"data": listed}))
        for one in import_readings(census, census.sources["openrouter"], path, at=_START + turn * _HOUR):
            if one.error:
                raise one.error
    return update(census, now=census.clock())


def main() -> None:
    folder, count = sys.argv[1], int(sys.argv[2])
    chosen = settings(folder, *sys.argv[3:4])
    with open_census(chosen) as census:
        if not (Path(folder) / "filled").exists():
            sync(census, count, 0)
            (Path(folder) / "filled").touch()
        if sys.argv[4:5] == ["granian"]:
            _on_granian(census, chosen, int(sys.argv[5]))
        else:
            serve(census, chosen, "127.0.0.1", 0, ready=lambda address: print(address, flush=True))


def _on_granian(census: Census, chosen: Settings, port: int) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    async def run() -> None:
        server = Server(
            application(census, chosen), port=port, interface=Interfaces.ASGI, websockets=False, log_enabled=False
        )  # fmt: skip
        await server.serve()

    print(f"http://127.0.0.1:{port}", flush=True)
    asyncio.run(run())


if __name__ == "__main__":
    main()
