"""Kubernetes: two CronJobs that run the program in an image of yours; whatever is secret comes from a Secret.

The form: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/cron-job-v1/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from modelcensus.operations.outside.job import MARK, Job, Step, write
from modelcensus.operations.outside.timing import plain_cron
from modelcensus.settings import SyncSettings

PATH = Path("modelcensus-cronjobs.yaml")
IMAGE = "modelcensus:latest"
SECRET = "modelcensus"
_SECONDS = {"sync": 7200, "health": 300}
_HEAD = """\
# {mark} write kubernetes'
# kubectl create secret generic {secret} --from-literal=DATABASE_URL=... (and the keys of your sources)
# kubectl apply -f {path}      to remove them: kubectl delete -f {path}
"""
_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata:
  name: modelcensus-{name}
  labels: {{app.kubernetes.io/name: modelcensus}}
spec:
  schedule: {schedule}
  timeZone: {zone}
  concurrencyPolicy: Forbid
  startingDeadlineSeconds: 3000
  successfulJobsHistoryLimit: 1
  failedJobsHistoryLimit: 3
  jobTemplate:
    spec:
      # Another try is up to the next time: the program tries again by itself.
      backoffLimit: 0
      activeDeadlineSeconds: {seconds}
      ttlSecondsAfterFinished: 86400
      template:
        metadata:
          labels: {{app.kubernetes.io/name: modelcensus}}
        spec:
          restartPolicy: Never
          automountServiceAccountToken: false
          containers:
            - name: {name}
              image: {image}
              command: {command}
              envFrom:
                - secretRef: {{name: {secret}}}
              securityContext:
                allowPrivilegeEscalation: false
                capabilities: {{drop: [ALL]}}
"""


def cron_jobs(
    jobs: Sequence[Job], sync: SyncSettings, folder: Path, *, image: str = IMAGE, force: bool = False
) -> Step:
    """The step that writes it. Raises ``InvalidInput`` for a timing that cron cannot tell, or a file of others."""
    parts = [
        _JOB.format(
            name=job.name, schedule=json.dumps(plain_cron(job.timing).text), zone=json.dumps(sync.time_zone),
            seconds=_SECONDS[job.name], image=json.dumps(image), command=json.dumps(["modelcensus", *job.words]),
            secret=SECRET,
        )
        for job in jobs
    ]  # fmt: skip
    head = _HEAD.format(mark=MARK, secret=SECRET, path=PATH)
    return write(folder / PATH, head + "---\n".join(parts), force=force)
