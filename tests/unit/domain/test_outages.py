from __future__ import annotations

from datetime import timedelta

import pytest

from dora_metrics.domain.outages import outages_by_deployment
from support.judgement_samples import a_failure, at


def test_several_failures_of_one_deployment_are_one_from_the_first_impact_to_the_last_restore() -> None:
    first = a_failure("tag:v1", began_at=at(2), restored_at=at(9), restored_by="tag:v3", because="rolled back")
    second = a_failure("tag:v1", began_at=at(1), restored_at=at(5), restored_by="tag:v2", provenance="explicit")

    [outage] = outages_by_deployment([first, second]).values()

    assert (outage.began_at, outage.restored_at, outage.restored_by) == (at(1), at(9), "tag:v3")
    assert (outage.recovery, outage.provenance) == (timedelta(hours=8), "explicit")
    assert outage.because == "rolled back; a hotfix followed"


def test_one_that_is_open_keeps_the_deployment_open() -> None:
    [outage] = outages_by_deployment([a_failure("tag:v1", restored_at=at(9)), a_failure("tag:v1")]).values()
    assert (outage.restored_at, outage.restored_by, outage.recovery) == (None, None, None)


def test_an_end_before_the_beginning_is_shown_and_is_no_recovery() -> None:
    [outage] = outages_by_deployment([a_failure("tag:v1", began_at=at(5), restored_at=at(1))]).values()
    assert (outage.restored_at, outage.recovery) == (at(1), None)


@pytest.mark.parametrize("attribution", ["unattributed", "not_in_Dc", "no_deployment"])
def test_what_no_deployment_answers_for_fails_none(attribution: str) -> None:
    assert outages_by_deployment([a_failure("tag:v1", attribution=attribution)]) == {}
