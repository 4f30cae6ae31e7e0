"""How far the numbers can be trusted: what the first screen says, gravest first, with the counts behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest

from dora_metrics.domain.measurements import ChangeFailureRate, DeploymentFrequency, PeriodResult, Results
from dora_metrics.report.view_periods import choose_focus
from dora_metrics.report.view_trust import judge
from support.report_inputs import a_period, frames, results, shop
from support.report_rows import FIRST, a_change, a_deployment


def trust(answer: Optional[Results] = None, *, unresolved: int = 0, truncated: bool = False, **rows: Any) -> str:
    answer, made = answer or results(), frames(**rows)
    return judge(
        answer,
        choose_focus(answer),
        changes=made["changes"],
        deployments=made["deployments"],
        unresolved=unresolved,
        truncated=truncated,
    ).sentence


def a_quarter(failed: int, explicit: int, label: str = "2025-Q1") -> PeriodResult:
    return a_period(
        label,
        deployment_frequency=DeploymentFrequency(40, 90.0),
        change_failure_rate=ChangeFailureRate(failed, explicit, 40),
    )


def with_failures(period: tuple[int, int], overall: tuple[int, int]) -> Results:
    return results(a_quarter(*period), overall=a_quarter(*overall, label="overall"))


def test_the_gravest_doubt_comes_first() -> None:
    story = shop()[0]

    assert trust() == "Nothing has been deployed yet, so there is nothing to measure."
    assert trust(story, truncated=True).startswith("Read lead times with care: the clone is shallow")
    assert trust(story).startswith("Read the failure numbers with care: most failures are proposals.")


@pytest.mark.parametrize(
    ("period", "overall", "said"),
    [
        pytest.param(
            (3, 0), (12, 8), "3 of the 3 failed deployments of 2025-Q1, 4 of the 12 of the whole window.", id="both"
        ),
        pytest.param(
            (1, 1), (1, 0), "0 of the 1 failed deployment of 2025-Q1, 1 of the 1 of the whole window.", id="one"
        ),
        pytest.param(
            (0, 0), (2, 2), "0 of the 2 failed deployments of the whole window; 2025-Q1 has none.", id="none here"
        ),
    ],
)
def test_unreviewed_proposals_are_counted_in_the_period_and_in_the_window(
    period: tuple[int, int], overall: tuple[int, int], said: str
) -> None:
    assert f"Proposals that nobody has confirmed: {said}" in trust(with_failures(period, overall))


@pytest.mark.parametrize(("partial", "grain"), [(True, "quarterly"), (False, "all")])
def test_where_the_page_speaks_of_the_window_only_that_is_counted(partial: bool, grain: str) -> None:
    only = replace(a_quarter(12, 8), partial=partial)

    said = trust(results(only, overall=a_quarter(12, 8, "overall"), grain=grain))

    assert said.endswith("Proposals that nobody has confirmed: 4 of the 12 failed deployments of the whole window.")


@pytest.mark.parametrize(
    ("period", "overall", "doubt"),
    [
        pytest.param((3, 0), (12, 8), "with care: most failures of this period are proposals.", id="the period's"),
        pytest.param((3, 3), (12, 4), "with care: most failures are proposals.", id="the window's"),
        pytest.param((2, 1), (12, 8), "The numbers rest on the whole history.", id="half is not most"),
    ],
)
def test_a_doubt_is_raised_where_most_failures_are_proposals(
    period: tuple[int, int], overall: tuple[int, int], doubt: str
) -> None:
    said = trust(with_failures(period, overall))

    assert said.removeprefix("Read the failure numbers ").startswith(doubt)


def test_that_no_failure_is_known_is_said_though_another_doubt_leads() -> None:
    nothing = with_failures((0, 0), (0, 0))

    assert trust(nothing).count("no failure is known") == 1
    assert "No failure is known in the whole history." in trust(nothing, truncated=True)


def test_unresolved_pull_requests_are_counted_where_there_are_any() -> None:
    answer = with_failures((3, 0), (12, 8))

    assert trust(answer, unresolved=1).endswith("1 merged pull request was not found in the history.")
    assert trust(answer, unresolved=1200).endswith("1,200 merged pull requests were not found in the history.")
    assert "not found" not in trust(answer)


def test_a_truncated_history_is_always_said_once() -> None:
    assert trust(with_failures((3, 0), (12, 8)), truncated=True).count("the clone is shallow") == 1
    assert trust(truncated=True).endswith("The clone is shallow: old commits are missing.")
    assert "shallow" not in trust(with_failures((3, 0), (12, 8)))


def test_the_sentence_counts_the_changes() -> None:
    made = a_deployment(1, FIRST)
    rows = [a_change(1, FIRST, made, 5.0), a_change(17, FIRST), {**a_change(2, FIRST, made), "left_out": "negative"}]

    assert trust(changes=rows).endswith(
        "50 % of the changes belong to a pull request; 1 was left out, 1 not yet deployed on 2025-05-09."
    )
