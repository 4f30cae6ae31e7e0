"""An explanation as text, JSON and Markdown."""

from __future__ import annotations

import json

from dora_metrics.report.explanation import Explanation, Section, render_explanation

GIVEN = Explanation(
    "acme/shop: v1",
    (
        Section("Facts", ("Two words.",), ("what", "value"), (("commit", "abc"), ("a longer name", "x"))),
        Section("Empty"),
    ),
)


def test_text_is_aligned_and_says_what_is_empty() -> None:
    expected = [
        "acme/shop: v1",
        "",
        "Facts",
        "  Two words.",
        "  what           value",
        "  commit         abc",
        "  a longer name  x",
        "",
        "Empty",
    ]

    assert render_explanation(GIVEN, "text").splitlines() == expected


def test_json_has_a_row_for_each_row() -> None:
    read = json.loads(render_explanation(GIVEN, "json"))

    assert read["subject"] == "acme/shop: v1"
    assert read["sections"][0]["rows"] == [
        {"what": "commit", "value": "abc"},
        {"what": "a longer name", "value": "x"},
    ]


def test_markdown_shows_hostile_text_as_it_is() -> None:
    hostile = Explanation("x", (Section("T", (), ("title",), (("<img src=x> | [a](javascript:1) `b` *c*",),)),))

    shown = render_explanation(hostile, "markdown")

    assert "<img" not in shown
    assert "\\|" in shown
    assert "\\[a\\](javascript:1)" in shown
