"""Findings on the terminal: what matters whole, the rest counted; in Markdown a table; in CSV nothing."""

from __future__ import annotations

import json
from dataclasses import replace

from dora_metrics.domain.quality import ACT, FINE, WATCH, QualityFinding
from dora_metrics.report.quality_words import WIDTH, grave_lines, quality_lines
from dora_metrics.report.results_csv import results_csv
from dora_metrics.report.results_json import results_json
from dora_metrics.report.results_markdown import results_markdown
from dora_metrics.report.results_table import results_table
from support.sample_results import a_quarter

GIVEN = (
    QualityFinding("truncated", "Shallow clones (acme/a|b_c)", 1, 1, ACT, "old commits are missing", "run `git x|y`"),
    QualityFinding("bad_author_date", "Changes with an impossible date", 3, 40, WATCH, "lead times " * 12),
    QualityFinding("undeployed", "Changes not deployed yet", 2, 40),
    QualityFinding("via:commit", "Changes delivered by rule commit", 10, 38),
    QualityFinding("via:head", "Changes delivered by rule head", 28, 38),
)
RESULTS = replace(a_quarter(), quality=GIVEN)


def test_the_terminal_says_what_matters_whole_and_counts_the_rest() -> None:
    lines = quality_lines(GIVEN)

    assert lines[:3] == [
        "How far the data can be trusted",
        "  act    Shallow clones (acme/a|b_c): 1 of 1 (100 %); old commits are missing",
        "         -> run `git x|y`",
    ]
    assert lines[-4:] == [
        "  fine   Changes not deployed yet: 2 of 40 (5 %)",
        "  fine   Delivered changes by the rule that found their deployment: commit 10 (26.3 %), head 28",
        "         (73.7 %)",
        "",
    ]
    assert max(map(len, lines)) <= WIDTH


def test_without_findings_nothing_is_said() -> None:
    assert quality_lines(()) == []
    assert "trusted" not in results_table(a_quarter())
    assert "Data quality" not in results_markdown(a_quarter())


def test_the_table_has_them_under_the_numbers() -> None:
    text = results_table(RESULTS)

    assert text.index("overall") < text.index("How far the data can be trusted") < text.index("Each value, its 95")


def test_status_names_the_gravest_and_how_many_more_there_are() -> None:
    lines = grave_lines(GIVEN, 1)

    assert lines[0].startswith("  act    Shallow")
    assert lines[-1] == "  and 4 more findings: dora-metrics calculate"
    assert grave_lines(GIVEN[2:], 5) == []


def test_json_has_each_with_its_share() -> None:
    [first, second, *_] = json.loads(results_json(RESULTS))["data_quality"]

    assert first == {
        "code": "truncated",
        "what": "Shallow clones (acme/a|b_c)",
        "count": 1,
        "total": 1,
        "share": 1.0,
        "severity": "act",
        "meaning": "old commits are missing",
        "remedy": "run `git x|y`",
    }
    assert second["share"] == 0.075
    assert json.loads(results_json(a_quarter()))["data_quality"] == []


def test_markdown_rows_have_five_cells_whatever_names_hold() -> None:
    table = results_markdown(RESULTS).partition("### Data quality\n\n")[2].splitlines()

    assert table[0] == "| Weight | What | How many | What it does | What to do |"
    assert table[2].startswith(
        "| act | Shallow clones (acme/a\\|b\\_c) | 1 of 1 (100 %) | old commits are missing | run `git x\\|y` |"
    )
    assert len(table) == 2 + len(GIVEN)
    assert table[4].endswith("| nothing |")


def test_csv_stays_numbers_only() -> None:
    assert results_csv(RESULTS) == results_csv(a_quarter())


def test_a_share_of_nothing_is_none() -> None:
    assert QualityFinding("x", "x", 0, 0).share is None
    assert QualityFinding("x", "x", 1, None, FINE).share is None
