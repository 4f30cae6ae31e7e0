"""What holds of the numbers whatever the history: properties, over the same histories as the oracle."""

from __future__ import annotations

import statistics
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dora_metrics.domain.measurements import Results
from support.oracle_comparison import calculated, judged, published
from support.oracle_facts import World
from support.oracle_plans import CHOICES, CUT_DAYS, MOVES, PLANS, SETTINGS, Plan, world_of
from support.oracle_worlds import WorldBuilder
from support.small_history import settings_with

EXAMPLES = 25


def results_of(world: World) -> Results:
    return calculated(world, judged(world), whole=False)


def without(values: dict[str, dict[str, Any]], name: str) -> dict[str, dict[str, Any]]:
    return {label: {key: value for key, value in row.items() if key != name} for label, row in values.items()}


@settings(max_examples=EXAMPLES)
@given(plan=PLANS, merged=st.booleans())
def test_an_undeployed_change_alters_nothing_but_the_undeployed_figures(plan: Plan, merged: bool) -> None:
    """One that is no hotfix and no revert; where each merge is a deployment there is none."""
    moves, choices, cuts = plan
    builder = WorldBuilder(settings_with(**dict(zip(SETTINGS, choices))))
    world = builder.play(moves)
    assume("merge" not in world.settings.deployments.sources)
    world.since, world.until = world_of((moves, choices, cuts)).since, world_of((moves, choices, cuts)).until
    before = published(results_of(world))

    if merged:
        builder.squash(1, 0, "One more", is_bot=False)
    else:
        builder.direct(0, 1)
    world.tip = builder.tip
    after = published(results_of(world))

    assert without(after, "undeployed") == without(before, "undeployed")


@settings(max_examples=EXAMPLES)
@given(plan=PLANS, order=st.integers(0, 99))
def test_the_order_of_the_facts_is_irrelevant(plan: Plan, order: int) -> None:
    """As git and GitHub gave them, or in any other order."""
    world, other = world_of(plan), world_of(plan)
    chance = Random(order)  # noqa: S311 (a test's order, no secret)
    commits = list(other.commits.items())
    for facts in (commits, other.tags, other.releases, other.github_deployments, other.pull_requests, other.incidents):
        chance.shuffle(facts)  # type: ignore[arg-type]
    other.commits = dict(commits)
    chance.shuffle(other.annotations)

    assert judged(other) == judged(world)


@settings(max_examples=EXAMPLES)
@given(plan=PLANS)
def test_shares_lie_between_0_and_1(plan: Plan) -> None:
    """And so do their intervals, around them."""
    results = results_of(world_of(plan))

    for found in (*results.periods, results.overall):
        rate, rework = found.change_failure_rate, found.rework_rate
        assert rate.explicit_failed <= rate.failed <= rate.deployments
        assert rework.rework <= rework.deployments
        assert rework.trailing_rework <= rework.trailing_deployments
        for ratio, interval in ((rate.ratio, rate.ci95), (rework.ratio, rework.ci95)):
            assert (ratio is None) == (interval is None)
            assert ratio is None or 0 <= interval[0] <= ratio + 1e-12 <= interval[1] + 2e-12 <= 1 + 3e-12


@settings(max_examples=EXAMPLES)
@given(
    moves=MOVES,
    choices=CHOICES,
    later=st.lists(st.tuples(st.sampled_from([0, 1, 2, 3]), st.integers(0, 99)), max_size=6),
)
def test_a_closed_recovery_period_does_not_change_as_time_goes_by(
    moves: Any, choices: Any, later: list[tuple[int, int]]
) -> None:
    """Only a late fact or a person's word changes it: not what is written and deployed afterwards."""
    builder = WorldBuilder(settings_with(**{**dict(zip(SETTINGS, choices)), "period": "monthly"}))
    world = builder.play(moves)
    before = {found.period: found.mttr for found in results_of(world).periods if found.period.end <= world.as_of}

    builder.now += timedelta(days=2)
    for kind, one in later:
        builder.now += timedelta(hours=30)
        (builder.direct, builder.merge, builder.rebase)[kind % 3](one - one % 10 + 1, 1)  # on the branch, true clocks
        builder.tag(0, 4)
    world.tip, world.as_of = builder.tip, builder.now
    world._ancestors.clear()
    after = {found.period: found.mttr for found in results_of(world).periods}

    assert {period: after[period] for period in before} == before


@settings(max_examples=EXAMPLES)
@given(moves=MOVES, choices=CHOICES, grain=st.sampled_from(["weekly", "monthly", "quarterly", "yearly"]))
def test_pooling_the_items_of_the_parts_gives_the_whole(moves: Any, choices: Any, grain: str) -> None:
    """Counts add up, and the median of all items together is the whole's; medians of parts are never averaged."""
    world = world_of((moves, choices, CUT_DAYS[0]))
    world.settings = replace(world.settings, metrics=replace(world.settings.metrics, period=grain))
    dataset = judged(world)
    results = calculated(world, dataset, whole=False)

    pooled = [
        change.lead_time.total_seconds()
        for found in results.periods
        for change in dataset.changes
        if change.lead_time is not None and change.deployed_at in found.period and change.deployed_at <= world.as_of
    ]
    assert results.overall.lead_time.spread.n == len(pooled)
    assert results.overall.lead_time.spread.median_s == (statistics.median(pooled) if pooled else None)
    for count in (
        lambda found: found.deployment_frequency.deployments,
        lambda found: found.change_failure_rate.failed,
        lambda found: found.mttr.spread.n,
        lambda found: found.rework_rate.rework,
    ):
        assert sum(map(count, results.periods)) == count(results.overall)
