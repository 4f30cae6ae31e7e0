"""The five metrics against an oracle that computes them a second time, straight from the definitions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from support.oracle_comparison import differences
from support.oracle_facts import World
from support.oracle_worlds import worlds


@settings(max_examples=120)
@given(world=worlds())
def test_the_numbers_are_those_of_the_definitions(world: World) -> None:
    """Every published value, to the second, whatever the history and the settings."""
    assert differences(world) == []


@pytest.mark.slow
@settings(max_examples=5_000)
@given(world=worlds())
def test_the_numbers_are_those_of_the_definitions_in_thousands_of_histories(world: World) -> None:
    """The same, five thousand times."""
    assert differences(world) == []
