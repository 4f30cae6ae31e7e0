"""The five metrics against an oracle that computes them a second time, straight from the definitions."""

from __future__ import annotations

import pytest
from hypothesis import given, seed, settings

from support.oracle_comparison import differences
from support.oracle_plans import PLANS, Plan, plan_number, world_of
from support.planted_bugs import PLANTS, Plant

FOUND_WITHIN = 150
"""Histories in which each planted bug must show itself."""
SHARDS = 4


@settings(max_examples=100)
@given(plan=PLANS)
def test_the_numbers_are_those_of_the_definitions(plan: Plan) -> None:
    """Every published value, to the second, whatever the history and the settings."""
    assert differences(world_of(plan)) == []


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(SHARDS))
def test_the_numbers_are_those_of_the_definitions_in_thousands_of_histories(shard: int) -> None:
    """The same, five thousand times; in parts, so that two processes share the work."""

    @seed(shard)
    @settings(max_examples=5_000 // SHARDS, derandomize=False, database=None)
    @given(plan=PLANS)
    def agree(plan: Plan) -> None:
        assert differences(world_of(plan), whole=False) == []

    agree()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison is only as good as what it would notice."""
    plant(monkeypatch)

    assert any(differences(world_of(plan_number(number)), whole=False) for number in range(FOUND_WITHIN))
