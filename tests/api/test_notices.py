"""Notices over HTTP; who may see them is in test_who_may_what.py."""

from __future__ import annotations

from modelcensus.settings import AccessSettings, Settings
from tests.operations.noticing.scene import scene
from tests.operations.noticing.test_finding import on
from tests.web.serving import QUIET, ask, served

TOKEN = {"Authorization": "Bearer the admin token"}


def test_what_waits_and_what_was_told_is_listed(sqlite_url: str) -> None:
    settings = Settings(api=QUIET, access=AccessSettings(admin_token="the admin token"))
    with scene(sqlite_url, on("sync-failed", times=1)) as it, served(it.census, settings) as address:
        it.fail()
        it.tell(at_once=False)
        (notice,) = ask(address, "/api/admin/notices?waiting=true&target=here", headers=TOKEN).json()["data"]
        assert (notice["key"], notice["sent_at"]) == ("sync-failed:openrouter:1", None)
        assert notice["at"].endswith("Z")
        assert ask(address, "/api/admin/notices?target=there", headers=TOKEN).json() == {"data": []}
        assert ask(address, "/api/admin/notices?limit=0", headers=TOKEN).status_code == 422
