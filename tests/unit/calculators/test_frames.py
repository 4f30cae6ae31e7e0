"""CSV bytes become DataFrames with types; what cannot be read names file and column."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dora_metrics.calculators.columns import durations_of, flags_of, labels_of, seconds_of
from dora_metrics.calculators.frames import read_changes, read_deployments, read_incidents
from dora_metrics.errors import InputError
from support.metric_frames import change, changes_csv, changes_frame, day, deployment, deployments_frame

MINIMAL = b"key,deployed_at,merged_at,first_commit_at,ready_at,lead_time_hours,is_bot\n"


def test_columns_have_types() -> None:
    frame = changes_frame([change(day(3), 20.5, left_out="negative"), change(None)])

    assert [moment.isoformat() for moment in frame["deployed_at"].dropna()] == ["2025-01-04T00:00:00+00:00"]
    assert frame["lead_time_hours"].tolist()[0] == 20.5
    assert np.isnan(frame["lead_time_hours"].tolist()[1])
    assert frame["is_bot"].tolist() == [False, False]
    assert frame["left_out"].tolist() == ["negative", ""]
    assert frame["pull_request"].tolist() == ["", ""]


def test_counts_and_truths_of_deployments_have_types() -> None:
    frame = deployments_frame([deployment(day(0), changes="12", failed=True), deployment(day(1))])

    assert frame["changes"].tolist() == [12, 0]
    assert frame["failed"].tolist() == [True, False]


def test_a_file_with_only_its_header_is_an_empty_frame() -> None:
    frame = read_changes(MINIMAL)

    assert len(frame) == 0
    assert str(frame["deployed_at"].dtype) == "datetime64[s, UTC]"


@pytest.mark.parametrize("year", ["0001", "1600", "2262", "9999"])
def test_any_year_that_a_date_can_have_is_read(year: str) -> None:
    """In pandas 2 nanoseconds end in 2262 and begin in 1677."""
    frame = read_changes(MINIMAL + f"a,2025-01-01T00:00:00Z,,{year}-05-06T07:08:09Z,,1.5,true\n".encode())

    assert str(frame["first_commit_at"].to_numpy(dtype="datetime64[s]")[0]) == f"{year}-05-06T07:08:09"
    assert np.isfinite(seconds_of(frame, "first_commit_at")).all()


@pytest.mark.parametrize(
    ("content", "named"),
    [
        pytest.param(b"", "no CSV file", id="nothing at all"),
        pytest.param(b"key,deployed_at\n", "no column merged_at, first_commit_at", id="columns missing"),
        pytest.param(MINIMAL + b"a,yesterday,,,,,\n", "deployed_at: 'yesterday'", id="no time"),
        pytest.param(MINIMAL + b"a,2025-13-01T00:00:00Z,,,,,\n", "deployed_at", id="no month"),
        pytest.param(MINIMAL + b"a,2025-01-01T00:00:00,,,,,\n", "deployed_at", id="no offset"),
        pytest.param(MINIMAL + b"a,,,,,long,\n", "lead_time_hours", id="no number"),
        pytest.param(MINIMAL + b"a,,,,,,perhaps\n", "is_bot: 'perhaps'", id="neither true nor false"),
        pytest.param(MINIMAL + b"a,,,,,,,,,,,\nb,,,,,,\n", "longer than", id="too many cells"),
        pytest.param(MINIMAL + b"a,,,,,,,\nb,,,,,,\n", "longer than", id="one cell too many"),
        pytest.param(MINIMAL + b"a,,,,,,\nb,,,,,,,\n", "no CSV file", id="a later row too long"),
        pytest.param(b"\xff\xfe\x00", "no CSV file", id="no text"),
    ],
)
def test_what_cannot_be_read_names_the_file_and_what_to_do(content: bytes, named: str) -> None:
    with pytest.raises(InputError) as refused:
        read_changes(content)

    assert "changes.csv" in refused.value.message
    assert named in refused.value.message
    assert "dora-metrics extract" in refused.value.remedy


def test_the_other_files_name_themselves() -> None:
    with pytest.raises(InputError, match=r"deployments\.csv has no column deployed_at, kind"):
        read_deployments(b"key\n")
    with pytest.raises(InputError, match=r"incidents\.csv has no column started_at"):
        read_incidents(b"key\n")


def test_hours_give_back_the_whole_seconds_that_were_written() -> None:
    """Six decimals of an hour are 3.6 ms; each second of a day comes back, and some of a long time."""
    seconds = np.concatenate([np.arange(86_400.0), np.arange(0.0, 1e9, 12_345_671.0)])
    frame = pd.DataFrame({"lead_time_hours": [float(f"{hours:.6f}") for hours in seconds / 3600]})

    assert (durations_of(frame, "lead_time_hours") == seconds).all()


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(["2025-01-01T00:00:00Z", ""], id="texts as in the file"),
        pytest.param(["2025-01-01T01:00:00+01:00", None], id="another offset"),
        pytest.param(["2025-01-01", float("nan")], id="a day, which is UTC"),
        pytest.param(["2025-01-01T00:00:00.000Z", ""], id="fractions"),
        pytest.param([pd.Timestamp("2025-01-01", tz="UTC"), pd.NaT], id="times of pandas"),
        pytest.param([pd.Timestamp("2025-01-01T01:00", tz="Europe/Berlin"), pd.NaT], id="in another zone"),
        pytest.param([pd.Timestamp("2025-01-01"), pd.NaT], id="without a zone, which is UTC"),
        pytest.param([day(0), None], id="datetimes"),
    ],
)
def test_times_are_read_in_every_form_that_pandas_has(column: list[object]) -> None:
    found = seconds_of(pd.DataFrame({"deployed_at": column}), "deployed_at")

    assert found[0] == 1_735_689_600
    assert np.isnan(found[1])


@pytest.mark.parametrize("column", [[1.5, 2.5], ["soon"], [True]])
def test_what_is_no_time_is_refused(column: list[object]) -> None:
    with pytest.raises(InputError, match="deployed_at"):
        seconds_of(pd.DataFrame({"deployed_at": column}), "deployed_at")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ([True, False], [True, False]),
        (["true", "False"], [True, False]),
        (["true", ""], [True, False]),
        ([True, None], [True, False]),
        ([1.0, float("nan")], [True, False]),
    ],
)
def test_true_and_false_are_read_in_every_form(column: list[object], expected: list[bool]) -> None:
    assert flags_of(pd.DataFrame({"failed": column}), "failed").tolist() == expected


def test_what_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(InputError, match="'maybe'"):
        flags_of(pd.DataFrame({"failed": ["maybe"]}), "failed")


@pytest.mark.parametrize("column", [["1.5", ""], [1.5, None], ["1.5", None], [1.5, float("nan")]])
def test_hours_are_read_in_every_form(column: list[object]) -> None:
    found = durations_of(pd.DataFrame({"recovery_hours": column}), "recovery_hours")

    assert found[0] == 5400
    assert np.isnan(found[1])


def test_what_is_no_number_of_hours_is_refused() -> None:
    with pytest.raises(InputError, match="recovery_hours"):
        durations_of(pd.DataFrame({"recovery_hours": ["long"]}), "recovery_hours")


def test_columns_that_may_be_missing_hold_nothing() -> None:
    frame = pd.DataFrame({"key": ["a", "b"]})

    assert np.isnan(seconds_of(frame, "ready_at")).all()
    assert np.isnan(durations_of(frame, "recovery_hours")).all()
    assert flags_of(frame, "is_bot").tolist() == [False, False]
    assert labels_of(frame, "left_out").among(("",)).tolist() == [True, True]


def test_reading_keeps_the_order_and_number_of_rows() -> None:
    rows = [change(day(number), 1.0, key=f"pr:{number}") for number in (5, 2, 9)]

    assert read_changes(changes_csv(rows))["key"].tolist() == ["pr:5", "pr:2", "pr:9"]
