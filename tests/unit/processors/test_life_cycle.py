"""Where the data stand, and the one command that leads on."""

from __future__ import annotations

from typing import Any

import pytest

from dora_metrics.processors.life_cycle import MEANING, STATES, Standing, judge_life_cycle

FILE = "data/processed/pending_review.csv"


@pytest.mark.parametrize(
    ("standing", "state", "following"),
    [
        pytest.param({"extracted": False}, "empty", "extract --full", id="nothing there"),
        pytest.param({}, "extracted", "report", id="nothing asks and nobody said anything"),
        pytest.param({"asking": 3}, "waiting for review", f"import {FILE}", id="questions are open"),
        pytest.param({"asking": 3, "typed": 1, "answered": 1}, "under review", f"import {FILE}", id="some answered"),
        pytest.param({"asking": 3, "typed": 5, "answered": 3}, "reviewed", f"import {FILE}", id="all are answered"),
        pytest.param({"typed": 1}, "reviewed", f"import {FILE}", id="said without being asked, not imported"),
        pytest.param({"typed": 1, "in_terminal": True}, "reviewed", "review", id="of a terminal that died: it goes on"),
        pytest.param({"decisions": 4}, "annotated", "report", id="imported, the report is older"),
        pytest.param({"decisions": 4, "report_fresh": True}, "calculated", "update", id="the report shows it all"),
        pytest.param({"report_fresh": True}, "calculated", "update", id="nothing asked, and the report made"),
        pytest.param({"decisions": 4, "asking": 1, "report_fresh": True}, "waiting for review", f"import {FILE}",
                     id="new data ask: back to waiting, whatever was calculated"),
    ],
)  # fmt: skip
def test_the_state_and_what_leads_on(standing: dict[str, Any], state: str, following: str) -> None:
    found = judge_life_cycle(Standing(**{"extracted": True, **standing}), FILE)

    assert (found.state, found.next_commands[0]) == (state, following)
    assert found.needs_person == (state in ("waiting for review", "under review", "reviewed"))


@pytest.mark.parametrize(
    ("standing", "following"),
    [
        pytest.param({"asking": 3}, ("extract", "review"), id="extract writes the file"),
        pytest.param({"asking": 3, "typed": 1, "answered": 1}, ("extract", "review"), id="of an interrupted review"),
        pytest.param({"typed": 1}, ("review",), id="an interrupted review that answered all imports it"),
    ],
)
def test_without_a_review_file_none_is_named(standing: dict[str, Any], following: tuple[str, ...]) -> None:
    assert judge_life_cycle(Standing(extracted=True, **standing), "").next_commands == following


@pytest.mark.parametrize(
    ("standing", "stale"),
    [
        pytest.param({"tables_fresh": True, "report_made": True, "report_fresh": True}, 0, id="all fresh"),
        pytest.param({"tables_fresh": False}, 1, id="settings changed since the tables were made"),
        pytest.param({"report_made": True}, 1, id="data came after the report"),
        pytest.param({"report_made": False}, 0, id="a report that was never made is not stale"),
        pytest.param({"extracted": False, "tables_fresh": False}, 0, id="of nothing nothing is stale"),
    ],
)
def test_what_is_stale(standing: dict[str, Any], stale: int) -> None:
    assert len(judge_life_cycle(Standing(**{"extracted": True, **standing}), FILE).stale) == stale


def test_each_state_has_its_meaning() -> None:
    assert tuple(MEANING) == STATES
