"""GitHub Actions: a workflow of two jobs that call a server of ours. Its clock is UTC.

The form: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import json
from pathlib import Path

from modelcensus.operations.outside.job import MARK, Step, write
from modelcensus.operations.outside.timing import plain_cron
from modelcensus.settings import Settings

PATH = Path(".github/workflows/model-census.yml")
_TEXT = """\
# {mark} write github'
# It needs the variable MODELCENSUS_URL, and the secrets CRON_SECRET (that of the server) and MODELCENSUS_TOKEN
# (modelcensus token create ci --role viewer). GitHub starts it minutes late at busy times; its clock is UTC.
name: model census
on:
  schedule:
{schedule}
  workflow_dispatch:
permissions: {{}}
concurrency: {{group: "model-census-${{{{ github.event.schedule || 'by hand' }}}}"}}
defaults: {{run: {{shell: bash}}}}
jobs:
  sync:
    if: github.event_name == 'workflow_dispatch' || github.event.schedule == {sync}
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      # Where the run takes longer than the request may, it goes on, and its end is the server's to tell.
      - name: Sync
        run: >-
          curl --fail-with-body -sS --max-time 330 -X POST -H "Authorization: Bearer $CRON_SECRET"
          "$MODELCENSUS_URL/api/cron/sync-models?wait=300"
          | tee /dev/stderr | jq -e '.result == null or .result.success' >/dev/null
        env:
          MODELCENSUS_URL: ${{{{ vars.MODELCENSUS_URL }}}}
          CRON_SECRET: ${{{{ secrets.CRON_SECRET }}}}
  health:
    if: github.event_name == 'workflow_dispatch' || github.event.schedule == {health}
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - name: Health
        run: >-
          curl --fail-with-body -sS --max-time 60 -H "Authorization: Bearer $MODELCENSUS_TOKEN"
          "$MODELCENSUS_URL/api/admin/health"
          | tee /dev/stderr | jq -e '.severity != "critical"' >/dev/null
        env:
          MODELCENSUS_URL: ${{{{ vars.MODELCENSUS_URL }}}}
          MODELCENSUS_TOKEN: ${{{{ secrets.MODELCENSUS_TOKEN }}}}
"""


def workflow(settings: Settings, folder: Path, *, force: bool = False) -> Step:
    """The step that writes it. Raises ``InvalidInput`` for a timing that cron cannot tell, or a file of others."""
    sync, health = plain_cron(settings.sync.schedule).text, plain_cron(settings.health.every).text
    schedule = "\n".join(f"    - cron: {json.dumps(each)}" for each in dict.fromkeys((sync, health)))
    text = _TEXT.format(mark=MARK, schedule=schedule, sync=f"'{sync}'", health=f"'{health}'")
    return write(folder / PATH, text, force=force)
