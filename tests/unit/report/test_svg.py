"""The charts as text: well formed, escaped, with gaps, and fitting any width."""

from __future__ import annotations

import re
from typing import Optional
from xml.etree import ElementTree as ET

import pytest

from dora_metrics.report.svg import BOTTOM, TOP, Chart, Mark, draw

LINES = ((0.0, "0"), (0.5, "5 h"), (1.0, "10 h"))


def a_chart(heights: list[Optional[float]], **changed: object) -> Chart:
    marks = tuple(Mark(tip=f"period {index}", height=height, tick=str(index)) for index, height in enumerate(heights))
    fields = {"key": "chart_x", "title": "X", "description": "about x", "marks": marks, "lines": LINES}
    return Chart(**{**fields, **changed})  # type: ignore[arg-type]


def drawn(chart: Chart) -> ET.Element:
    return ET.fromstring(draw(chart))  # noqa: S314 (our own text)


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [element for element in root.iter() if name in element.get("class", "").split()]


def test_a_gap_has_no_point_and_no_line_across_it() -> None:
    root = drawn(a_chart([0.2, None, 0.4, 0.6]))

    assert len(of_class(root, "point")) == 3
    assert [(line.get("x1"), line.get("x2")) for line in of_class(root, "joint")] == [("62.5%", "87.5%")]


def test_lines_to_and_from_what_is_read_with_care_are_dashed() -> None:
    marks = tuple(Mark(tip="", height=0.5, hollow=hollow) for hollow in (False, False, True, False))

    joints = of_class(drawn(a_chart([], marks=marks)), "joint")

    assert ["loose" in joint.get("class", "") for joint in joints] == [False, True, True]


@pytest.mark.parametrize(("cut", "ends"), [((False, False), []), ((False, True), [TOP]), ((True, True), [BOTTOM, TOP])])
def test_a_cut_interval_ends_in_an_arrow(cut: tuple[bool, bool], ends: list[float]) -> None:
    mark = Mark(tip="", height=0.5, low=-1.0, high=2.0, cut=cut)

    root = drawn(a_chart([], marks=(mark,)))

    assert [float(box.get("y", "")) for box in root.iter("svg") if box.get("overflow")] == ends
    assert len(of_class(root, "arrow")) == len(ends)


def test_no_data_has_no_bar_and_a_true_zero_has_a_flat_one() -> None:
    root = drawn(a_chart([None, 0.0, 1.0], bars=True))

    assert [float(bar.get("height", "")) for bar in of_class(root, "bar")] == [1.5, BOTTOM - TOP]


def test_each_period_says_its_value_under_the_pointer() -> None:
    root = drawn(a_chart([0.2, None]))

    assert [next(iter(mark)).text for mark in of_class(root, "mark")] == ["period 0", "period 1"]


def test_the_chart_is_an_image_with_a_name_and_a_description() -> None:
    root = drawn(a_chart([0.2]))

    assert root.get("role") == "img"
    named = {element.get("id"): element.text for element in root if element.get("id")}
    assert named == {"chart_x-title": "X", "chart_x-desc": "about x"}
    assert root.get("aria-labelledby") == "chart_x-title chart_x-desc"


def test_every_text_is_escaped() -> None:
    evil = "</svg><script>alert(1)</script>\"'&"
    mark = Mark(tip=evil, height=0.5, tick=evil)

    text = draw(
        a_chart([], title=evil, description=evil, marks=(mark, mark), lines=((0.5, evil),), focus=0, focus_label=evil)
    )

    assert "<script" not in text
    assert [element.text for element in drawn_text(text)] == [evil] * 8


def drawn_text(text: str) -> list[ET.Element]:
    root = ET.fromstring(text)  # noqa: S314 (our own text)
    return [element for element in root.iter() if element.tag in {"title", "desc", "text"}]


@pytest.mark.parametrize("count", [1, 2, 13, 200])
@pytest.mark.parametrize("bars", [False, True])
def test_nothing_leaves_the_drawing(count: int, bars: bool) -> None:
    marks = tuple(Mark(tip="", height=7.0, low=-1.0, high=9.0, second=2.0) for _ in range(count))

    text = draw(a_chart([], marks=marks, bars=bars, focus=count - 1, focus_label="now"))

    across = [float(number) for number in re.findall(r'="([-0-9.]+)%"', text)]
    down = [float(number) for number in re.findall(r' (?:y|y1|y2|cy)="([-0-9.]+)"', text)]
    assert 0 <= min(across) <= max(across) <= 100.001
    assert 0 <= min(down) <= max(down) <= BOTTOM + 30


def test_a_chart_without_periods_is_an_empty_axis() -> None:
    root = drawn(a_chart([]))

    assert of_class(root, "mark") == []
    assert [label.text for label in of_class(root, "level")] == ["0", "5 h", "10 h"]
