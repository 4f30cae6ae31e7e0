"""The five metrics, rule by rule: small tables of what happened, and the number that follows."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, Optional

import pandas as pd
import pytest

from dora_metrics import calculate_results
from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.errors import ConfigurationError, InputError
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

HOUR = 3600
DAY = 24 * HOUR


def results(
    changes: Optional[list[Row]] = None,
    deployments: Optional[list[Row]] = None,
    incidents: Optional[list[Row]] = None,
    **settings: Any,
) -> Results:
    """By default monthly, UTC, as of 100 days after New Year, with an initial deployment at New Year."""
    made = [deployment(day(0), "initial"), *(deployments or [])]
    asked: dict[str, Any] = {"as_of": day(100), "grain": "monthly", "timezone": "UTC", "fiscal_start_month": 1}
    return calculate_results(
        changes_frame(changes or []),
        deployments_frame(made),
        incidents_frame(incidents or []),
        repositories=("acme/shop",),
        **{**asked, **settings},
    )


def january(found: Results) -> PeriodResult:
    assert found.periods[0].period.label == "2025-01"
    return found.periods[0]


def by_label(found: Results) -> dict[str, PeriodResult]:
    return {result.period.label: result for result in found.periods}


# Lead time


@pytest.mark.parametrize(
    ("waits_h", "expected_h"),
    [
        pytest.param([], None, id="nothing deployed has no lead time, not zero"),
        pytest.param([1], 1, id="one change is its own median"),
        pytest.param([1, 100], 50.5, id="an even number takes the middle of the two"),
        pytest.param([1, 2, 700], 2, id="one slow change does not move the median"),
        pytest.param([0, 0, 5], 0, id="a lead time of zero is a value"),
    ],
)
def test_lead_time_is_the_median_wait(waits_h: list[float], expected_h: Optional[float]) -> None:
    found = january(results([change(day(30), hours) for hours in waits_h])).lead_time

    assert found.spread.n == len(waits_h)
    assert found.spread.median_s == (None if expected_h is None else expected_h * HOUR)


def test_a_change_counts_in_the_period_of_its_deployment() -> None:
    """However long before it was begun; the first instant of a month belongs to it."""
    found = by_label(results([change(day(31), 800), change(day(31) - timedelta(seconds=1), 1)]))

    assert [(label, result.lead_time.spread.n) for label, result in found.items()] == [
        ("2025-01", 1),
        ("2025-02", 1),
        ("2025-03", 0),
        ("2025-04", 0),
    ]


def test_what_is_left_out_is_counted_by_reason() -> None:
    found = january(
        results(
            [
                change(day(3), 10.0),
                change(day(3), left_out="negative"),
                change(day(3), left_out="carrier"),
                change(day(3), 99.0, left_out="carrier"),
                change(day(3)),
                change(day(40), left_out="negative"),
                change(None, left_out="carrier"),
            ]
        )
    ).lead_time

    assert found.left_out == {"carrier": 2, "negative": 1, "unknown": 1}
    assert (found.spread.n, found.spread.median_s) == (1, 10 * HOUR)


def test_undeployed_changes_stand_beside_the_median() -> None:
    """At the period's end, or at as_of when that is earlier; one deployed later was waiting until then."""
    rows = [
        change(None, merged_at=day(10), started_at=day(8)),
        change(day(40), 24.0, merged_at=day(30), started_at=day(20)),
        change(None, merged_at=day(35), started_at=day(5)),
        change(None, merged_at=day(10), started_at=day(8), left_out="carrier"),
        change(None, merged_at=day(200), started_at=day(90)),
    ]
    found = by_label(results(rows, as_of=day(36)))
    at_the_end = found["2025-02"].lead_time

    assert found["2025-01"].lead_time.undeployed == 2
    assert found["2025-01"].lead_time.undeployed_median_age_s == (23 + 11) / 2 * DAY
    assert found["2025-01"].lead_time.undeployed_oldest_s == 23 * DAY
    assert at_the_end.undeployed == 3
    assert (at_the_end.undeployed_median_age_s, at_the_end.undeployed_oldest_s) == (28 * DAY, 31 * DAY)


def test_nothing_undeployed_has_no_age() -> None:
    found = january(results([change(day(3), 1.0)])).lead_time

    assert (found.undeployed, found.undeployed_median_age_s, found.undeployed_oldest_s) == (0, None, None)


def test_a_change_deployed_before_its_merge_has_no_time_from_merge() -> None:
    """Its lead time stays valid."""
    early = change(day(2), 48.0, merged_at=day(3), ready_at=day(1))
    late = change(day(6), 48.0, merged_at=day(5), ready_at=None)
    found = january(results([early, late])).lead_time

    assert found.spread.n == 2
    assert found.from_merge_median_s == 1 * DAY
    assert found.from_review_median_s == 1 * DAY


def test_people_and_bots_are_shown_apart() -> None:
    found = january(results([change(day(9), 30.0), change(day(9), 50.0), change(day(9), 2.0, is_bot=True)])).lead_time

    assert (found.spread.n, found.spread.median_s) == (3, 30 * HOUR)
    assert (found.people_n, found.people_median_s) == (2, 40 * HOUR)
    assert (found.bots_n, found.bots_median_s) == (1, 2 * HOUR)


@pytest.mark.parametrize("hours", [[None, 10.0], [None, 1.0, 2.0, 10.0], [1.0, 2.0, None, 10.0]])
def test_a_missing_lead_time_never_enters_the_median(hours: list[Optional[float]]) -> None:
    """In pandas 2 the group medians of timedeltas with a hole are wrong, and look plausible."""
    known = sorted(value for value in hours if value is not None)
    found = january(results([change(day(5), value) for value in hours])).lead_time

    assert found.spread.median_s == known[len(known) // 2] * HOUR
    assert found.left_out == {"unknown": 1}


def test_these_tables_would_catch_a_group_median_of_timedeltas() -> None:
    """So that the test above cannot pass by chance: pandas itself gets [NaT, 10 h] wrong before version 3."""
    frame = pd.DataFrame({"period": ["a", "a"], "wait": pd.to_timedelta([None, 10], unit="h")})

    naive = frame.groupby("period")["wait"].median().iloc[0]

    assert (naive == pd.Timedelta(hours=10)) == (int(pd.__version__.split(".")[0]) >= 3)


# Deployment frequency


def test_redeploys_and_rollbacks_are_no_new_deployments() -> None:
    kinds = ("normal", "hotfix", "redeploy", "rollback")
    found = january(results(deployments=[deployment(day(5 + place), kind) for place, kind in enumerate(kinds)]))

    assert found.deployment_frequency.deployments == 3  # with the initial one


def test_the_rate_is_by_covered_days() -> None:
    """From the first deployment to as_of: March has seen 10 of its days."""
    made = [deployment(day(number)) for number in (31 + 28, 31 + 28 + 5)]
    march = by_label(results(deployments=made, as_of=day(31 + 28 + 10)))["2025-03"]

    assert (march.partial, march.deployment_frequency.covered_days) == (True, 10)
    assert march.deployment_frequency.per_day == 0.2
    assert march.deployment_frequency.per_week == pytest.approx(1.4)


def test_an_empty_quarter_has_no_deployments_and_no_failure_rate() -> None:
    """Count 0 and rate 0, but no lead time, no failure rate, no recovery, no rework."""
    made = [deployment(day(10)), deployment(day(200))]
    found = by_label(results(deployments=made, grain="quarterly", as_of=day(250)))["2025-Q2"]

    assert (found.deployment_frequency.deployments, found.deployment_frequency.per_day) == (0, 0)
    assert found.lead_time.spread.median_s is None
    assert found.change_failure_rate.ratio is None
    assert found.change_failure_rate.ci95 is None
    assert found.mttr.spread.median_s is None
    assert found.rework_rate.ratio is None
    assert found.deployment_frequency.ci95_deployments == pytest.approx((0, 3.688879), abs=1e-6)


def test_days_with_a_deployment_are_local_days() -> None:
    """23:30 and 00:30 in Berlin are two days; two in one day are one."""
    late = datetime(2025, 1, 10, 22, 30, tzinfo=timezone.utc)
    made = [deployment(late), deployment(late + timedelta(hours=1)), deployment(late + timedelta(hours=2))]

    berlin = january(results(deployments=made, timezone="Europe/Berlin")).deployment_frequency
    utc = january(results(deployments=made)).deployment_frequency

    assert (berlin.days_with_deployments, utc.days_with_deployments) == (3, 3)
    assert (
        january(results(deployments=made[1:], timezone="Europe/Berlin")).deployment_frequency.days_with_deployments == 2
    )
    assert january(results(deployments=made[1:])).deployment_frequency.days_with_deployments == 3


def test_the_gap_is_between_deployments_of_the_period() -> None:
    found = by_label(results(deployments=[deployment(day(number)) for number in (1, 4, 40)]))

    assert found["2025-01"].deployment_frequency.median_gap_s == 2 * DAY  # 1 and 3 days
    assert found["2025-02"].deployment_frequency.median_gap_s is None


@pytest.mark.parametrize(
    ("days", "band"),
    [
        pytest.param([day(5 + 7 * week + hour / 24) for week in range(26) for hour in range(10)], 6, id="ten a week"),
        pytest.param([day(5 + 7 * week + hour / 24) for week in range(26) for hour in range(5)], 5, id="five a week"),
        pytest.param([day(5 + 7 * week) for week in range(26)], 4, id="one a week"),
        pytest.param([day(5 + 30 * month) for month in range(6)], 3, id="one a month"),
        pytest.param([day(40 + hour / 24) for hour in range(200)], 2, id="one burst makes nobody daily"),
    ],
)
def test_the_band_comes_from_medians_over_complete_weeks_and_months(days: list[datetime], band: int) -> None:
    found = results(deployments=[deployment(moment) for moment in days], as_of=day(186))

    assert found.overall.deployment_frequency.band == band


def test_six_empty_months_are_band_1() -> None:
    found = results(as_of=day(31 + 365))

    assert found.overall.deployment_frequency.band == 1


def test_no_complete_week_has_no_band() -> None:
    found = results(deployments=[deployment(day(3))], as_of=day(11))

    assert found.overall.deployment_frequency.band is None


# Change failure rate


def test_a_failure_counts_in_the_period_of_its_deployment() -> None:
    """Deployed 31 March, felt 2 April: the first quarter's rate changes, the second's does not."""
    made = [failure(day(89), began=day(91), restored=day(92)), deployment(day(95))]
    found = by_label(results(deployments=made, grain="quarterly"))

    assert found["2025-Q1"].change_failure_rate.ratio == 1
    assert found["2025-Q2"].change_failure_rate.ratio == 0
    assert found["2025-Q2"].mttr.spread.n == 1


def test_only_normal_and_hotfix_deployments_can_fail() -> None:
    kinds = ("normal", "hotfix", "redeploy", "rollback")
    made = [failure(day(5 + place), kind=kind) for place, kind in enumerate(kinds)]
    found = january(results(deployments=[*made, deployment(day(20)), deployment(day(21))])).change_failure_rate

    assert (found.failed, found.deployments, found.ratio) == (2, 4, 0.5)


def test_proposals_count_until_a_person_says_otherwise() -> None:
    made = [failure(day(5)), failure(day(6), failure_provenance="explicit"), deployment(day(7)), deployment(day(8))]
    found = january(results(deployments=made)).change_failure_rate

    assert (found.ratio, found.explicit_ratio, found.proposals) == (0.5, 0.25, 1)
    assert found.ci95 is not None
    assert [round(100 * end, 1) for end in found.ci95] == [15.0, 85.0]


def test_one_of_four_has_a_wide_interval() -> None:
    made = [failure(day(5)), *(deployment(day(number)) for number in (6, 7, 8))]
    found = january(results(deployments=made)).change_failure_rate

    assert found.ci95 is not None
    assert [round(100 * end, 1) for end in found.ci95] == [4.6, 69.9]


def test_failures_without_a_cause_are_shown_beside_the_rate() -> None:
    incidents: list[Row] = [
        {"started_at": day(5), "attribution": "unattributed"},
        {"started_at": day(6), "attribution": "not_in_Dc"},
        {"started_at": day(6), "attribution": "no_deployment"},
        {"started_at": day(6), "attribution": "inferred"},
        {"started_at": day(60), "attribution": "unattributed"},
    ]
    found = january(results(deployments=[deployment(day(4))], incidents=incidents)).change_failure_rate

    assert (found.unattributed, found.not_in_dc, found.failed, found.ratio) == (1, 1, 0, 0)


# Recovery


@pytest.mark.parametrize(
    ("began", "restored", "recovery_d", "from_deployment_d"),
    [
        pytest.param(day(6), day(8), 2, 3, id="from the impact, not from the deployment"),
        pytest.param(None, day(8), 3, 3, id="without an incident from the deployment"),
        pytest.param(day(6), day(6), 0, 1, id="at once"),
    ],
)
def test_recovery_is_from_begin_to_restore(
    began: Optional[datetime], restored: datetime, recovery_d: float, from_deployment_d: float
) -> None:
    found = january(results(deployments=[failure(day(5), began, restored)])).mttr

    assert found.spread.median_s == recovery_d * DAY
    assert found.from_deployment_median_s == from_deployment_d * DAY


def test_restored_before_it_began_is_left_out() -> None:
    found = january(results(deployments=[failure(day(5), day(8), day(7)), failure(day(6), day(8), day(9))])).mttr

    assert (found.spread.n, found.left_out, found.open) == (1, {"invalid": 1}, 0)


def test_an_open_failure_has_an_age_and_no_recovery() -> None:
    """Opened day 1, as of day 10: no value, one open, nine days old. A later restore was open until then."""
    found = results(deployments=[failure(day(0.5), day(1))], as_of=day(10)).overall.mttr
    later = by_label(results(deployments=[failure(day(20), day(21), day(40))]))

    assert (found.spread.median_s, found.open, found.open_oldest_s) == (None, 1, 9 * DAY)
    assert (later["2025-01"].mttr.open, later["2025-01"].mttr.open_oldest_s) == (1, 10 * DAY)
    assert (later["2025-02"].mttr.open, later["2025-02"].mttr.spread.n) == (0, 1)


def test_a_failure_that_no_counted_deployment_caused_is_not_in_it() -> None:
    found = january(results(deployments=[failure(day(5), day(6), day(7), kind="rollback")])).mttr

    assert (found.spread.n, found.open) == (0, 0)


# Rework


def test_rework_is_the_share_of_unplanned_deployments() -> None:
    kinds = ("normal", "normal", "normal", "hotfix", "rollback", "redeploy")
    found = january(results(deployments=[deployment(day(5 + place), kind) for place, kind in enumerate(kinds)]))

    assert (found.rework_rate.rework, found.rework_rate.deployments, found.rework_rate.ratio) == (2, 5, 0.4)


def test_rework_looks_back_six_calendar_months() -> None:
    """At the period's end: July's half year begins with February; 31 January is out, 1 February is in."""
    made = [deployment(day(30), "hotfix"), deployment(day(31), "hotfix"), deployment(day(100)), deployment(day(211))]
    july = by_label(results(deployments=made, as_of=day(230)))["2025-07"].rework_rate

    assert (july.trailing_rework, july.trailing_deployments, july.trailing_6_months) == (1, 3, 1 / 3)
    assert july.ratio == 0


# Levels


def steady(**settings: Any) -> Results:
    """A deployment each day for forty days, each with a change of five hours."""
    made = [deployment(day(1 + number)) for number in range(40)]
    return results([change(day(1 + number), 5.0) for number in range(40)], made, **settings)


def test_levels_come_from_the_table_that_was_asked_for() -> None:
    found = january(steady(levels="2023"))

    assert (found.lead_time.level, found.lead_time.band) == ("elite", 5)
    assert january(steady(levels="2021")).lead_time.level == "high"
    assert found.deployment_frequency.level == "elite"
    assert found.change_failure_rate.level == "elite"
    assert found.mttr.level is None


def test_no_level_unless_asked() -> None:
    found = january(steady())

    assert (found.lead_time.level, found.deployment_frequency.level, found.change_failure_rate.level) == (None,) * 3


@pytest.mark.parametrize(
    ("settings", "label"),
    [
        pytest.param({"as_of": day(60)}, "2025-01", id="provisional until thirty days later"),
        pytest.param({"since": day(2)}, "2025-01", id="partial"),
        pytest.param({}, "overall", id="over everything, always provisional"),
    ],
)
def test_no_level_on_what_may_change_or_is_cut(settings: dict[str, Any], label: str) -> None:
    found = steady(levels="2023", **settings)
    result = {**by_label(found), "overall": found.overall}[label]

    assert result.lead_time.spread.n >= 10
    assert result.lead_time.level is None
    assert result.deployment_frequency.level is None
    assert result.change_failure_rate.level is None


def test_five_values_have_neither_band_nor_level_nor_interval() -> None:
    found = january(results([change(day(9), 5.0)] * 5, levels="2023")).lead_time

    assert (found.spread.median_s, found.spread.ci95_s, found.band, found.level) == (5 * HOUR, None, None, None)


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="levels '2022'"):
        results(levels="2022")


@pytest.mark.parametrize("column", ["deployed_at", "kind", "failed", "restored_at"])
def test_a_missing_column_is_named(column: str) -> None:
    made = deployments_frame([deployment(day(0))]).drop(columns=column)

    with pytest.raises(InputError, match=column):
        calculate_results(
            changes_frame([]),
            made,
            incidents_frame(),
            as_of=day(1),
            grain="all",
            timezone="UTC",
            fiscal_start_month=1,
            repositories=(),
        )
