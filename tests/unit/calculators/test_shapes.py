"""How lead times spread out and through which stages: of exactly the changes that the metrics count."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dora_metrics import calculate_results
from dora_metrics.calculators.shapes import shapes_of
from dora_metrics.domain.measurements import Results
from dora_metrics.domain.shapes import STAGES, Shapes
from support.metric_frames import change, changes_frame, day, deployment, deployments_frame, incidents_frame

MINUTE_H = 1 / 60


def made(waits_h: list[float], grain: str = "monthly") -> tuple[Results, Shapes]:
    """A change a wait, deployed on days 1, 2, … of 2025; one more that waits and one left out."""
    rows = [change(day(1 + number), wait) for number, wait in enumerate(waits_h)]
    rows += [change(None, merged_at=day(2), started_at=day(1)), change(day(3), left_out="negative")]
    frame = changes_frame(rows)
    results = calculate_results(
        frame,
        deployments_frame([deployment(day(0.5), "initial"), *(deployment(day(1 + n)) for n in range(len(waits_h)))]),
        incidents_frame(),
        as_of=day(100),
        grain=grain,
        timezone="UTC",
        fiscal_start_month=1,
        repositories=("acme/shop",),
    )
    return results, shapes_of(frame, results)


@given(st.lists(st.floats(0, 100_000), max_size=60))
def test_every_counted_lead_time_is_in_exactly_one_bin(waits_h: list[float]) -> None:
    """Of each period and of the whole window as many as the metric's n: an oracle that shares no code with the bins."""
    results, shapes = made(waits_h)

    assert sum(shapes.overall.counts) == results.overall.lead_time.spread.n
    assert [sum(shape.counts) for shape in shapes.periods] == [each.lead_time.spread.n for each in results.periods]
    assert len(shapes.edges_s) == (len(shapes.overall.counts) + 1 if waits_h else 0)
    if waits_h:
        seconds = np.round(np.array(waits_h) * 3600)
        assert shapes.edges_s[-1] > seconds.max()
        expected = np.histogram(np.maximum(seconds, shapes.edges_s[0]), bins=shapes.edges_s)[0].tolist()
        assert list(shapes.overall.counts) == expected


@pytest.mark.parametrize(
    ("wait_h", "bin_"),
    [
        pytest.param(0.0, (60.0, 60 * 10**0.25), id="no wait at all is in the first bin"),
        pytest.param(MINUTE_H, (60.0, 60 * 10**0.25), id="a bin holds its lower edge"),
        pytest.param(10 * MINUTE_H, (600.0, 600 * 10**0.25), id="and not its upper one"),
    ],
)
def test_bins_are_quarters_of_a_power_of_ten(wait_h: float, bin_: tuple[float, float]) -> None:
    _, shapes = made([wait_h])

    assert shapes.edges_s == pytest.approx(bin_)
    assert shapes.overall.counts == (1,)


def test_a_stage_is_counted_where_it_is_known() -> None:
    results, _ = made([10.0, 20.0, 30.0])
    frame = changes_frame([change(day(1 + number), wait) for number, wait in enumerate((10.0, 20.0, 30.0))])
    frame["review_hours"] = [1.0, float("nan"), 3.0]

    shape = shapes_of(frame, results).overall

    spreads = dict(zip(STAGES, shape.stages))
    assert (spreads["review"].n, spreads["review"].median_s) == (2, 7200.0)
    assert spreads["coding"].n == 0


def test_nothing_deployed_has_no_bins() -> None:
    frame = changes_frame([])
    results = calculate_results(
        frame,
        deployments_frame([]),
        incidents_frame(),
        as_of=day(3),
        grain="quarterly",
        timezone="UTC",
        fiscal_start_month=1,
        repositories=(),
    )

    shapes = shapes_of(frame, results)

    assert (shapes.edges_s, shapes.periods, shapes.overall.counts) == ((), (), ())
