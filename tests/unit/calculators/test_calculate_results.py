"""Which periods are given, what is cut, and that counts agree with a look at every row."""

from __future__ import annotations

import random
import statistics
from datetime import datetime, timedelta
from typing import Any, Optional
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dora_metrics import calculate_results
from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.domain.periods import local_midnight
from support.metric_frames import (
    Row,
    change,
    changes_frame,
    day,
    deployment,
    deployments_frame,
    failure,
    incidents_frame,
)

GRAINS = ("daily", "weekly", "monthly", "quarterly", "yearly", "7d", "30d", "all")


def calculate(changes: list[Row], deployments: list[Row], **settings: Any) -> Results:
    asked: dict[str, Any] = {"as_of": day(100), "grain": "monthly", "timezone": "UTC", "fiscal_start_month": 1}
    return calculate_results(
        changes_frame(changes),
        deployments_frame(deployments),
        incidents_frame(),
        repositories=("acme/shop",),
        **{**asked, **settings},
    )


def labels(found: Results) -> list[str]:
    return [result.period.label for result in found.periods]


# Which periods


def test_all_periods_from_the_first_deployment_to_as_of_are_given() -> None:
    """Empty ones too."""
    found = calculate([], [deployment(day(20)), deployment(day(70))])

    assert labels(found) == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert [result.partial for result in found.periods] == [True, False, False, True]
    assert [result.deployment_frequency.deployments for result in found.periods] == [1, 0, 1, 0]


def test_a_period_is_provisional_for_thirty_days() -> None:
    """January ends with day 31: final from day 61 on."""
    made = [deployment(day(0))]

    assert [r.provisional for r in calculate([], made, as_of=day(61) - timedelta(seconds=1)).periods] == [True] * 3
    assert [r.provisional for r in calculate([], made, as_of=day(61)).periods] == [False, True, True]
    assert calculate([], made, as_of=day(40), maturity_days=7).periods[0].provisional is False


def test_a_period_that_begins_at_as_of_is_given_when_something_happened_then() -> None:
    """The end of March is not yet April; a deployment at that very instant is."""
    quiet = calculate([], [deployment(day(0))], as_of=day(90), grain="quarterly")
    busy = calculate(
        [change(day(90), 2.0)], [deployment(day(0)), deployment(day(90))], as_of=day(90), grain="quarterly"
    )

    assert labels(quiet) == ["2025-Q1"]
    assert quiet.periods[0].partial is False
    assert labels(busy) == ["2025-Q1", "2025-Q2"]
    assert busy.periods[1].lead_time.spread.n == 1
    assert busy.periods[1].deployment_frequency.per_day is None


@pytest.mark.parametrize("grain", GRAINS)
def test_nothing_deployed_is_no_error(grain: str) -> None:
    found = calculate([change(None, merged_at=day(3), started_at=day(1))], [], as_of=day(10), grain=grain)

    assert found.periods == ()
    assert found.overall.deployment_frequency.deployments == 0
    assert found.overall.deployment_frequency.per_day is None
    assert found.overall.lead_time.spread.median_s is None
    assert (found.overall.lead_time.undeployed, found.overall.lead_time.undeployed_oldest_s) == (1, 9 * 86_400)


@pytest.mark.parametrize("grain", GRAINS)
def test_what_was_deployed_after_as_of_is_in_no_period(grain: str) -> None:
    made = [deployment(day(0)), deployment(day(5)), deployment(day(50))]
    rows = [change(day(5), 1.0), change(day(50), 1.0)]
    found = calculate(rows, made, as_of=day(40), grain=grain)

    assert found.overall.deployment_frequency.deployments == 2
    assert sum(result.lead_time.spread.n for result in found.periods) == 1
    assert found.overall.lead_time.spread.n == 1


def test_overall_is_everything_and_always_provisional() -> None:
    """From the first deployment to as_of, both included."""
    made = [deployment(day(2.5)), deployment(day(10)), deployment(day(100))]
    overall = calculate([], made).overall

    assert (overall.period.label, overall.period.start, overall.period.end) == ("overall", day(2.5), day(100))
    assert (overall.partial, overall.provisional) == (False, True)
    assert overall.deployment_frequency.deployments == 3
    assert overall.deployment_frequency.covered_days == 97.5


def test_all_is_one_period_like_overall() -> None:
    found = calculate([], [deployment(day(2.5)), deployment(day(100))], grain="all")
    [only] = found.periods

    assert (only.period.label, only.partial, only.provisional) == ("all", False, True)
    assert only.deployment_frequency == found.overall.deployment_frequency


def test_since_and_until_cut_what_is_published() -> None:
    """`since` belongs to it, `until` does not; a period that they cut is partial; what waits stands at the cut."""
    made = [deployment(day(number)) for number in (0, 20, 35, 45, 69, 70, 80)]
    rows = [change(day(number), 12.0) for number in (20, 35, 69, 70)]
    found = calculate(rows, made, since=day(35), until=day(70))

    assert labels(found) == ["2025-02", "2025-03"]
    assert [result.partial for result in found.periods] == [True, True]
    assert [result.deployment_frequency.deployments for result in found.periods] == [2, 1]
    assert [result.lead_time.spread.n for result in found.periods] == [1, 1]
    assert [result.deployment_frequency.covered_days for result in found.periods] == [24, 11]
    assert (found.overall.period.start, found.overall.period.end) == (day(35), day(70))
    assert found.overall.deployment_frequency.deployments == 3
    assert found.overall.lead_time.undeployed == 1


def test_since_and_until_at_the_edges_of_months_cut_nothing() -> None:
    found = calculate([], [deployment(day(number)) for number in (0, 40)], since=day(31), until=day(59))

    assert (labels(found), found.periods[0].partial) == (["2025-02"], False)


@pytest.mark.parametrize(
    "cut",
    [
        pytest.param({"since": day(50), "until": day(40)}, id="until before since"),
        pytest.param({"until": day(-5)}, id="until before the first deployment"),
        pytest.param({"since": day(500)}, id="since after as_of"),
        pytest.param({"since": day(50), "until": day(50)}, id="the same"),
    ],
)
@pytest.mark.parametrize("grain", GRAINS)
def test_an_empty_cut_has_no_periods(cut: dict[str, datetime], grain: str) -> None:
    found = calculate([change(day(5), 1.0)], [deployment(day(0)), deployment(day(40))], grain=grain, **cut)

    assert found.periods == ()
    assert found.overall.deployment_frequency.deployments == 0


def test_until_after_as_of_cuts_nothing() -> None:
    made = [deployment(day(0)), deployment(day(100))]

    assert calculate([], made, until=day(500)) == calculate([], made)


def test_rolling_windows_end_with_the_last_midnight() -> None:
    """None of them is cut at its end; the first may be at its start."""
    found = calculate([], [deployment(day(85.5)), deployment(day(99.7))], as_of=day(100.5), grain="7d")

    assert labels(found) == ["2025-03-21/7d", "2025-03-28/7d", "2025-04-04/7d"]
    assert found.periods[-1].period.end == day(100)
    assert [result.partial for result in found.periods] == [True, False, False]
    assert [result.deployment_frequency.deployments for result in found.periods] == [1, 0, 1]


# Against a look at every row


Edges = tuple[datetime, datetime]
LOOKED_AT = ("normal", "hotfix", "initial", "rollback", "redeploy")
INSTANTS = st.integers(0, 400 * 24).map(lambda hours: day(hours / 24))
HOURS = st.one_of(st.none(), st.integers(0, 5000).map(float))
CHANGES = st.lists(
    st.builds(
        change,
        st.one_of(st.none(), INSTANTS),
        HOURS,
        merged_at=INSTANTS,
        left_out=st.sampled_from(["", "", "negative", "carrier"]),
    ),
    max_size=12,
)
DEPLOYMENTS = st.lists(
    st.one_of(
        st.builds(deployment, INSTANTS, st.sampled_from(LOOKED_AT)),
        st.builds(failure, INSTANTS, INSTANTS, st.one_of(st.none(), INSTANTS)),
    ),
    max_size=12,
)


def looked_at(
    result: PeriodResult, changes: list[Row], deployments: list[Row], edges: tuple[datetime, datetime]
) -> Any:
    """What the definitions say of one period, row by row; `edges`: first deployment and as_of."""
    first, as_of = edges

    def inside(moment: Any) -> bool:
        return moment is not None and moment in result.period and first <= moment <= as_of

    here = [row for row in changes if inside(row["deployed_at"])]
    waits = [row["lead_time_hours"] for row in here if not row["left_out"] and row["lead_time_hours"] is not None]
    made = [row for row in deployments if inside(row["deployed_at"])]
    can_fail = [row for row in made if row["kind"] in ("normal", "hotfix")]
    restored = [row for row in deployments if row["failed"] and inside(row.get("restored_at"))]
    recoveries = [row["recovery_hours"] for row in restored if row["recovery_hours"] is not None]
    at, closed = min(result.period.end, as_of), result.period.end > as_of or result.period.closed
    waiting = [
        row
        for row in changes
        if not row["left_out"]
        and (row["merged_at"] < at or (closed and row["merged_at"] == at))
        and not (row["deployed_at"] and (row["deployed_at"] < at or (closed and row["deployed_at"] == at)))
    ]
    return {
        "waits": len(waits),
        "median": median(waits),
        "left out": len(here) - len(waits),
        "deployments": sum(row["kind"] not in ("redeploy", "rollback") for row in made),
        "failed": (sum(bool(row["failed"]) for row in can_fail), len(can_fail)),
        "recovery": median(recoveries),
        "invalid": len(restored) - len(recoveries),
        "rework": sum(row["kind"] in ("hotfix", "rollback") for row in made),
        "undeployed": len(waiting),
    }


def median(values: list[Any]) -> Optional[float]:
    return statistics.median(values) if values else None


def published(result: PeriodResult) -> Any:
    lead_time, rate, recovery = result.lead_time, result.change_failure_rate, result.mttr
    return {
        "waits": lead_time.spread.n,
        "median": None if lead_time.spread.median_s is None else lead_time.spread.median_s / 3600,
        "left out": sum(lead_time.left_out.values()),
        "deployments": result.deployment_frequency.deployments,
        "failed": (rate.failed, rate.deployments),
        "recovery": None if recovery.spread.median_s is None else recovery.spread.median_s / 3600,
        "invalid": sum(recovery.left_out.values()),
        "rework": result.rework_rate.rework,
        "undeployed": lead_time.undeployed,
    }


@settings(max_examples=30)
@given(
    changes=CHANGES,
    deployments=DEPLOYMENTS,
    as_of=INSTANTS,
    grain=st.sampled_from(GRAINS),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu"]),
)
def test_every_count_agrees_with_a_look_at_every_row(
    changes: list[Row], deployments: list[Row], as_of: datetime, grain: str, zone: str
) -> None:
    found = calculate(changes, deployments, as_of=as_of, grain=grain, timezone=zone)
    first = min((row["deployed_at"] for row in deployments if row["deployed_at"] <= as_of), default=as_of)

    for result in (*found.periods, found.overall):
        assert published(result) == looked_at(result, changes, deployments, (first, as_of)), result.period


@settings(max_examples=20)
@given(changes=CHANGES, deployments=DEPLOYMENTS, grain=st.sampled_from(GRAINS), seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(changes: list[Row], deployments: list[Row], grain: str, seed: int) -> None:
    expected = calculate(changes, deployments, grain=grain, as_of=day(300))
    random.Random(seed).shuffle(changes)  # noqa: S311 (a test's order, no secret)
    random.Random(seed + 1).shuffle(deployments)  # noqa: S311 (the same)

    assert calculate(changes, deployments, grain=grain, as_of=day(300)) == expected


@settings(max_examples=20)
@given(changes=CHANGES, deployments=DEPLOYMENTS, grain=st.sampled_from(["daily", "weekly", "monthly", "yearly"]))
def test_the_periods_add_up_to_the_whole(changes: list[Row], deployments: list[Row], grain: str) -> None:
    """Each item is in exactly one calendar period, so that several can be pooled."""
    found = calculate(changes, deployments, grain=grain, as_of=day(300))
    overall = published(found.overall)

    for name in ("waits", "left out", "deployments", "invalid", "rework"):
        assert sum(published(result)[name] for result in found.periods) == overall[name]
    assert sum(result.deployment_frequency.covered_days for result in found.periods) == pytest.approx(
        found.overall.deployment_frequency.covered_days
    )


def test_two_repositories_are_pooled_by_items() -> None:
    """The median of all changes, not the mean of two medians."""
    shop, api = [change(day(9), hours) for hours in (1.0, 2.0, 3.0)], [change(day(9), 90.0)]
    found = calculate([*shop, *api], [deployment(day(0)), deployment(day(9)), failure(day(9), day(9), day(10))])

    assert found.periods[0].lead_time.spread.median_s == 2.5 * 3600
    assert found.periods[0].change_failure_rate.ratio == 1 / 3


def test_the_clocks_change_moves_the_edges() -> None:
    """In Berlin April begins at 22:00 UTC, March at 23:00 the day before."""
    zone = ZoneInfo("Europe/Berlin")
    start, end = (local_midnight(day(number).date(), zone) for number in (59, 90))
    second = timedelta(seconds=1)
    made = [deployment(day(0)), *map(deployment, (start - second, start, end - second, end))]
    found = calculate([], made, timezone="Europe/Berlin")

    assert (end - start) == timedelta(days=31) - timedelta(hours=1)
    assert [result.deployment_frequency.deployments for result in found.periods] == [1, 1, 2, 1]
