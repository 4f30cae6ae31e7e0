"""The Markdown: one table for a CI job's summary, newest period first."""

from __future__ import annotations

from dataclasses import replace

from dora_metrics.report.results_markdown import HEADINGS, results_markdown
from support.sample_results import a_quarter, nothing_deployed


def table(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]


def test_each_period_is_a_row_newest_first_and_overall_last() -> None:
    rows = table(results_markdown(a_quarter()))

    assert rows[0] == list(HEADINGS)
    assert [row[0] for row in rows[2:]] == [
        "2025-03 (partial, provisional)",
        "2025-02 (provisional)",
        "2025-01 (partial)",
        "overall (provisional)",
    ]
    assert {len(row) for row in rows} == {len(HEADINGS)}


def test_a_cell_says_value_interval_and_basis() -> None:
    january = table(results_markdown(a_quarter()))[4]

    assert january[1:] == [
        "**20.5 h** (2 h to 7.1 days), n 7",
        "**4** (1.1 to 10.2), 4.7 a month",
        "**100 %** (43.9 to 100 %), 3 of 3",
        "**6 h**, n 1 (few)",
        "**25 %** (4.6 to 69.9 %), 1 of 4",
    ]


def test_what_else_must_be_known_stands_under_the_table() -> None:
    text = results_markdown(a_quarter())

    assert "- **2025-01**: partial: 26 days of it covered; 2 changes left out (left\\_truncated 1" in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def test_names_from_outside_are_no_markup() -> None:
    text = results_markdown(replace(a_quarter(), repositories=("a|b/<img>[x](y)`z`",)))

    assert "a\\|b/&lt;img\\>\\[x\\](y)\\`z\\`" in text


def test_nothing_deployed_is_said() -> None:
    text = results_markdown(nothing_deployed())

    assert "Nothing was deployed in this time." in text
    assert table(text)[-1][1] == "**no data**, n 0"
