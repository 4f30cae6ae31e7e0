"""Whatever happens between pages, and wherever a run dies: once the world is quiet, one more run is enough."""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dora_metrics.extractors import github_pages
from support.github_http_machine import HttpMachine
from support.github_machine import DivergedError, GitHubMachine

EVERYDAY = settings(max_examples=60, stateful_step_count=8, deadline=None)
FEW = settings(EVERYDAY, max_examples=15)
THOUSAND = settings(EVERYDAY, max_examples=1000)
PLANTED = settings(EVERYDAY, max_examples=200, phases=[Phase.generate], derandomize=True, database=None)


class Descending(GitHubMachine):
    """`UPDATED_AT DESC` in place of `ASC`."""

    descending = True


def test_once_the_world_is_quiet_one_more_run_makes_the_store_equal_to_the_server() -> None:
    run_state_machine_as_test(GitHubMachine, settings=EVERYDAY)


def test_with_the_real_client_and_its_queries_too() -> None:
    run_state_machine_as_test(HttpMachine, settings=FEW)


@pytest.mark.slow
@pytest.mark.parametrize("machine", [GitHubMachine, HttpMachine])
def test_a_thousand_worlds(machine: type[GitHubMachine]) -> None:
    run_state_machine_as_test(machine, settings=THOUSAND)


def test_the_machine_finds_the_order_that_loses_what_is_touched() -> None:
    with pytest.raises(DivergedError):
        run_state_machine_as_test(Descending, settings=PLANTED)


def test_it_finds_that_order_in_the_real_query(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = github_pages.query_text

    def planted(name: str) -> str:
        return asked(name).replace("field: UPDATED_AT, direction: ASC", "field: UPDATED_AT, direction: DESC")

    monkeypatch.setattr(github_pages, "query_text", planted)

    with pytest.raises(DivergedError):
        run_state_machine_as_test(HttpMachine, settings=PLANTED)
