"""A server whose sources wait at a gate, and requests to it as an administrator or a clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
import msgspec

from modelcensus.operations.census import Census
from modelcensus.settings import AccessSettings, InngestSettings, SyncSettings
from tests.operations.gated import EAGER, Gate, gated
from tests.web.serving import QUIET, served

ADMIN = {"Authorization": "Bearer admin-token-of-tests"}
CRON = {"Authorization": "Bearer cron-secret-of-tests"}
ACCESS = AccessSettings(admin_token="admin-token-of-tests", cron_secret="cron-secret-of-tests")


class Server(msgspec.Struct):
    """Where it listens, the gate of its sources, and the census beneath it."""

    address: str
    gate: Gate
    census: Census

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, **given: Any
    ) -> httpx2.Response:
        """One request, by default the administrator's; no proxy."""
        with httpx2.Client(trust_env=False, timeout=30) as client:
            return client.request(
                method, self.address + path, headers=dict(ADMIN if headers is None else headers), **given
            )

    def post(self, path: str = "/api/admin/sync-models", **given: Any) -> httpx2.Response:
        """One POST."""
        return self.ask(path, "POST", **given)


@contextmanager
def sync_server(
    url: str,
    *names: str,
    opened: bool = True,
    sync: SyncSettings = EAGER,
    access: AccessSettings = ACCESS,
    inngest: InngestSettings | None = None,
) -> Iterator[Server]:
    """Serve such a census; with ``opened`` its sources answer at once."""
    with gated(url, *names) as world:
        if opened:
            world.gate.opened.set()
        settings = msgspec.structs.replace(
            world.settings, sync=sync, access=access, api=QUIET, inngest=inngest or InngestSettings()
        )
        with served(world.census, settings) as address:
            try:
                yield Server(address, world.gate, world.census)
            finally:
                world.gate.opened.set()
