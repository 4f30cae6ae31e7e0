"""What the charts draw of the results: values in one unit, gaps, marks to be read with care, captions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Optional

from dora_metrics.domain.measurements import (
    ChangeFailureRate,
    DeploymentFrequency,
    LeadTime,
    PeriodResult,
    Results,
    Spread,
)
from dora_metrics.report.results_cells import HEADINGS, metric_cells
from dora_metrics.report.svg import Chart
from dora_metrics.report.table import NONE
from dora_metrics.report.view_charts import MOST_PERIODS, ChartSection, make_charts
from dora_metrics.report.view_periods import choose_focus
from support.report_inputs import a_period, results, shop
from support.report_rows import FIRST

HOUR = 3600.0


def a_quarter(number: int, hours: Optional[float], n: int = 10) -> PeriodResult:
    median_s = None if hours is None else hours * HOUR
    interval = None if hours is None else (median_s / 2, median_s * 2) if median_s else None
    lead_time = LeadTime(Spread(n if hours is not None else 0, median_s, ci95_s=interval))
    return a_period(f"Q{number}", FIRST + timedelta(days=90 * number), lead_time=lead_time)


def chart_of(key: str, *periods: PeriodResult) -> Chart:
    chart = charts(results(*periods))[key].chart
    assert chart is not None
    return chart


def charts(answer: Results) -> dict[str, ChartSection]:
    return {section.key: section for section in make_charts(answer, choose_focus(answer), "the first commit")}


def test_there_is_a_chart_for_each_metric_and_none_without_periods() -> None:
    assert list(charts(shop()[0])) == [
        "lead_time",
        "deployment_frequency",
        "mttr",
        "change_failure_rate",
        "rework_rate",
    ]
    assert charts(results()) == {}


def test_heights_are_the_values_on_the_axis_and_no_data_is_a_gap() -> None:
    chart = chart_of("lead_time", a_quarter(1, 5), a_quarter(2, None), a_quarter(3, 10))

    top = float(chart.lines[-1][1].split()[0])
    assert [mark.height for mark in chart.marks] == [5 / top, None, 10 / top]
    assert [mark.low for mark in chart.marks] == [2.5 / top, None, 5 / top]
    assert chart.marks[1].tip == "Q2: no data, n = 0"
    assert chart.marks[2].tip == "Q3: 10 h, n = 10, 95 % interval 5 to 20 h"


def test_a_period_without_deployments_is_a_zero_and_one_without_coverage_a_gap() -> None:
    uncovered = a_period("Q2", FIRST + timedelta(days=90), deployment_frequency=DeploymentFrequency(0, 0.0))

    chart = chart_of("deployment_frequency", a_period("Q1"), uncovered)

    assert [mark.height for mark in chart.marks] == [0.0, None]


def test_partial_and_thin_periods_are_hollow() -> None:
    thin, partial = a_quarter(2, 8, n=5), replace(a_quarter(3, 9), partial=True)

    chart = chart_of("lead_time", a_quarter(1, 5), thin, partial)

    assert [mark.hollow for mark in chart.marks] == [False, True, True]


def test_the_caption_tells_the_extremes_of_what_can_be_compared() -> None:
    periods = [a_quarter(1, 30), a_quarter(2, 20), a_quarter(3, 10), replace(a_quarter(4, 2), partial=True)]

    caption = charts(results(*periods))["lead_time"].caption

    assert "The median time from the first commit to production" in caption
    assert "From Q1 to Q4 the highest is 30 h in Q1, the lowest 10 h in Q3." in caption


def test_the_headlines_period_is_marked_with_its_value() -> None:
    chart = chart_of("lead_time", a_quarter(1, 5), a_quarter(2, 8), replace(a_quarter(3, 9), partial=True))

    assert (chart.focus, chart.focus_label) == (1, "Q2: 8 h")


def test_more_periods_than_fit_are_said_not_drawn() -> None:
    many = [a_quarter(number, 5) for number in range(MOST_PERIODS + 3)]

    chart = chart_of("lead_time", *many)

    assert len(chart.marks) == MOST_PERIODS
    assert "3 older quarters not drawn." in chart.description
    assert chart.focus == MOST_PERIODS - 1


def test_a_metric_without_any_value_has_words_and_a_table_but_no_drawing() -> None:
    section = charts(results(a_quarter(1, None), a_quarter(2, None)))["lead_time"]

    assert section.chart is None
    assert section.caption.endswith("There is no value yet.")
    assert len(section.table.rows) == 2


def test_many_bars_stand_without_their_intervals() -> None:
    few = chart_of("deployment_frequency", *(a_quarter(number, 5) for number in range(40)))
    many = chart_of("deployment_frequency", *(a_quarter(number, 5) for number in range(41)))

    assert few.marks[0].high is not None
    assert many.marks[0].high is None


def test_a_cut_interval_and_a_logarithmic_scale_are_said() -> None:
    wild = replace(a_quarter(2, 9), lead_time=LeadTime(Spread(10, 9 * HOUR, ci95_s=(HOUR, 900 * HOUR))))
    section = charts(results(a_quarter(1, 5), wild))["lead_time"]

    assert "An interval that ends in an arrow goes on beyond the scale; the table has its end." in section.caption
    assert section.chart is not None
    assert [mark.cut for mark in section.chart.marks] == [(False, False), (False, True)]
    assert "logarithmic" in charts(results(a_quarter(1, 1), a_quarter(2, 900)))["lead_time"].caption


def test_an_interval_below_a_logarithmic_scale_is_cut_there() -> None:
    low = replace(a_quarter(2, 900), lead_time=LeadTime(Spread(10, 900 * HOUR, ci95_s=(0.0, 950 * HOUR))))

    assert chart_of("lead_time", a_quarter(1, 1), low).marks[1].cut == (True, False)


def a_rate(failed: int, deployments: int, interval: tuple[float, float]) -> PeriodResult:
    return a_period("Q", change_failure_rate=ChangeFailureRate(failed, 0, deployments, ci95=interval))


def test_the_interval_of_a_partial_period_does_not_rule_the_axis() -> None:
    """One of two deployments failed in the first days of a quarter: from 9.5 to 90.5 %."""
    tiny = replace(a_rate(1, 2, (0.095, 0.905)), partial=True)
    whole = [a_rate(2, 20, (0.028, 0.301)), a_rate(3, 22, (0.047, 0.333)), a_rate(3, 5, (0.231, 0.882))]

    chart = chart_of("change_failure_rate", *whole, tiny)

    assert chart.lines[-1][1] == "60 %"
    assert [mark.cut for mark in chart.marks] == [(False, False), (False, False), (False, True), (False, True)]


def test_where_all_are_thin_their_intervals_rule() -> None:
    chart = chart_of("change_failure_rate", a_rate(0, 1, (0.0, 0.793)), a_rate(0, 4, (0.0, 0.49)))

    assert chart.lines[-1][1] == "60 %"
    assert [mark.cut[1] for mark in chart.marks] == [True, False]


def test_each_period_reads_as_calculate_says_it() -> None:
    answer = shop()[0]
    sections = charts(answer)

    for index, period in enumerate(answer.periods):
        cells = dict(zip(HEADINGS, metric_cells(period, answer.overall)))
        frequency = cells["Deployments"]
        said = {key: marks_at(sections[key], index) for key in sections}
        assert said["lead_time"].startswith(f"{period.period.label}: {cells['Lead time'].value},")
        assert said["mttr"].startswith(f"{period.period.label}: {cells['Recovery (MTTR)'].value},")
        assert said["change_failure_rate"].startswith(f"{period.period.label}: {cells['Failure rate'].value},")
        assert f"{frequency.value} deployment" in said["deployment_frequency"]
        assert f", {frequency.basis}" in said["deployment_frequency"]


def marks_at(section: ChartSection, index: int) -> str:
    assert section.chart is not None
    return section.chart.marks[index].tip


def test_the_table_marks_what_is_partial_or_provisional() -> None:
    running = replace(a_quarter(1, 5), partial=True, provisional=True)

    table = charts(results(running))["lead_time"].table

    assert table.rows[0][0].note == "partial, provisional"


def test_the_table_has_one_unit_and_the_newest_period_first() -> None:
    table = charts(results(a_quarter(1, 5), a_quarter(2, None), a_quarter(3, 30)))["lead_time"].table

    assert table.columns[3].heading == "Median, hours"
    assert [[cell.text for cell in row[:5]] for row in table.rows] == [
        ["Q3", "2022-11-11 to 2023-02-09", "10", "30.0", "15.0 to 60.0"],
        ["Q2", "2022-08-13 to 2022-11-11", "0", "no data", NONE],
        ["Q1", "2022-05-15 to 2022-08-13", "10", "5.0", "2.5 to 10.0"],
    ]
