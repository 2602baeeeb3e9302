"""Notices on the command line."""

from __future__ import annotations

import json

from tests.cli.program import Program
from tests.operations.noticing.scene import NOBODY
from tests.receiver import Reply, receiving


def test_people_are_told_at_once_and_what_they_were_told_is_listed(program: Program) -> None:
    (program.folder / "modelcensus.toml").write_text(
        f"[sources.openrouter]\nbase_url = '{NOBODY}'\n[http]\nattempts = 1\n"
        "[notices.rules.syncs]\non = ['sync-failed']\ntimes = 1\n"
    )
    with receiving(Reply(200), Reply(403)) as receiver:
        program.env = {**program.env, "SLACK_WEBHOOK_URL": receiver.url + "/hook-secret"}
        program("sync", "openrouter")
        told = program("notify", "now")
        assert (told.code, told.out) == (0, "new: 1, told: 1 in 1 messages, waiting: 0\n")
        assert "openrouter could not be read" in json.loads(receiver.got[0].body)["text"]
        (notice,) = program("notify", "list", "--json").document
        assert (notice["kind"], notice["target"], notice["severity"]) == ("sync-failed", "slack", "warning")
        refused = program("notify", "test", "slack", "--json")
        assert (refused.code, refused.document[0]["why"]) == (1, "it answered 403")
        assert "hook-secret" not in str((told, notice, refused))
