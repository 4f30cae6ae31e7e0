"""The CSV: one row for each value, the same fields as the JSON."""

from __future__ import annotations

import csv
import io

import pytest

from dora_metrics.domain.measurements import Results
from dora_metrics.report.results_csv import HEADER, results_csv
from support.sample_results import a_quarter, nothing_deployed


def rows(results: Results) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(results_csv(results), newline="")))


def value(results: Results, period: str, metric: str, field: str) -> str:
    [found] = [
        row["value"] for row in rows(results) if (row["period"], row["metric"], row["field"]) == (period, metric, field)
    ]
    return found


@pytest.mark.parametrize(
    ("period", "metric", "field", "expected"),
    [
        ("2025-01", "lead_time", "median_hours", "20.5"),
        ("2025-01", "lead_time", "n", "7"),
        ("2025-01", "lead_time", "ci95_hours.low", "2"),
        ("2025-01", "lead_time", "ci95_hours.high", "170"),
        ("2025-01", "lead_time", "left_out.negative", "1"),
        ("2025-01", "mttr", "insufficient", "true"),
        ("2025-01", "mttr", "ci95_hours.low", ""),
        ("2025-02", "lead_time", "median_hours", ""),
        ("2025-02", "deployment_frequency", "per_day", "0"),
        ("2025-03", "lead_time", "bots.n", "1"),
        ("overall", "change_failure_rate", "ratio", "0.75"),
    ],
)
def test_each_value_has_its_row(period: str, metric: str, field: str, expected: str) -> None:
    assert value(a_quarter(), period, metric, field) == expected


def test_each_row_says_its_period_and_its_standing() -> None:
    first = rows(a_quarter())[0]

    assert tuple(first) == HEADER
    assert (first["start"], first["end"]) == ("2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z")
    assert (first["partial"], first["provisional"]) == ("true", "false")


def test_every_row_has_every_cell_and_no_other_number_form() -> None:
    found = rows(a_quarter())

    assert all(None not in row.values() and None not in row for row in found)
    assert not [row for row in found if "e-" in row["value"] or row["value"] in {"nan", "None"}]
    assert len({(row["period"], row["metric"], row["field"]) for row in found}) == len(found)


def test_nothing_deployed_still_has_the_overall_rows() -> None:
    assert {row["period"] for row in rows(nothing_deployed())} == {"overall"}
