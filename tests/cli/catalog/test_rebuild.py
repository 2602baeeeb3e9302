from __future__ import annotations

from tests.cli.program import Program, a_model


def test_rebuild_works_out_every_revision_from_the_snapshots_of_its_time(program: Program) -> None:
    program.keep("20260301T120000Z", a_model("lab/one"), a_model("lab/two"))
    program.read()
    assert program("plan").code in (0, 1)
    digest = program("plan", "--json").document["digest"]
    assert program("apply", digest).code in (0, 1)
    ran = program("rebuild", "--catalog", "--json")
    assert ran.code == 0
    assert [(each["revision"], each["same_catalog"]) for each in ran.document] == [(1, True)]
    assert "the same" in program("rebuild", "--catalog").out
    assert program("verify").code == 0


def test_rebuild_of_a_catalog_without_revisions_says_so(program: Program) -> None:
    program.keep("20260301T120000Z", a_model("lab/one"))
    program.read()
    ran = program("rebuild", "--catalog")
    assert (ran.code, "no revision yet" in ran.out) == (0, True)
