"""What GitHub takes: a job's summary below its limit, and a comment of a few lines."""

from __future__ import annotations

from dataclasses import replace

from dora_metrics.domain.quality import ACT, QualityFinding
from dora_metrics.report import results_summary
from dora_metrics.report.results_markdown import results_markdown
from dora_metrics.report.results_summary import comment_markdown, summary_markdown
from support.report_inputs import a_period, results
from support.sample_results import a_quarter, nothing_deployed


def test_a_summary_that_fits_is_the_whole_table() -> None:
    assert summary_markdown(a_quarter()) == results_markdown(a_quarter())


def test_of_a_summary_that_does_not_fit_the_newest_periods_are_kept_and_the_rest_is_said() -> None:
    periods = tuple(a_period(f"P{number:05}") for number in range(9_000))

    text = summary_markdown(results(*periods, grain="daily"))

    assert 500_000 < len(text.encode()) < 1_048_576
    assert "| P08999 |" in text
    assert "| P00000 |" not in text
    assert (
        "older periods left out: GitHub takes at most 1 MiB; `dora-metrics calculate --period daily` has all." in text
    )


def test_a_comment_is_short_and_says_period_values_and_doubts() -> None:
    finding = QualityFinding("x", "X", 1, severity=ACT)

    text = comment_markdown(replace(a_quarter(), quality=(finding,)))

    lines = text.splitlines()
    assert lines[0].startswith("**DORA metrics of acme/shop, 2025-02** (2025-02-01 to 2025-02-28)")
    assert len(lines) < 15
    assert lines[4].startswith("| Lead time for changes | no data |")
    assert "Provisional" in lines[-1]
    assert "Findings about the data: 1 to act on; the report names them." in lines[-1]


def test_a_comment_names_whose_definitions_they_are_when_not_doras() -> None:
    assert "(definitions of four-keys)" in comment_markdown(replace(a_quarter(), profile="four-keys"))


def test_names_are_no_markup_in_a_comment() -> None:
    assert "a\\|b/&lt;img\\>" in comment_markdown(replace(a_quarter(), repositories=("a|b/<img>",)))


def test_nothing_deployed_makes_a_comment_too() -> None:
    assert "| Deployment frequency |" in comment_markdown(nothing_deployed())
    assert results_summary.MOST_BYTES < 1_048_576
