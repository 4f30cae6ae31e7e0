"""The GitHub of the demo's sample: it answers as the real one does, and what it says is possible."""

from __future__ import annotations

import pytest

from dora_metrics.demo import AS_OF
from dora_metrics.demo.sample_facts import NAME
from dora_metrics.demo.sample_github import SampleGitHub
from dora_metrics.demo.sample_outages import INCIDENTS
from dora_metrics.demo.sample_plan import work
from dora_metrics.demo.sample_project import sample_project
from dora_metrics.domain.github_facts import Incident

FACTS = sample_project(AS_OF).facts


def github() -> SampleGitHub:
    return SampleGitHub(FACTS, AS_OF)


def test_each_merged_pull_request_of_the_plan_is_known_once() -> None:
    [page] = github().get_pull_requests("acme", "shop")

    merged = [item.title for item in work() if item.style not in {"direct", "open"}]
    assert sorted(pull.title for pull in page.items) == sorted(merged)
    assert page.total == len(merged)


@pytest.mark.parametrize("list_", ["get_pull_requests", "get_releases", "get_deployments"])
def test_behind_the_end_of_a_list_comes_nothing(list_: str) -> None:
    ask = getattr(github(), list_)
    [first] = ask("acme", "shop")

    [rest] = ask("acme", "shop", after=first.cursor)

    assert first.items
    assert (rest.items, rest.cursor, rest.total) == ((), None, len(first.items))


def test_issues_are_found_by_label_and_by_id() -> None:
    def found(*labels: str) -> tuple[Incident, ...]:
        [page] = github().get_issues("acme", "shop", labels=labels)
        return page.items

    assert {issue.title for issue in found("incident")} == {plan.title for plan in INCIDENTS}
    assert found("question") == ()
    one = found("incident")[2]
    [page] = github().get_issues_by_id([one.node_id, "I_gone"])
    assert page.items == (one,)


def test_the_repository_and_the_deployments_are_found_by_id() -> None:
    source = github()

    assert source.get_repository("acme", "shop").name_with_owner == NAME
    assert source.server_time == AS_OF
    [page] = source.get_deployments_by_id([FACTS.deployments[0].node_id])
    assert page.items == FACTS.deployments[:1]


def test_the_lists_come_as_github_orders_them() -> None:
    touched = [pull.updated_at for pull in FACTS.pull_requests if pull.updated_at]
    created = [made.created_at for made in FACTS.deployments]

    assert touched == sorted(touched)
    assert len(touched) == len(FACTS.pull_requests)
    assert created == sorted(created)


def test_a_pull_request_goes_forward_in_time() -> None:
    for pull in FACTS.pull_requests:
        steps = [pull.created_at, pull.ready_at, pull.first_review_at, pull.merged_at]
        known = [step for step in steps if step]
        assert known == sorted(known)
        assert known[-1] <= AS_OF


def test_numbers_are_given_once_to_pull_requests_and_issues() -> None:
    numbers = [pull.number for pull in FACTS.pull_requests] + [issue.number for issue in FACTS.incidents]

    assert len(numbers) == len(set(numbers))
