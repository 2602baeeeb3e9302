"""compact on the command line."""

from __future__ import annotations

from tests.builders import census_at, model, openrouter, read
from tests.cli.program import Program


def test_compact_tells_what_it_would_pack_packs_it_and_finds_nothing_more(program: Program) -> None:
    with census_at(f"sqlite:///{program.folder / 'data' / 'modelcensus.db'}") as census:
        read(census, openrouter(model("a"), model("b")), 0)
    assert program("compact", "--dry-run").out.startswith("would pack 2 bodies of ")
    assert program("compact", "--older-than", "2025-01-01", "--json").document["bodies"] == 0
    done = program("compact", "--json").document
    assert (done["bodies"], done["blocks"], done["damaged"]) == (2, 1, [])
    assert "there was nothing to pack" in program("compact").out
