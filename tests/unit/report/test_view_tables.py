"""The numbers behind: which rows, in which order, in which words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from dora_metrics.report.table import Table
from dora_metrics.report.view_frames import (
    counts_of,
    flag_counts,
    has,
    is_true,
    newest,
    rows_of,
    short_key,
    text_of,
)
from dora_metrics.report.view_item_tables import make_tables
from support.report_inputs import frames
from support.report_rows import AS_OF, FIRST, a_change, a_deployment, an_incident


def tables(zone: str = "UTC", **rows: Any) -> dict[str, Table]:
    return {table.key: table for table in make_tables(**frames(**rows), zone=ZoneInfo(zone), as_of=AS_OF)}


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def a_failed_deployment(**changed: Any) -> dict[str, Any]:
    row = a_deployment(1, FIRST)
    row.update(failed="true", failure_provenance="inferred", failed_because="rolled back", recovery_hours=5.25)
    return {**row, **changed}


def test_deployments_stand_newest_first_in_the_reports_timezone() -> None:
    rows = [a_deployment(number, FIRST + timedelta(days=number)) for number in (1, 3, 2)]

    table = tables("Europe/Berlin", deployments=rows)["deployments"]

    assert [row[0] for row in texts(table)] == ["2022-02-17 10:30", "2022-02-16 10:30", "2022-02-15 10:30"]


def test_a_failed_deployment_says_why_who_says_so_and_how_long() -> None:
    table = tables(deployments=[a_failed_deployment()])["deployments"]

    cells = dict(zip([column.heading for column in table.columns], table.rows[0]))
    assert (cells["Failed"].text, cells["Failed"].note, cells["Failed"].badges) == (
        "failed",
        "rolled back",
        ("proposal",),
    )
    assert cells["Recovery, hours"].text == "5.2"
    assert table.struck == (True,)
    assert table.intro == "1 normal; 1 failed."


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param({"recovery_hours": "", "restored_at": ""}, "still open", id="not restored"),
        pytest.param({"recovery_hours": "", "restored_at": "2022-03-01T00:00:00Z"}, "left out", id="restored, invalid"),
        pytest.param({"recovery_hours": "", "failed": "false"}, "", id="not failed"),
    ],
)
def test_a_recovery_without_hours_says_why(changed: Mapping[str, str], said: str) -> None:
    assert tables(deployments=[a_failed_deployment(**changed)])["deployments"].rows[0][-1].text == said


def test_each_change_stands_in_exactly_one_table() -> None:
    made = a_deployment(1, FIRST)
    deployed, waiting = a_change(1, FIRST, made, 5.0), a_change(2, FIRST)
    left_out = {**a_change(3, FIRST, made), "left_out": "negative"}
    carrier = {**a_change(4, FIRST), "left_out": "carrier"}

    found = tables(changes=[deployed, waiting, left_out, carrier])

    assert {key: found[key].total for key in ("changes", "undeployed", "left-out")} == {
        "changes": 1,
        "undeployed": 1,
        "left-out": 2,
    }
    assert found["left-out"].intro == "1 only carrying other changes; 1 started after their deployment"
    assert [row[-1] for row in texts(found["left-out"])] == [
        "started after their deployment",
        "only carrying other changes",
    ]


def test_what_waits_longest_stands_first_with_its_age() -> None:
    rows = [a_change(number, AS_OF - timedelta(days=number)) for number in (3, 30, 10)]

    table = tables(changes=rows)["undeployed"]

    assert table.columns[-1].heading == "Age, days"
    assert [row[-1] for row in texts(table)] == ["30.0", "10.0", "3.0"]


def test_only_five_hundred_rows_are_shown_and_the_rest_is_named() -> None:
    rows = [a_deployment(number, FIRST + timedelta(hours=number)) for number in range(512)]

    table = tables(deployments=rows)["deployments"]

    assert (len(table.rows), table.total, table.more) == (500, 512, "12 more in deployments.csv")
    assert table.rows[0][0].text == "2022-03-07 16:30"


def test_repository_and_service_are_named_only_where_there_are_several() -> None:
    one = a_deployment(1, FIRST)

    assert "Repository" not in [column.heading for column in tables(deployments=[one])["deployments"].columns]
    two = tables(deployments=[one, {**one, "repository": "acme/api", "service": "search"}])["deployments"]
    assert {"Repository", "Service"} <= {column.heading for column in two.columns}


def test_a_failure_says_how_we_know() -> None:
    incident = an_incident(1, a_failed_deployment())

    table = tables(incidents=[incident])["failures"]

    assert table.intro == "1 of 1 is a proposal that nobody has confirmed."
    assert texts(table)[0][3:] == ["v1.0.1", "it was rolled back", "medium"]


def test_no_time_in_a_table_is_broken_into_two_lines() -> None:
    times = {"When", "Began", "Restored", "Deployed", "Since"}

    columns = [column for table in tables().values() for column in table.columns if column.heading in times]

    assert {column.heading for column in columns} == times
    assert all(column.whole for column in columns)


def test_empty_tables_say_what_that_means() -> None:
    assert [table.empty for table in tables().values()][:2] == [
        "Nothing has been deployed yet.",
        "No failure is known: the history shows no incident, hotfix, rollback or revert that points to one.",
    ]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("pr:12", "#12"),
        ("issue:7", "#7"),
        ("tag:v1.2", "v1.2"),
        ("release:app@1:2", "app@1:2"),
        ("commit:0123456789abcdef", "0123456789"),
        ("failure:tag:v1", "v1"),
        ("deployment:99", "deployment 99"),
        ("odd", "odd"),
        ("", ""),
    ],
)
def test_a_key_is_said_short(key: str, said: str) -> None:
    assert short_key(key) == said


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (3.0, "3"),
        (2.5, "2.5"),
        (True, "true"),
        ("False", "false"),
        ("'=1+1", "=1+1"),
        ("'quoted", "'quoted"),
        (pd.Timestamp("2025-03-02T14:05:00Z"), "2025-03-02T14:05:00Z"),
    ],
)
def test_a_cell_becomes_text(cell: Any, text: str) -> None:
    assert text_of(cell) == text


def test_a_frame_without_a_column_reads_as_nothing() -> None:
    frame = pd.DataFrame({"a": ["x", "", None]})

    assert has(frame, "a").tolist() == [True, False, False]
    assert has(frame, "b").tolist() == [False, False, False]
    assert is_true(frame, "b").tolist() == [False, False, False]
    assert counts_of(frame, "b") == {}
    assert len(newest(frame, "b")) == 3
    assert [row["a"] for row in rows_of(newest(frame, "a"))] == ["x", "", ""]


def test_flags_are_counted_each_for_itself() -> None:
    assert flag_counts(pd.DataFrame({"flags": ["clamped;net_zero", "clamped", None, ""]})) == {
        "clamped": 2,
        "net_zero": 1,
    }
