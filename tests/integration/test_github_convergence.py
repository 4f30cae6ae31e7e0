"""Whatever happens between pages, and wherever a run dies: once the world is quiet, one more run is enough."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from support.github_machine import DivergedError, GitHubMachine

EVERYDAY = settings(max_examples=40, stateful_step_count=8, deadline=None)
THOUSAND = settings(EVERYDAY, max_examples=1000)


class Descending(GitHubMachine):
    """`UPDATED_AT DESC` in place of `ASC`: what is touched jumps over the cursor."""

    descending = True


def test_once_the_world_is_quiet_one_more_run_makes_the_store_equal_to_the_server() -> None:
    run_state_machine_as_test(GitHubMachine, settings=EVERYDAY)


@pytest.mark.slow
def test_a_thousand_worlds() -> None:
    run_state_machine_as_test(GitHubMachine, settings=THOUSAND)


def test_the_machine_finds_the_order_that_loses_what_is_touched() -> None:
    quick = settings(EVERYDAY, max_examples=200, phases=[Phase.generate], derandomize=True, database=None)

    with pytest.raises(DivergedError):
        run_state_machine_as_test(Descending, settings=quick)
