"""The pictures beside the metrics over time: what is drawn, where, and in which words."""

from __future__ import annotations

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dora_metrics.domain.measurements import DeploymentFrequency, LeadTime, PeriodResult, Results, Spread
from dora_metrics.domain.shapes import PeriodShape, Shapes
from dora_metrics.report.svg_timeline import Event, Timeline, draw_timeline
from dora_metrics.report.view_ages import ages_chart, ages_table, count_ages
from dora_metrics.report.view_compare import draw_comparison, make_comparison
from dora_metrics.report.view_overview import POOLED, Part, make_overview
from dora_metrics.report.view_periods import choose_focus, focus_at
from dora_metrics.report.view_shapes import distribution_chart, stage_charts, unknown_stages
from dora_metrics.report.view_timeline import FAILED, MOST, make_timeline
from support.report_inputs import a_period, frames, results, spread
from support.report_rows import AS_OF, FIRST, a_change, a_deployment

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)


def timeline(*rows: dict[str, Any]) -> Timeline:
    made = make_timeline(frames(deployments=rows)["deployments"], zone=UTC, as_of=AS_OF)
    assert made is not None
    return made


def test_each_deployment_has_its_lane_and_a_failure_its_length() -> None:
    failed = {
        **a_deployment(1, AS_OF - 50 * DAY),
        "failed": "true",
        "failure_provenance": "inferred",
        "began_at": (AS_OF - 50 * DAY).isoformat().replace("+00:00", "Z"),
        "restored_at": (AS_OF - 25 * DAY).isoformat().replace("+00:00", "Z"),
        "recovery_hours": 600.0,
    }
    drawn = timeline(failed, {**a_deployment(2, AS_OF - 25 * DAY), "kind": "rollback"}, a_deployment(3, AS_OF))

    by_lane = {event.lane: event for event in drawn.events}
    outage = by_lane[FAILED]
    assert sorted(event.lane for event in drawn.events) == [0, 0, 2, FAILED]
    assert outage.at < by_lane[2].at < 100
    assert outage.until == pytest.approx(by_lane[2].at)
    assert "recovered after 25 days; a proposal" in outage.tip
    assert drawn.description.startswith("3 deployments from ")


def test_an_open_failure_reaches_the_end_and_says_so() -> None:
    drawn = timeline({**a_deployment(1, AS_OF - DAY), "failed": "true", "restored_at": "", "recovery_hours": ""})

    [outage] = [event for event in drawn.events if event.lane == FAILED]
    assert (outage.until, outage.still_open) == (100.0, True)
    assert "still open" in outage.tip


def test_of_many_deployments_the_newest_are_drawn_and_the_rest_is_said() -> None:
    drawn = timeline(*(a_deployment(number, FIRST + number * DAY / 2) for number in range(MOST + 20)))

    assert len(drawn.events) == MOST
    assert "20 older deployments not drawn" in drawn.description


def test_nothing_deployed_has_no_timeline() -> None:
    assert make_timeline(frames()["deployments"], zone=UTC, as_of=AS_OF) is None


class Read(HTMLParser):
    tags: list[str]

    def handle_starttag(self, tag: str, attrs: Any) -> None:  # noqa: ARG002 (the parser's own name)
        self.__dict__.setdefault("tags", []).append(tag)


def test_a_hostile_name_stays_text_in_the_timeline() -> None:
    bad = "</title><script>alert(1)</script>\" onload='x'"
    page = Read()

    page.feed(
        draw_timeline(Timeline("k", bad, bad, (bad,), (Event(0, 5.0, "normal", bad, key=bad),), ((1.0, bad, False),)))
    )

    assert set(page.tags) == {"svg", "title", "desc", "line", "text", "g", "circle"}


@pytest.mark.parametrize(
    ("days", "place"),
    [(0.5, 0), (1.0, 1), (6.9, 1), (7.0, 2), (31.0, 3), (120.0, 4), (400.0, 5)],
)
def test_what_waits_is_counted_by_age_each_bin_with_its_lower_end(days: float, place: int) -> None:
    counts = count_ages(frames(changes=[a_change(1, AS_OF - days * DAY)])["changes"], AS_OF)

    assert counts == tuple(int(index == place) for index in range(6))


def test_nothing_waiting_has_no_picture_but_a_table() -> None:
    nothing = count_ages(frames(changes=[a_change(1, FIRST, a_deployment(1, FIRST), 5.0)])["changes"], AS_OF)

    assert ages_chart(nothing, "2025-01-01") is None
    assert [row[1].text for row in ages_table(nothing).rows] == ["0"] * 6


def a_shape(*counts: int) -> PeriodShape:
    return PeriodShape(
        (Spread(), Spread(), Spread(), spread([3600.0] * sum(counts)) if sum(counts) else Spread()), counts
    )


def test_the_distribution_sets_the_period_before_the_whole_window() -> None:
    shapes = Shapes((3600.0, 6401.4, 11383.6), (a_shape(1, 0),), a_shape(3, 1))

    chart = distribution_chart(shapes, shapes.periods[0], "Q1")

    assert chart is not None
    assert [mark.tip for mark in chart.marks] == [
        "up to 1.8 h: 3 changes in the whole window, 1 in Q1",
        "1.8 to 3.2 h: 1 change in the whole window, 0 in Q1",
    ]
    assert [(mark.height, mark.inner) for mark in chart.marks] == [(0.75, 0.25), (0.25, 0.0)]
    assert chart.marks[0].show == "lead:0.000:6401.400"
    assert chart.marks[1].show == "lead:6401.400:"


def test_a_stage_that_nobody_knows_is_said_and_not_drawn() -> None:
    own = a_period("2025-Q1", lead_time=LeadTime(spread([3600.0] * 4)))
    shapes = Shapes((3600.0, 6401.4), (a_shape(4),), a_shape(4))

    charts = stage_charts(results(own), shapes, 200)

    assert [name for name, _, _ in charts] == ["Deploy"]
    assert unknown_stages(charts).startswith("Coding, Pickup, Review: no data;")


def frequency(label: str, count: int, place: int = 0, **changed: Any) -> PeriodResult:
    value = DeploymentFrequency(count, 90.0, ci95_deployments=(count / 2, count * 2.0))
    return a_period(label, FIRST + 90 * place * DAY, deployment_frequency=value, **changed)


def test_periods_are_compared_on_one_scale_that_holds_both() -> None:
    held = results(frequency("Q1", 10), frequency("Q2", 20, 1))

    row = make_comparison(held, choose_focus(held))[1]

    assert (row.before.label, row.now.label) == ("Q1", "Q2")
    assert row.before.at is not None
    assert row.now.at == pytest.approx(2 * row.before.at)
    assert row.now.at <= 1
    assert 'aria-label="Deployment frequency: Q1' in draw_comparison(row)


def test_a_partial_period_and_the_first_one_are_compared_with_nothing() -> None:
    held = results(frequency("Q1", 10), frequency("Q2", 20, 1, partial=True))

    assert make_comparison(held, focus_at(held, 1)) == ()
    assert make_comparison(held, focus_at(held, 0)) == ()
    assert make_comparison(held, focus_at(held, None)) == ()


def of(count: int) -> Results:
    return results(frequency("2025-Q1", count))


def test_the_overview_keeps_the_configured_order_and_pools_first() -> None:
    """Nothing is ranked: the busiest stands where the configuration has it."""
    parts = [Part("b", {"quarterly": of(1)}), Part("a", {"quarterly": of(9)}), Part("new", {"quarterly": results()})]

    table = make_overview(of(10), 0, parts)

    assert table is not None
    assert [row[0].text for row in table.rows] == [POOLED, "b", "a", "new"]
    assert [row[2].text for row in table.rows] == ["0.78", "0.08", "0.70", "no data"]
    assert table.columns[2].heading == "Deployments a week"


def test_one_repository_alone_has_no_overview() -> None:
    assert make_overview(of(1), 0, [Part("a", {"quarterly": of(1)})]) is None
