"""/openapi.json says exactly what the API answers: schemathesis asks every path what it must and must not take."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelcensus.operations.catalog import catalog
from modelcensus.settings import AccessSettings, ApiSettings, Settings, SourceSettings, SyncSettings, WebhookSettings
from modelcensus.sources.registry import installed
from tests.builders import census_at
from tests.web.sample import fill
from tests.web.serving import served

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "50"))
"""For each operation and database, beside those of the coverage phase (42 on average): what fits into the minutes of
every run. Before a release more: 1,000 take an hour."""
ADMIN_TOKEN = "an administrator of the contract's tests"
ENDLESS = "stream$|/events$"
"""Paths that answer until the caller goes away; see tests/api/pushing and tests/api/test_syncing.py."""
SEED = "20260301"


@pytest.fixture
def address(database_url: str) -> Iterator[str]:
    # No source is asked: a sync is triggered, and says that none is ready.
    off = {name: SourceSettings(enabled=False) for name in installed().adapters}
    settings = Settings(
        access=AccessSettings(admin_token=ADMIN_TOKEN, cron_secret=ADMIN_TOKEN), sources=off,
        api=ApiSettings(live=False, log="off"), sync=SyncSettings(wait_seconds=0),
        webhooks=WebhookSettings(signing_key="a key of the contract's tests"),
    )  # fmt: skip
    with census_at(database_url, **off) as census:
        fill(census)
        catalog.update(census, now=census.clock())
        with served(census, settings) as address:
            yield address


@pytest.mark.long
def test_the_api_answers_as_its_description_says(address: str, tmp_path: Path) -> None:
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", Path(__file__).with_name("contract.toml"),
        "run", f"{address}/openapi.json", "--phases", "examples,coverage,fuzzing,stateful",
        "--max-examples", str(EXAMPLES),
        "--header", f"Authorization: Bearer {ADMIN_TOKEN}", "--exclude-path-regex", ENDLESS, "--seed", SEED,
        "--no-shrink", "--continue-on-failure", "--no-color", "--suppress-health-check", "filter_too_much",
    ]  # fmt: skip
    hooked = os.environ | {"SCHEMATHESIS_HOOKS": "tests.api.contract_hooks", "PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(command, cwd=tmp_path, env=hooked, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, _told(ran.stdout) + ran.stderr[-2_000:]


def _told(output: str) -> str:
    """What schemathesis says, without the long addresses that it tried."""
    return "\n".join(line[:300] for line in output.splitlines())[-20_000:]
