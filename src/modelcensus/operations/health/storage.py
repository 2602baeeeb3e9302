"""Whether there is room where the census writes: its file, its journals, its logs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from modelcensus.core.health import Finding, Severity
from modelcensus.settings import Settings

CHECK = "disk"
_MB = 1_000_000


def disks(settings: Settings) -> Iterator[Finding]:
    """Each device that is written to, once. A database server's disk is its own affair."""
    seen: set[int] = set()
    for name, folder in _places(settings):
        there = next((each for each in (folder, *folder.parents) if each.is_dir()), None)
        if there is None:
            continue
        try:
            device, free = there.stat().st_dev, shutil.disk_usage(there).free
        except OSError as error:
            yield Finding(
                check=CHECK, subject=name, severity=Severity.CRITICAL,
                message=f"{there} cannot be looked at: {error.strerror or type(error).__name__}",
                hint="see whether the device is there and its folder may be read",
            )  # fmt: skip
            continue
        if device not in seen:
            seen.add(device)
            yield _of(name, there, free, settings.health.disk_mb)


def _of(name: str, folder: Path, free: int, least: int) -> Finding:
    message = f"{free // _MB:,} MB free at {folder}"
    if free >= least * _MB:
        return Finding(check=CHECK, subject=name, severity=Severity.OK, message=message)
    return Finding(
        check=CHECK, subject=name,
        severity=Severity.CRITICAL if free < least * _MB / 10 else Severity.WARNING,
        message=f"{message}, less than {least:,} MB",
        hint="free some space, run 'modelcensus compact', or move it: database_url, journal_folder, logs.folder",
    )  # fmt: skip


def _places(settings: Settings) -> Iterator[tuple[str, Path]]:
    backend, _, file = settings.database_url.partition(":///")
    at_home = backend.startswith("sqlite") and bool(file)
    home = Path(file.partition("?")[0]).parent if at_home else Path("data")
    if at_home:
        yield "database", home.absolute()
    if settings.resume_minutes:
        yield "journals", Path(settings.journal_folder or home / "journals").absolute()
    if settings.logs.folder:
        yield "logs", Path(settings.logs.folder).absolute()
