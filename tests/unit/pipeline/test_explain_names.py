"""What a person may ask about, and what they are told: issues, swallowed tags, beginnings of hashes, many places."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dora_metrics.config import Settings
from dora_metrics.domain.models import Commit
from dora_metrics.domain.progress import NoProgress
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived
from dora_metrics.pipeline.explanations import explain_what
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.judgement import judge
from dora_metrics.storage.commit_record import CommitRecord
from support.github_history import GitHubHistory
from support.small_history import day, sha

RECORD = CommitRecord(1, "0" * 32, None, day(30), day(30), "1", "extract", "ada")


def shop() -> GitHubHistory:
    """v1 of a, v2 of c deployed by GitHub; c is #3; an outage #45 after it, fixed by #4, shipped with v3."""
    history = GitHubHistory()
    history.line("abcd", step=1)
    history.tag("v1", "a", at=1).tag("v2", "c", at=5).tag("v3", "d", at=9)
    history.deploy(1, "a", at=2).deploy(2, "c", at=6).deploy(3, "d", at=10)
    history.pull(3, merged=2, merge="c", commits="bc", head="c").pull(4, merged=8, merge="d", title="hotfix: pay")
    return history.incident(45, opened=7, closed=8, by_pull=4).incident(46, opened=7, labels=("question",))


def ask(
    tmp_path: Path,
    what: str,
    *histories: GitHubHistory,
    names: tuple[str, ...] = ("acme/shop",),
    form: str = "json",
) -> str:
    given = [replace(history.facts(), repository=name) for history, name in zip(histories or (shop(),), names)]
    said = tuple(word for history in histories for word in history.annotations)
    datasets = tuple(judge(facts, Settings(), said) for facts in given)
    workspace = Workspace(Settings(), tmp_path, day(30), {}, "1", "ada", NoProgress())
    return explain_what(workspace, Derived(RECORD, datasets, tuple(given), said), what, form)


def rows(said: str, code: str) -> list[dict[str, Any]]:
    return [row for section in json.loads(said)["sections"] if section["code"] == code for row in section["rows"]]


@pytest.mark.parametrize("name", ["#45", "issue:45", "45"])
def test_an_incident_issue_names_its_cause_its_rule_and_its_end(tmp_path: Path, name: str) -> None:
    facts = {row["what"]: row["value"] for row in rows(ask(tmp_path, name), "facts")}

    assert facts["blamed on"] == "deployment:2"
    assert facts["rule"].startswith("inferred: rule 5")
    assert facts["said by"] == "a rule, medium"
    assert (facts["began"], facts["restored"]) == ("2025-01-08T00:00:00Z", "2025-01-11T00:00:00Z")
    assert facts["fixed by"] == "#4"


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("v2", "acme/shop: deployment v2 (deployment 2)"),
        ("#3", "delivered by v2 (deployment 2) at 2025-01-07T00:00:00Z"),
        ("#45", "blamed on v2 (deployment 2)"),
        (sha("c"), "deployments made of it v2 (deployment 2)"),
        ("v2", "#3 v2 (deployment 2) 5 days merge_commit"),
    ],
)
def test_people_read_the_tag_of_a_github_deployment_beside_its_number(tmp_path: Path, what: str, line: str) -> None:
    """Nobody knows what went out as number 2; programs get the key."""
    assert line in " ".join(ask(tmp_path, what, form="text").split())
    assert rows(ask(tmp_path, "v2"), "lead_time.counted")[0]["deployment"] == "deployment:2"


def test_a_github_deployment_without_a_tag_is_called_by_its_number(tmp_path: Path) -> None:
    history = GitHubHistory()
    history.line("ab", step=1)
    history.deploy(1, "a", at=2).deploy(7, "b", at=3)

    assert "acme/shop: deployment 7\n" in ask(tmp_path, "deployment:7", history, form="text")


def test_an_issue_without_the_label_says_so(tmp_path: Path) -> None:
    assert "bears none of `incident_labels` now (question)" in ask(tmp_path, "#46")


def test_a_tag_that_was_swallowed_leads_to_the_deployment_that_counts(tmp_path: Path) -> None:
    """Two sources, one deployment: the lower one is evidence, and its time does not count."""
    said = ask(tmp_path, "tag:v2")

    assert "tag:v2 is evidence of this deployment" in said
    facts = {row["what"]: row["value"] for row in rows(said, "facts")}
    assert facts["deployed"] == "2025-01-07T00:00:00Z"
    assert "tag:v2" in facts["also said by"]


def test_a_commit_of_a_pull_request_is_told_as_its_part(tmp_path: Path) -> None:
    told = {row["what"]: row["value"] for row in rows(ask(tmp_path, sha("b")), "commit")}

    assert told["is"] == "one of the own commits of #3"


def test_a_person_who_says_the_cause_is_named_as_the_rule(tmp_path: Path) -> None:
    history = shop()
    history.say("issue:45", caused_by="none")
    said = ask(tmp_path, "#45", history)

    facts = {row["what"]: row["value"] for row in rows(said, "facts")}
    assert facts["rule"].startswith("no_deployment")
    assert [row["decision"] for row in rows(said, "decisions")] == ["caused_by = none"]
    assert [row["line"] for row in rows(said, "decisions")] == [2]


def test_the_beginning_of_two_hashes_is_refused_with_both(tmp_path: Path) -> None:
    history = shop()
    twins = [f"abcdef1{end}".ljust(40, "0") for end in "12"]
    for twin in twins:
        history.commits[twin] = Commit(twin, (sha("d"),), "Ada", 0, 0, "twin", ())

    with pytest.raises(ConfigurationError) as refused:
        ask(tmp_path, "abcdef1", history)

    assert all(twin in str(refused.value) for twin in twins)
    assert "more digits" in (refused.value.remedy or "")
    assert json.loads(ask(tmp_path, "abcdef11", history))["sections"]


def test_one_name_in_two_repositories_is_told_of_both_and_of_one_by_its_name(tmp_path: Path) -> None:
    places = ("acme/shop", "acme/api")

    both = json.loads(ask(tmp_path, "#3", shop(), shop(), names=places))
    one = json.loads(ask(tmp_path, "acme/api#3", shop(), shop(), names=places))

    assert both["subject"] == "#3: 2 of that name"
    assert {section["title"].partition(":")[0] for section in both["sections"]} == set(places)
    assert one["subject"].startswith("acme/api: #3")


def test_a_cherry_pick_is_shown_with_the_commit_that_was_picked(tmp_path: Path) -> None:
    """The way of a change that only a copy brought to users."""
    history = GitHubHistory()
    history.line("ab", step=1).commit(
        "x", "a", at=3, message=f"b\n\n(cherry picked from commit {sha('b')})", branch=False
    )
    history.deploy(1, "a", at=2).deploy(2, "x", at=4)

    judged = {row["what"]: row["value"] for row in rows(ask(tmp_path, sha("b"), history), "judgements")}

    assert judged["rule"].startswith("cherry_pick: a cherry-pick of it was first reached")
    assert judged["evidence"].startswith(sha("x")[:10])
