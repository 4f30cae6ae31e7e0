"""Headlines and trends: what is said, and when nothing is claimed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Optional

import pytest

from dora_metrics.domain.measurements import (
    ChangeFailureRate,
    DeploymentFrequency,
    LeadTime,
    PeriodResult,
    RecoveryTime,
    ReworkRate,
    Spread,
)
from dora_metrics.report.view_headlines import Headline, Trend, make_headlines
from dora_metrics.report.view_periods import choose_focus
from support.report_inputs import a_period, results
from support.report_rows import FIRST

HOUR = 3600.0
NEXT = FIRST + timedelta(days=90)


def waits(hours: Optional[float], n: int = 20, interval: Optional[tuple[float, float]] = None) -> LeadTime:
    ci95 = None if interval is None else (interval[0] * HOUR, interval[1] * HOUR)
    return LeadTime(Spread(n, None if hours is None else hours * HOUR, ci95_s=ci95))


def headline(key: str, *periods: PeriodResult, **changed: Any) -> Headline:
    answer = results(*periods, **changed)
    return next(card for card in make_headlines(answer, choose_focus(answer), "2023") if card.key == key)


@pytest.mark.parametrize(
    ("before", "now", "trend"),
    [
        pytest.param(
            waits(32, interval=(28, 36)),
            waits(20, interval=(15, 26)),
            Trend("Shorter than in Q1 (32 h)", "▼", "good"),
            id="clearly shorter",
        ),
        pytest.param(
            waits(20, interval=(15, 26)),
            waits(32, interval=(28, 36)),
            Trend("Longer than in Q1 (20 h)", "▲", "bad"),
            id="clearly longer",
        ),
        pytest.param(
            waits(32, interval=(20, 40)),
            waits(20, interval=(15, 26)),
            Trend("Q1: 32 h; no clear change"),
            id="intervals that overlap claim nothing",
        ),
        pytest.param(waits(32), waits(20), Trend("Shorter than in Q1 (32 h)"), id="no interval, no arrow"),
        pytest.param(waits(32, n=5), waits(20), Trend("Q1: 32 h; too few to compare"), id="too few before: no arrow"),
        pytest.param(waits(32), waits(20, n=5), Trend("Q1: 32 h; too few to compare"), id="too few now: no arrow"),
        pytest.param(waits(20), waits(20.01), Trend("The same as in Q1"), id="the same when said"),
        pytest.param(waits(None, n=0), waits(20), Trend("Q1: no data"), id="nothing to compare with"),
        pytest.param(waits(32), waits(None, n=0), Trend("Q1: 32 h"), id="nothing now"),
    ],
)
def test_the_trend_claims_only_what_the_numbers_bear(before: LeadTime, now: LeadTime, trend: Trend) -> None:
    card = headline("lead_time", a_period("Q1", lead_time=before), a_period("Q2", NEXT, lead_time=now))

    assert replace(card.trend, difference="") == trend


def test_a_partial_period_is_neither_headline_nor_compared() -> None:
    started = a_period("Q1", partial=True, lead_time=waits(90))
    whole = a_period("Q2", NEXT, lead_time=waits(20))
    running = a_period("Q3", NEXT + timedelta(days=90), partial=True, lead_time=waits(1))

    card = headline("lead_time", started, whole, running)

    assert card.value == "20 h"
    assert card.trend == Trend("No complete period before it to compare with")


def test_without_a_complete_period_the_whole_window_speaks_and_says_so() -> None:
    answer = results(a_period("Q1", partial=True), overall=a_period("overall", lead_time=waits(7)))
    focus = choose_focus(answer)

    assert focus.label == "The whole window"
    assert focus.marks[0] == "No complete quarter yet, so this is everything so far"
    assert make_headlines(answer, focus)[0].value == "7 h"
    assert make_headlines(answer, focus)[0].overall == ""


def test_provisional_and_partial_are_said_in_words() -> None:
    focus = choose_focus(results(a_period("Q1", provisional=True)))

    assert any(mark.startswith("Provisional: a late failure") for mark in focus.marks)


def test_where_most_periods_are_empty_a_longer_one_is_advised() -> None:
    empty = [replace(a_period(f"2024-{month:02}"), partial=False) for month in range(1, 4)]

    focus = choose_focus(results(*empty, grain="monthly"))

    assert "Nothing was deployed in 3 of 3 months: --period quarterly says more" in focus.marks


def test_undeployed_changes_stand_beside_the_median() -> None:
    lead_time = replace(
        waits(20), undeployed=3, undeployed_median_age_s=50 * HOUR, undeployed_oldest_s=288 * HOUR, left_out={"bot": 2}
    )

    beside = headline("lead_time", a_period("Q1", lead_time=lead_time)).beside

    assert beside == (
        "3 changes waited at its end, median age 2.1 days, oldest 12 days",
        "2 left out (by bots)",
    )


def test_that_nothing_waits_is_said_in_words() -> None:
    beside = headline("lead_time", a_period("Q1", lead_time=waits(20))).beside

    assert beside == ("No change was waiting at its end",)


def test_people_and_bots_are_shown_apart() -> None:
    lead_time = replace(waits(20), people_n=12, people_median_s=30 * HOUR, bots_n=8, bots_median_s=5 * HOUR)

    beside = headline("lead_time", a_period("Q1", lead_time=lead_time)).beside

    assert beside[0] == "People 30 h (n = 12), bots 5 h (n = 8)"


def test_the_failure_rate_tells_proposals_and_what_is_left_without_them() -> None:
    rate = ChangeFailureRate(3, 1, 12, unattributed=1, ci95=(0.089, 0.532))

    card = headline("change_failure_rate", a_period("Q1", change_failure_rate=rate))

    assert card.value == "25 %"
    assert card.basis == ("3 of 12 deployments failed", "95 % interval 8.9 to 53.2 %")
    assert card.beside == (
        "2 failures are proposals that nobody has confirmed; without them 8.3 %",
        "1 failure tied to no deployment",
    )


def test_recovery_shows_what_is_still_open() -> None:
    mttr = RecoveryTime(Spread(), open=2, open_oldest_s=216 * HOUR)

    card = headline("mttr", a_period("Q1", mttr=mttr))

    assert card.value == "no data"
    assert card.beside == ("2 failures open at its end, oldest 9 days",)


def test_rework_stands_beside_its_six_months() -> None:
    card = headline("rework_rate", a_period("Q1", rework_rate=ReworkRate(1, 8, 5, 40)))

    assert (card.value, card.beside) == ("12.5 %", ("Six months to its end: 12.5 %",))


def test_all_rates_of_the_page_have_the_unit_of_the_whole_windows() -> None:
    one = a_period("Q1", deployment_frequency=DeploymentFrequency(1, 90.0))
    overall = a_period("overall", deployment_frequency=DeploymentFrequency(10, 900.0))

    card = headline("deployment_frequency", one, a_period("Q2", NEXT), overall=overall)

    assert (card.value, card.trend.words, card.overall) == (
        "0 a year",
        "Q1: 4.1 a year; too few to compare",
        "4.1 a year",
    )


def test_frequency_says_what_it_is_made_of_and_a_level_names_its_table() -> None:
    frequency = DeploymentFrequency(12, 90.0, 10, 5 * 24 * HOUR, (6.2, 20.96), band=3, level="medium")

    card = headline("deployment_frequency", a_period("Q1", deployment_frequency=frequency))

    assert (card.value, card.number, card.unit) == ("4.1 a month", "4.1", "a month")
    assert card.basis == ("12 deployments in 90 days", "95 % interval 6.2 to 21 deployments")
    assert card.beside == (
        "On 10 days",
        "Median gap 5 days",
        "Survey band 3 of 6: once a week to once a month",
        "DORA 2023 table: medium",
    )
