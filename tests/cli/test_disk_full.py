"""A real full disk: a tmpfs of four megabytes, where this machine lets us mount one."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Program, a_model


def test_a_full_disk_is_told_and_what_was_recorded_stays(program: Program, tiny_disk: Path) -> None:
    census = ("--database", f"sqlite:///{tiny_disk}/census.db")
    for day in range(1, 9):
        program.keep(f"202603{day:02}T120000Z", *(a_model(f"lab/{n}", note=f"{day} " * 500) for n in range(300)))
    ran = program(*census, "import", "readings", "--source", "openrouter")
    assert (ran.code, len(ran.err.splitlines())) == (4, 2)
    assert "disk is full" in ran.err
    assert program(*census, "verify").code == 0
    synced = program(*census, "syncs", "--json").document
    assert 0 < len(synced) < 8
