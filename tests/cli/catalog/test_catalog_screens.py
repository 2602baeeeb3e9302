from __future__ import annotations

import pytest

from modelcensus.cli.catalog import acts, disagreeing, models
from modelcensus.cli.catalog.values import columned, field, moved
from modelcensus.cli.output import Out
from modelcensus.core.catalog.curated import Drift
from modelcensus.core.catalog.model import Status
from tests.cli.catalog.invented import EVIL, alias, curation, disagreement, entry, override, published

Capture = pytest.CaptureFixture[str]


def test_a_disagreement_names_what_is_followed_first_and_how_far_the_others_are_off(capsys: Capture) -> None:
    disagreeing.listed(Out(), [("lab/one", disagreement(openrouter="2", litellm="3"))], 50)
    _, reason, first, second = capsys.readouterr().out.splitlines()
    assert "openrouter comes first for prices" in reason
    assert first.split()[:3] == ["→", "2.00", "openrouter"]
    assert second.split()[:4] == ["3.00", "litellm", "+50.0", "%"]


def test_each_side_of_a_disagreement_names_its_snapshot(capsys: Capture) -> None:
    disagreeing.listed(Out(), [("lab/one", disagreement(openrouter="2", litellm="3"))], 50)
    assert capsys.readouterr().out.count("lab/one abababababab 2026-03-01T12:00:00Z") == 2


def test_no_disagreement_is_said(capsys: Capture) -> None:
    disagreeing.listed(Out(), [], 50)
    assert "no disagreement" in capsys.readouterr().out


def test_a_model_without_a_price_shows_unknown_and_not_zero(capsys: Capture) -> None:
    models.listing(Out(), [(published(prices={"price.output": "15"}), None)])
    row = capsys.readouterr().out.splitlines()[1]
    assert "unknown" in row
    assert "0.00" not in row.replace("15.00", "")


def test_an_archived_model_is_shown_as_not_enabled_whatever_people_set(capsys: Capture) -> None:
    models.listing(Out(), [(published(status=Status.ARCHIVED), curation(enabled=True, status="active"))])
    assert capsys.readouterr().out.splitlines()[1].split()[-3:] == ["inactive", "no", "-"]


def test_the_name_that_a_person_gave_comes_before_upstreams(capsys: Capture) -> None:
    models.listing(Out(), [(published(), curation(display_name="House Model"))])
    assert "House Model" in capsys.readouterr().out


def test_a_model_is_shown_with_fields_sources_names_and_disagreements(capsys: Capture) -> None:
    models.details(
        Out(), published(), curation(is_pro=True, notes="careful"),
        aliases=[alias()], overrides=[override(upstream="3")],
        disagreements=[disagreement(openrouter="2", litellm="3")],
    )  # fmt: skip
    text = capsys.readouterr().out
    for words in ("careful", "pro", "openrouter lab/one", "one-20260301", "its name hits", "+50.0 %"):
        assert words in text


def test_an_overridden_field_is_said_to_come_from_a_person(capsys: Capture) -> None:
    models.details(Out(), published(), None, overrides=[override(upstream="3")])
    text = capsys.readouterr().out
    assert "price.input = 2.00 (upstream said 3.00)  by ada 2026-03-01T12:00:00Z: our contract" in text
    (row,) = [line for line in text.splitlines() if line.startswith("price.input ")]
    assert "a person" in row


def test_fields_are_shown_in_the_order_of_the_schema(capsys: Capture) -> None:
    models.details(Out(), published(), None)
    lines = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    places = [lines.index(path, lines.index("FIELD")) for path in ("name", "modality", "context", "price.input")]
    assert places == sorted(places)


def test_an_override_under_which_upstream_moved_gives_notice(capsys: Capture) -> None:
    assert acts.overrides(Out(), [override(upstream="3")], [Drift(override(upstream="3"), "3", "4")])
    assert "upstream has moved: 3.00 → 4.00" in capsys.readouterr().out


def test_an_override_that_still_covers_what_it_covered_gives_none(capsys: Capture) -> None:
    assert not acts.overrides(Out(), [override(upstream="3")], [])
    assert "moved" not in capsys.readouterr().out


def test_an_act_is_told_with_who_what_before_after_and_why(capsys: Capture) -> None:
    acts.audit(Out(), [entry(before={"enabled": False}, after={"enabled": True}, reason="asked for")], 50)
    text = capsys.readouterr().out
    for words in ("ada", "curation.edit", "lab/one", "enabled  false → true", "because: asked for"):
        assert words in text


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("price.input", "0.0000001", "0.0000001"),
        ("price.input", "3", "3.00"),
        ("price.input", "0", "0.00"),
        ("price.input", None, "unknown"),
        ("context", 200000, "200,000"),
        ("capabilities.vision", True, "yes"),
        ("inputs", ["text", "image"], "text, image"),
        ("name", "0", "0"),
        ("price.input", "NaN", "NaN"),
        ("price.tiers", [{"above": 200000, "rates": {"input": "2.5"}}], "above 200,000: input 2.50"),
        ("price.windows", [{"starts": "2026-03-01", "rates": {"input": "2"}}], "starts 2026-03-01: input 2.00"),
        ("price.tiers", [{"above": "x", "rates": 7}], "above x: "),
        ("benchmarks.mmlu", {"value": "0.81", "attribution": "A Lab"}, "0.81 (A Lab)"),
    ],
)
def test_a_field_reads_like_what_it_is(path: str, value: object, shown: str) -> None:
    assert field(path, value) == shown


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("2", "2.5", "+25.0 %"),
        ("2.5", "2", "-20.0 %"),
        ("3", "3000", "+99,900.0 % (×1,000)"),
        ("3000", "3", "-99.9 % (÷1,000)"),
        ("0", "3", "from zero"),
        ("3", "0", "-100.0 % (to zero)"),
        (None, "3", ""),
        ("2", "2.0", ""),
    ],
)
def test_a_price_tells_how_far_it_moved(before: object, after: object, words: str) -> None:
    assert moved("price.input", before, after) == words


def test_numbers_are_padded_to_one_width_point_under_point() -> None:
    assert columned(["3.00", "128,000", "0.125", "unknown"]) == [
        "      3.00 ",
        "128,000    ",
        "      0.125",
        "unknown    ",
    ]


def test_hostile_text_is_harmless_in_every_screen(capsys: Capture) -> None:
    hostile = published(EVIL, name=EVIL)
    models.listing(Out(), [(hostile, curation(EVIL, display_name=EVIL))])
    models.details(Out(), hostile, curation(EVIL, notes=EVIL), aliases=[alias(EVIL, evidence=EVIL)],
                   overrides=[override("name", EVIL, reason=EVIL, owner=EVIL)])  # fmt: skip
    acts.audit(Out(), [entry(EVIL, actor=EVIL, target=EVIL, before={EVIL: EVIL}, after={EVIL: 1}, reason=EVIL)], 9)
    disagreeing.listed(Out(), [(EVIL, disagreement("name", openrouter=EVIL, litellm="x"))], 9)
    assert not set("\x1b\u202e") & set(capsys.readouterr().out)
