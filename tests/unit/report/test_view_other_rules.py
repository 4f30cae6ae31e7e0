"""A page under another tool's definitions says only what that tool defines, and never zero for what it does not."""

from __future__ import annotations

import json

import pytest

from dora_metrics.calculators.profile import METRICS
from dora_metrics.domain.measurements import LeadTime, PeriodResult, ReworkRate, Spread
from dora_metrics.report.numbers_json import raw_number
from dora_metrics.report.view_grains import make_grain
from dora_metrics.report.view_headlines import Headline
from dora_metrics.report.view_trust import Counts
from support.report_inputs import a_period, facts, results

WHY = dict.fromkeys(METRICS, "counted otherwise")


def foreign(spread: Spread) -> PeriodResult:
    return a_period("Q1", lead_time=LeadTime(spread), rework_rate=ReworkRate(0, 0), why=WHY)


def headlines(period: PeriodResult) -> dict[str, Headline]:
    grain = make_grain(results(period, overall=period), None, (), facts(), Counts(0, 0, 0, 0), "the first commit")
    assert "rework_rate" not in grain.drawn
    return {card.key: card for card in grain.first.headlines}


@pytest.mark.parametrize(
    ("spread", "path", "basis"),
    [
        pytest.param(
            Spread(n=7, median_s=7200.0), "lead_time.median_hours", "Median of 7 items by its rule", id="median"
        ),
        pytest.param(Spread(n=7, mean_s=7200.0), "lead_time.mean_hours", "Mean of 7 items by its rule", id="mean"),
    ],
)
def test_the_value_is_the_tools_own_median_or_mean(spread: Spread, path: str, basis: str) -> None:
    card = headlines(foreign(spread))["lead_time"]

    assert (card.value, card.path, json.loads(card.raw), card.basis) == ("2 h", path, 2.0, (basis,))
    assert card.beside == ("Counted otherwise",)
    assert [link.show for link in card.links] == [""]


def test_what_the_tool_does_not_define_says_so() -> None:
    card = headlines(foreign(Spread()))["rework_rate"]

    assert (card.value, card.raw, card.overall, card.trend.words) == ("not defined", "null", "", "")
    assert raw_number(foreign(Spread()), "lead_time.undeployed") == "null"
