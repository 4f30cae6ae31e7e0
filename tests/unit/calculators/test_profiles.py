"""Other tools' definitions over one small world whose numbers can be worked out by hand.

Two weeks of March 2025, which begin on Monday the 3rd; times in days from there. Deployments: d1 @0 (the first), d2 @2,
d3 @3, d3 again @4 (a redeploy), d5 @9. The period is [0, 14).
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Optional

import pandas as pd
import pytest

from dora_metrics.calculators.metrics import calculate_results
from dora_metrics.config import PROFILES
from dora_metrics.domain.measurements import PeriodResult, Results
from dora_metrics.errors import ConfigurationError
from dora_metrics.report.results_cells import Cell, metric_cells
from dora_metrics.report.results_json import period_object

MONDAY = datetime(2025, 3, 3, tzinfo=timezone.utc)
AS_OF = MONDAY + timedelta(days=14)
DAY_S = 86_400.0
DEPLOYMENTS = [
    ("d1", 0, "initial"),
    ("d2", 2, "normal"),
    ("d3", 3, "normal"),
    ("d4", 4, "redeploy"),
    ("d5", 9, "normal"),
]
# Key, first commit written, the same committed, opened, merged, delivered by, reverts
CHANGES = [
    ("pr:1", -9, -9, -8, -7, "d1", ""),
    ("pr:2", 0.25, 0.5, 1, 1.5, "d2", ""),
    ("pr:3", 2, 2, 1, 2.5, "d3", ""),
    ("pr:4", 3, 6, 7, 8, "d5", "pr:3"),
    ("commit:c", 5, 5, None, None, "d5", ""),
]
# Number, opened, closed, the deployment that is blamed, by which rule
ISSUES = [(7, 2.5, 3.5, "d2", "stated"), (8, 9.5, 11.5, "d5", "inferred"), (9, 10, None, "d5", "inferred")]
COMMITS = [("d2", 1.75), ("d3", 1), ("d3", 0), ("d5", 6), ("d5", 4)]


def moment(days: Optional[float]) -> str:
    return "" if days is None else (MONDAY + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def world(*, shuffled: Optional[random.Random] = None) -> dict[str, pd.DataFrame]:
    when = {key: at for key, at, _ in DEPLOYMENTS}
    changes = [
        {
            "key": key, "first_commit_at": moment(first), "first_committed_at": moment(committed),
            "created_at": moment(opened), "merged_at": moment(merged), "deployment": by,
            "deployed_at": moment(when[by]),
            "lead_time_hours": "" if by == "d1" else str((when[by] - first) * 24), "reverts": reverts, "ready_at": "",
            "left_out": "left_truncated" if by == "d1" else "", "is_bot": "false", "started_at": moment(first),
        }
        for key, first, committed, opened, merged, by, reverts in CHANGES
    ]  # fmt: skip
    deployments = [
        {"key": key, "deployed_at": moment(at), "kind": kind, "failed": "false", "failure_provenance": "",
         "began_at": "", "restored_at": "", "recovery_hours": ""}
        for key, at, kind in DEPLOYMENTS
    ]  # fmt: skip
    incidents = [
        {"key": f"issue:{number}", "issue": str(number), "opened_at": moment(opened), "closed_at": moment(closed),
         "started_at": moment(opened), "resolved_at": moment(closed), "caused_by": by, "attribution": rule}
        for number, opened, closed, by, rule in ISSUES
    ]  # fmt: skip
    failure = {"key": "failure:d3", "issue": "", "opened_at": "", "closed_at": "", "started_at": moment(3),
               "resolved_at": moment(4), "caused_by": "d3", "attribution": "revert"}  # fmt: skip
    commits = [{"deployment": by, "lead_time_hours": str(days * 24)} for by, days in COMMITS]
    rows = {"changes": changes, "deployments": deployments, "incidents": [*incidents, failure], "commits": commits}
    if shuffled:
        for each in rows.values():
            shuffled.shuffle(each)
    return {name: pd.DataFrame(each) for name, each in rows.items()}


def results(profile: str, frames: dict[str, pd.DataFrame], grain: str = "all", *, knows_issues: bool = True) -> Results:
    return calculate_results(
        frames["changes"], frames["deployments"], frames["incidents"], commits=frames["commits"], as_of=AS_OF,
        grain=grain, timezone="UTC", fiscal_start_month=1, repositories=("acme/shop",), profile=profile,
        knows_issues=knows_issues,
    )  # fmt: skip


def of(profile: str, *, frames: Optional[dict[str, pd.DataFrame]] = None) -> PeriodResult:
    return results(profile, frames or world()).overall


@pytest.mark.parametrize(
    ("profile", "days", "n"),
    [
        pytest.param("dora", 2.875, 4, id="dora: 1.75, 1, 6 and the lone commit's 4: (1.75 + 4) / 2"),
        pytest.param("devlake", 2.0, 3, id="devlake: 0.75+0.5+0.5 = 1.75, (-1)+1.5+0.5 = 2, 4+1+1 = 6: the middle"),
        pytest.param("fourkeys", 2.875, 4, id="fourkeys: commits of 1.75, 1, 6, 4, the one of 0 dropped"),
        pytest.param("middleware", 6.5 / 3, 3, id="middleware: 0.5+1, 0+2 (negative coding is 0), 1+2: their mean"),
        pytest.param("gitlab", 0.75, 4, id="gitlab: from the merge 7, 0.5, 0.5, 1, the first deployment's too"),
    ],
)
def test_lead_time(profile: str, days: float, n: int) -> None:
    spread = of(profile).lead_time.spread
    value = spread.mean_s if profile == "middleware" else spread.median_s

    assert (value, spread.n) == (pytest.approx(days * DAY_S), n)


@pytest.mark.parametrize(
    ("profile", "per_day", "deployments"),
    [
        pytest.param("dora", 4 / 14, 4, id="dora: without the redeploy, by covered days"),
        pytest.param("devlake", 1 / 7, 5, id="devlake: 4 days of the first week and 1 of the second: the lower, 1"),
        pytest.param("fourkeys", 2.5 / 7, 5, id="fourkeys: 4 and 1 days: 2.5"),
        pytest.param("middleware", 5 / 14, 5, id="middleware: the redeploy counts"),
        pytest.param("gitlab", 5 / 14, 5, id="gitlab: the redeploy counts"),
    ],
)
def test_deployment_frequency(profile: str, per_day: float, deployments: int) -> None:
    found = of(profile).deployment_frequency

    assert (found.per_day, found.deployments) == (pytest.approx(per_day), deployments)


@pytest.mark.parametrize(
    ("profile", "failed", "deployments"),
    [
        pytest.param("dora", 0, 3, id="dora: of those that can fail, as the deployments' own column says"),
        pytest.param("devlake", 2, 5, id="devlake: #7 blames d2, #8 and #9 blame d5"),
        pytest.param("fourkeys", 1, 5, id="fourkeys: only #7 names its cause"),
        pytest.param("middleware", 2, 5, id="middleware: d2 by #7 and by pr:3, reverted, merged @2.5; d5 by #8 and #9"),
        pytest.param("gitlab", 3, 5, id="gitlab: three incidents"),
    ],
)
def test_failure_rate(profile: str, failed: int, deployments: int) -> None:
    found = of(profile).change_failure_rate

    assert (found.failed, found.deployments, found.ratio) == (failed, deployments, pytest.approx(failed / deployments))


@pytest.mark.parametrize(
    ("profile", "days", "n"),
    [
        pytest.param("devlake", 1.5, 2, id="devlake: #7 from d2: 1.5, #8 from d5: 2.5: the lower"),
        pytest.param("fourkeys", 1.75, 2, id="fourkeys: #7 from the named d2: 1.5, #8 from its opening: 2"),
        pytest.param("middleware", 8.5 / 3, 3, id="middleware: #7 1, #8 2, the revert of pr:3 from 2.5 to 8: 5.5"),
        pytest.param("gitlab", 1.5, 2, id="gitlab: #7 1 and #8 2; #9 is open"),
    ],
)
def test_recovery(profile: str, days: float, n: int) -> None:
    spread = of(profile).mttr.spread
    value = spread.mean_s if profile == "middleware" else spread.median_s

    assert (value, spread.n) == (pytest.approx(days * DAY_S), n)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_order_of_rows_does_not_matter(profile: str) -> None:
    for seed in range(3):
        shuffled = world(shuffled=random.Random(seed))  # noqa: S311 (an order, no secret)

        assert of(profile, frames=shuffled) == of(profile)


@pytest.mark.parametrize("profile", PROFILES)
def test_each_period_of_any_length_has_its_numbers(profile: str) -> None:
    found = results(profile, world(), "weekly")

    assert [period.period.label for period in found.periods] == ["2025-W10", "2025-W11"]
    assert (found.profile, found.profile_note is None) == (profile, profile == "dora")


@pytest.mark.parametrize("profile", PROFILES[1:])
def test_each_number_says_its_rule_and_why_it_is_another(profile: str) -> None:
    found = of(profile)

    assert all(found.why[metric] for metric in ("lead_time", "deployment_frequency", "change_failure_rate", "mttr"))
    assert all(value.rule for value in (found.lead_time, found.mttr, found.change_failure_rate))
    assert found.rework_rate.ratio is None


@pytest.mark.parametrize("profile", ["devlake", "middleware"])
def test_without_githubs_times_their_lead_time_has_no_value_and_the_reason(profile: str) -> None:
    frames = world()
    frames["changes"]["created_at"] = ""

    lead_time = of(profile, frames=frames).lead_time

    assert lead_time.spread.n == 0
    assert "which only GitHub knows" in lead_time.rule


def test_devlake_knows_no_failure_rate_without_any_incident() -> None:
    frames = world()
    frames["incidents"] = frames["incidents"][3:]

    assert of("devlake", frames=frames).change_failure_rate.ratio is None
    assert of("gitlab", frames=frames).change_failure_rate.ratio == 0
    assert "no incident issue is known at all" in of("gitlab", frames=frames).why["change_failure_rate"]


def test_the_reasons_count_only_what_lies_in_the_period() -> None:
    """The lone commit and the redeploy are of one week each; the first deployment's pull request is of the first."""
    first, second = (period.why for period in results("devlake", world(), "weekly").periods)
    gitlab = [period.why["lead_time"] for period in results("gitlab", world(), "weekly").periods]

    assert "commit without a pull request" not in first["lead_time"]
    assert "1 commit without a pull request does not count; " in second["lead_time"]
    assert "1 redeploy or rollback counts too; " in first["deployment_frequency"]
    assert "redeploy" not in second["deployment_frequency"]
    assert ["1 pull request that the first deployment brought counts too" in why for why in gitlab] == [True, False]


@pytest.mark.parametrize(("profile", "week"), [("devlake", 1), ("fourkeys", 2.5), ("middleware", None), ("dora", None)])
def test_a_rate_made_of_the_median_week_says_its_days(profile: str, week: Optional[float]) -> None:
    """`13 deployments (0 a year)` would contradict itself: the week's days are what the tool shows."""
    found = of(profile)

    assert found.deployment_frequency.median_week_days == week
    assert metric_cells(found, found)[1].basis.startswith("median ") is (week is not None)


@pytest.mark.parametrize("profile", PROFILES[1:])
def test_without_github_a_failure_rate_is_not_known_and_shows_no_count(profile: str) -> None:
    found = results(profile, world(), knows_issues=False).overall
    rate = found.change_failure_rate

    assert (rate.ratio, rate.deployments) == (None, found.deployment_frequency.deployments)
    assert metric_cells(found, found)[2] == Cell("no data", "", "")
    assert period_object(found)["change_failure_rate"]["failed"] is None


@pytest.mark.parametrize("profile", PROFILES[1:])
def test_a_metric_that_the_tool_does_not_have_is_no_zero_of_zero(profile: str) -> None:
    found = of(profile)

    assert metric_cells(found, found)[4] == Cell("not defined", "", "")


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="profile 'datadog' is unknown"):
        of("datadog")


@pytest.mark.parametrize("profile", PROFILES)
def test_nothing_at_all_has_no_value_and_no_fault(profile: str) -> None:
    empty = {name: frame[:0] for name, frame in world().items()}

    found = of(profile, frames=empty)

    assert (found.lead_time.spread.n, found.deployment_frequency.deployments, found.mttr.spread.n) == (0, 0, 0)
    assert found.change_failure_rate.ratio is None
