from __future__ import annotations

import re
import sys
from xml.etree import ElementTree

import pytest

from modelcensus.web.charts.drawing import MOST_DOTS, MOST_POINTS, Dot, Line, Mark, bars, lines, scatter, steps
from modelcensus.web.charts.scales import bounds, figure, log_ticks, ticks, time_ticks
from modelcensus.web.charts.thinning import changes, thinned

DAY = 86_400_000_000
BEGIN = 20_089 * DAY  # 2025-01-01
CRUEL = '"><script>alert(1)</script><b style="x">\u202e' + "y" * 10_000
PRICE = Line("input", [(BEGIN, 3.0), (BEGIN + 40 * DAY, 2.0), (BEGIN + 90 * DAY, 2.5)])


def _tree(drawn: str) -> ElementTree.Element:
    return ElementTree.fromstring(drawn)


def _path(drawn: str, size: str = "broad") -> str:
    found = _tree(drawn).find(f"svg[@class='{size}']/g[@class='s1 d1']/path")
    assert found is not None
    return found.attrib["d"]


def _rows(drawn: str) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in row] for row in _tree(drawn).iterfind(".//tbody/tr")]


def _every(name: str) -> dict[str, str]:
    return {
        "steps": steps([Line(name, PRICE.points)], title=name, unit="USD", marks=[Mark(BEGIN + 40 * DAY, name)]),
        "lines": lines([Line(name, PRICE.points), PRICE], title=name, unit="USD"),
        "bars": bars([(name, {name: 3, "gone": 1}), ("then", {name: 5})], title=name, unit="models"),
        "scatter": scatter([Dot(0.1, 3, name, "/models/a"), Dot(9, 60, "b", "/models/b")],
                           title=name, x_unit="USD", y_unit="index", log_x=True),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["steps", "lines", "bars", "scatter"])
def test_a_chart_bears_no_style_no_script_and_no_name_that_acts(kind: str) -> None:
    drawn = _every(CRUEL)[kind]
    elements = list(_tree(drawn).iter())
    assert {each.tag for each in elements}.isdisjoint({"style", "script", "b", "defs"})
    allowed = re.compile("class|viewBox|role|d|x|y|cx|cy|r|width|height|href|tabindex|scope|aria-(label|hidden)")
    assert [name for each in elements for name in each.attrib if not allowed.fullmatch(name)] == []
    assert "\u202e" not in drawn
    assert len(drawn) < 15_000


@pytest.mark.parametrize("kind", ["steps", "lines", "bars"])
def test_each_picture_is_one_image_with_a_name_and_a_description(kind: str) -> None:
    pictures = _tree(_every("calm")[kind]).findall("svg")
    assert [(each.attrib["class"], each.attrib["role"]) for each in pictures] == [("broad", "img"), ("slim", "img")]
    assert all(each.findtext("title") == "calm" and each.findtext("desc") for each in pictures)


def test_a_step_line_goes_along_an_axis_only_and_reaches_to_the_end() -> None:
    short = _path(steps([PRICE], title="t", unit="USD"))
    far = _path(steps([PRICE], title="t", unit="USD", until=BEGIN + 180 * DAY))
    assert re.fullmatch(r"M[\d. ]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+", short)
    assert re.fullmatch(r"M[\d. ]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+H[\d.]+", far)
    assert "L" in _path(lines([PRICE], title="t", unit="USD"))


def test_the_numbers_are_those_that_were_given() -> None:
    other = Line("output", [(BEGIN, 8), (BEGIN + 40 * DAY, 0.075)])
    assert _rows(steps([PRICE, other], title="t", unit="USD")) == [
        ["2025-01-01", "3", "8"],
        ["2025-02-10", "2", "0.075"],
        ["2025-04-01", "2.5", ""],
    ]
    apart = Line("elsewhere", [(BEGIN + each * DAY, float(each)) for each in (1, 2, 3)])
    assert _rows(lines([PRICE, apart], title="t", unit="USD"))[-1] == ["2025-01-04", "elsewhere", "3"]
    assert _rows(bars([("a", {"new": 1}), ("b", {"new": 2, "gone": 1500})], title="t", unit="models")) == [
        ["a", "1", ""],
        ["b", "2", "1\u202f500"],
    ]


def test_a_dot_and_its_row_lead_to_the_same_page() -> None:
    tree = _tree(_every("model")["scatter"])
    assert [each.attrib["href"] for each in tree.iterfind("svg//a")] == ["/models/b", "/models/a"]
    assert sorted(each.attrib["href"] for each in tree.iterfind(".//table//a")) == ["/models/a", "/models/b"]
    assert tree.findtext("svg//a[2]/circle/title") == "model: 3 for 0.1"


def test_what_is_no_place_on_a_logarithmic_scale_is_left_out() -> None:
    dots = [
        Dot(0, 1, "free", "/a"),
        Dot(-1, 1, "below", "/b"),
        Dot(1, float("nan"), "none", "/c"),
        Dot(5, 5, "d", "/d"),
    ]
    drawn = scatter(dots, title="t", x_unit="USD", y_unit="index", log_x=True)
    assert [row[0] for row in _rows(drawn)] == ["d"]


def test_a_mark_sits_on_the_line_that_moves_then_and_else_on_the_axis() -> None:
    marks = [Mark(BEGIN + 40 * DAY, "cheaper"), Mark(BEGIN + 41 * DAY, "deprecated"), Mark(BEGIN - DAY, "before")]
    circles = _tree(steps([PRICE], title="t", unit="USD", marks=marks)).findall("svg[@class='broad']//circle")
    heights = [float(each.attrib["cy"]) for each in circles]
    assert [each.findtext("title") for each in circles] == ["2025-02-10: cheaper", "2025-02-11: deprecated"]
    assert f"V{heights[0]:g}" in _path(steps([PRICE], title="t", unit="USD"))
    assert heights[1] > heights[0]


def test_what_says_nothing_new_is_no_point_of_a_step_line() -> None:
    assert changes([(3, 2.0), (1, 1.0), (2, 1.0), (3, 4.0), (4, 4.0)]) == [(1, 1.0), (3, 4.0)]


def test_a_long_line_keeps_its_ends_and_every_extreme_of_each_part() -> None:
    many = [(each, 99.0 if each == 777 else -99.0 if each == 4_321 else float(each % 7)) for each in range(5_000)]
    kept = thinned(many, 400)
    assert len(kept) <= 400
    assert kept == sorted(kept)
    assert {many[0], many[777], many[4_321], many[-1]} <= set(kept)
    assert {value for _, value in kept} >= {0.0, 6.0}
    assert thinned(many[:400], 400) == many[:400]


def test_a_chart_of_very_many_points_stays_small() -> None:
    many = [Line(f"line {name}", [(BEGIN + each * DAY, float(each * name % 17)) for each in range(3_000)])
            for name in range(1, 7)]  # fmt: skip
    for given in (many, many[:1]):
        drawn = steps(given, title="t", unit="USD")
        assert sum(len(points) for points in re.findall(r' d="(M[^"]*)"', drawn)) < 12_000
        assert len(_rows(drawn)) <= MOST_POINTS
        assert len(drawn) < 34_000


@pytest.mark.parametrize("given", [[], [Line("none", [])], [Line("odd", [(BEGIN, float("inf"))])]])
def test_a_chart_without_figures_says_so(given: list[Line]) -> None:
    assert "no figures to draw yet" in steps(given, title="t", unit="USD")


@pytest.mark.parametrize("value", [0.0, 1.0, -3.0, 1e-12, 9e17])
def test_one_point_is_a_chart_too(value: float) -> None:
    assert _rows(steps([Line("one", [(BEGIN, value)])], title="t", unit="USD"))[0][0] == "2025-01-01"
    assert "<path d=" in lines([Line("one", [(BEGIN, value)])], title="t", unit="USD")


def test_lines_are_told_apart_by_colour_and_by_dashes() -> None:
    drawn = lines([Line(str(each), [(BEGIN, each), (BEGIN + DAY, each)]) for each in range(14)], title="t", unit="USD")
    looks = [each.attrib["class"] for each in _tree(drawn).iterfind("ul//g")]
    assert len(set(looks)) == len(looks) == 12
    assert looks[:2] == ["s1 d1", "s2 d2"]
    assert "and 2 more in the numbers" in drawn
    assert len(_rows(drawn)[0]) == 15


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.1 + 0.2, "0.3"), (12_500, "12\u202f500"), (-0.5, "\u22120.5"), (0.0000001, "0.0000001"), (float("nan"), "?")],
)
def test_a_figure_is_written_in_full_and_without_noise(number: float, text: str) -> None:
    assert figure(number) == text


def test_scales_have_round_marks_that_cover_what_is_shown() -> None:
    assert [text for _, text in ticks(0, 3, 5)] == ["0", "1", "2", "3"]
    assert [text for _, text in log_ticks(0.04, 7, 8)] == ["0.03", "0.1", "0.3", "1", "3", "10"]
    assert bounds([90, 110]) == (88.0, 110)
    assert bounds([1, 110]) == (0.0, 110)
    year = [text for _, text in time_ticks(BEGIN + DAY, BEGIN + 400 * DAY, 4)]
    assert year == ["2025-04", "2025-07", "2025-10", "2026-01"]
    assert [text for _, text in time_ticks(BEGIN, BEGIN + DAY // 2, 4)] == ["00:00", "06:00", "12:00"]


def test_of_very_many_dots_the_highest_are_drawn() -> None:
    drawn = scatter([Dot(1, each, f"m{each}", f"/{each}") for each in range(600)], title="t", x_unit="a", y_unit="b")
    assert (len(_rows(drawn)), _rows(drawn)[0][0]) == (MOST_DOTS, "m599")
    assert f"The {MOST_DOTS} highest of 600 are shown" in drawn


def test_the_library_leaves_no_hook_behind_that_every_later_import_would_be_asked_by() -> None:
    assert "<svg" in lines([PRICE], title="t", unit="USD")
    assert [each for each in sys.meta_path if not hasattr(each, "find_spec")] == []
