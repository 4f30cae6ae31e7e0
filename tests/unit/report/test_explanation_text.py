"""How an explanation reads: within a terminal, long lists cut and counted, exact in JSON."""

from __future__ import annotations

import json

import pytest

from dora_metrics.report.explanation import MOST_ROWS, WIDTH, Duration, Explanation, Named, Section, render_explanation

LONG = "a name without end that goes on and on " * 4


def text_of(section: Section) -> list[str]:
    return render_explanation(Explanation("x", (section,)), "text").splitlines()


@pytest.mark.parametrize("last", ["title", "because"])
def test_no_line_is_wider_than_a_terminal(last: str) -> None:
    lines = text_of(Section(LONG, (LONG,), ("a", "b", "c", last), ((LONG, LONG, "short", LONG),)))

    assert max(map(len, lines)) <= WIDTH


def test_a_title_is_cut_and_a_reason_is_whole() -> None:
    cut = "\n".join(text_of(Section("s", (), ("key", "title"), (("k", LONG),))))
    whole = " ".join(" ".join(text_of(Section("s", (), ("key", "because"), (("k", LONG),)))).split())

    assert cut.endswith("…")
    assert LONG.strip() in whole


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_a_long_list_says_how_much_is_missing(form: str) -> None:
    rows = tuple((f"row {number}", number) for number in range(MOST_ROWS + 7))
    given = Explanation("x", (Section("s", (), ("name", "n"), rows),))

    shown = render_explanation(given, form)

    assert "… and 7 more of 27: --format json has all" in shown
    assert f"row {MOST_ROWS}" not in shown
    assert len(json.loads(render_explanation(given, "json"))["sections"][0]["rows"]) == MOST_ROWS + 7


def test_facts_are_never_cut() -> None:
    rows = tuple((f"row {number}", "x") for number in range(MOST_ROWS + 7))

    assert len(text_of(Section("s", (), ("what", "value"), rows, whole=True))) == 4 + MOST_ROWS + 7


def test_json_has_hours_whole_keys_and_null() -> None:
    row = (Named("#12", "pr:12"), Duration(5400), Duration(None), "no data", 3)
    given = Explanation("x", (Section("s", (), ("change", "lead time", "age", "began", "n"), (row,), "c"),))

    [section] = json.loads(render_explanation(given, "json"))["sections"]

    assert section["code"] == "c"
    assert section["rows"] == [
        {"change": "pr:12", "lead_time_hours": 1.5, "age_hours": None, "began": None, "n": 3},
    ]


def test_a_column_that_says_nothing_is_left_out_for_people_only() -> None:
    given = Section("s", (), ("key", "flags", "title"), (("a", "", "b"), ("c", "", "d")))

    assert "flags" not in "\n".join(text_of(given))
    assert "flags" in render_explanation(Explanation("x", (given,)), "json")


def test_a_number_and_its_percent_sign_stay_on_one_line() -> None:
    lines = text_of(Section("s", tuple(f"{'x' * width} 12 %" for width in range(80, 96))))

    assert not [line for line in lines if line.strip() == "%"]
