"""The Python API: period label to number, from the frames that people read themselves."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from datetime import datetime
from typing import Any, Callable

import pandas as pd
import pytest

import dora_metrics
from dora_metrics import (
    calculate_change_failure_rate,
    calculate_deployment_frequency,
    calculate_lead_time,
    calculate_mttr,
    calculate_rework_rate,
)
from dora_metrics.errors import ConfigurationError, InputError
from support.metric_frames import (
    DEPLOYMENT_COLUMNS,
    change,
    changes_csv,
    changes_frame,
    day,
    deployment,
    deployments_csv,
    deployments_frame,
    failure,
)

CHANGES = [change(day(5), 10.0), change(day(6), 21.0), change(day(70), 4.0), change(None, merged_at=day(75))]
DEPLOYMENTS = [
    deployment(day(0), "initial"),
    deployment(day(5)),
    failure(day(6), day(6.5), day(7)),
    deployment(day(7), "hotfix"),
    deployment(day(75)),
]
OVER_DEPLOYMENTS = (
    calculate_deployment_frequency,
    calculate_change_failure_rate,
    calculate_mttr,
    calculate_rework_rate,
)


def same(found: dict[str, float], expected: dict[str, float]) -> bool:
    """Equal labels in equal order, equal numbers, NaN where NaN is expected."""
    return list(found) == list(expected) and all(
        found[label] == pytest.approx(value, nan_ok=True) for label, value in expected.items()
    )


@pytest.mark.parametrize(
    ("metric", "rows", "expected"),
    [
        (calculate_lead_time, CHANGES, {"2025-01": 15.5, "2025-02": math.nan, "2025-03": 4.0}),
        (calculate_deployment_frequency, DEPLOYMENTS, {"2025-01": 4 / 31, "2025-02": 0.0, "2025-03": 1 / 16}),
        (calculate_change_failure_rate, DEPLOYMENTS, {"2025-01": 1 / 3, "2025-02": math.nan, "2025-03": 0.0}),
        (calculate_mttr, DEPLOYMENTS, {"2025-01": 12.0, "2025-02": math.nan, "2025-03": math.nan}),
        (calculate_rework_rate, DEPLOYMENTS, {"2025-01": 1 / 3, "2025-02": math.nan, "2025-03": 0.0}),
    ],
)
def test_each_metric_gives_a_number_by_period(
    metric: Callable[..., dict[str, float]], rows: list[Any], expected: dict[str, float]
) -> None:
    """As of 17 March; a period without a value is NaN, never 0."""
    frame = changes_frame(rows) if metric is calculate_lead_time else deployments_frame(rows)

    found = metric(frame, "monthly", as_of=day(75))

    assert same(found, expected)
    assert all(type(value) is float for value in found.values())


def test_the_newest_time_in_the_frame_is_the_default_end() -> None:
    """A merge after the last deployment counts, an author's clock that runs ahead does not."""
    rows = [*CHANGES, change(None, merged_at=day(100), first_commit_at=day(9000))]

    assert list(calculate_lead_time(changes_frame(rows), "monthly")) == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert list(calculate_mttr(deployments_frame([failure(day(0), day(1), day(40))]), "monthly")) == [
        "2025-01",
        "2025-02",
    ]


@pytest.mark.parametrize("metric", OVER_DEPLOYMENTS)
def test_frames_of_read_csv_will_do(metric: Callable[..., dict[str, float]]) -> None:
    """Texts instead of times, holes in any form, and only the columns that the metric needs."""
    content = deployments_csv(DEPLOYMENTS)
    expected = metric(deployments_frame(DEPLOYMENTS), "weekly")
    parsed = pd.read_csv(io.BytesIO(content), parse_dates=["deployed_at", "began_at", "restored_at"])
    few = ["deployed_at", "kind", "failed", "began_at", "restored_at"]

    assert same(metric(pd.read_csv(io.BytesIO(content)), "weekly"), expected)
    assert same(metric(pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False), "weekly"), expected)
    assert same(metric(parsed, "weekly"), expected)
    assert same(metric(parsed[few], "weekly"), expected)


def test_changes_of_read_csv_will_do() -> None:
    content = changes_csv([*CHANGES, change(day(20), left_out="negative")])
    expected = calculate_lead_time(changes_frame([*CHANGES, change(day(20), left_out="negative")]), "weekly")

    assert same(calculate_lead_time(pd.read_csv(io.BytesIO(content)), "weekly"), expected)
    few = pd.read_csv(io.BytesIO(content))[["deployed_at", "lead_time_hours", "merged_at"]]
    assert same(calculate_lead_time(few, "weekly"), expected)


def test_the_frame_is_left_as_it_was() -> None:
    frame = pd.read_csv(io.BytesIO(deployments_csv(DEPLOYMENTS)))
    before = frame.copy(deep=True)

    for metric in OVER_DEPLOYMENTS:
        metric(frame, "monthly")

    pd.testing.assert_frame_equal(frame, before)


def test_days_are_those_of_the_timezone() -> None:
    frame = deployments_frame([deployment(datetime.fromisoformat("2025-01-31T23:30:00+00:00"))])

    assert list(calculate_deployment_frequency(frame, "monthly")) == ["2025-01"]
    assert list(calculate_deployment_frequency(frame, "monthly", timezone="Europe/Berlin")) == ["2025-02"]
    assert list(calculate_deployment_frequency(frame, "quarterly", fiscal_start_month=4)) == ["2024-Q4"]


@pytest.mark.parametrize("metric", OVER_DEPLOYMENTS)
def test_an_empty_frame_has_no_periods(metric: Callable[..., dict[str, float]]) -> None:
    assert metric(deployments_frame([]), "monthly") == {}
    assert metric(pd.DataFrame(columns=list(DEPLOYMENT_COLUMNS)), "monthly", as_of=day(3)) == {}
    assert calculate_lead_time(changes_frame([change(None)]), "monthly") == {}


def test_what_is_wrong_is_said_in_words() -> None:
    frame = deployments_frame(DEPLOYMENTS)

    with pytest.raises(InputError, match="no column deployed_at"):
        calculate_mttr(pd.DataFrame({"key": []}), "monthly")
    with pytest.raises(InputError, match="no column kind") as missing:
        calculate_mttr(frame.drop(columns="kind"), "monthly")
    assert "deployments.csv" in missing.value.remedy
    with pytest.raises(InputError, match="no column lead_time_hours"):
        calculate_lead_time(frame, "monthly")
    with pytest.raises(ConfigurationError, match="'fortnightly'"):
        calculate_mttr(frame, "fortnightly")
    with pytest.raises(ConfigurationError, match="Mars"):
        calculate_mttr(frame, "monthly", timezone="Mars/Olympus")
    with pytest.raises(ConfigurationError, match="no timezone"):
        calculate_mttr(frame, "monthly", as_of=datetime.fromisoformat("2025-01-01T00:00:00"))


def test_importing_the_package_loads_no_heavy_module() -> None:
    """So that --help is quick; the functions are there all the same."""
    heavy = "{'pandas', 'numpy', 'jinja2'}"
    script = f"import dora_metrics, dora_metrics.calculators.metrics, sys; print(sorted({heavy} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
    assert set(dora_metrics.__all__) <= set(dir(dora_metrics))
    assert all(callable(getattr(dora_metrics, name)) for name in dora_metrics.__all__)


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="calculate_happiness"):
        dora_metrics.calculate_happiness  # noqa: B018 (the access is the test)
