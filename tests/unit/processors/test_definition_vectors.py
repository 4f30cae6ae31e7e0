"""definitions.md section 12, row by row: those that need nothing but git and a person's word.

Times are days. The rows that need GitHub's incidents and pull requests are in test_incidents.py,
test_release_records.py, test_pull_request_ladder.py and test_pull_request_members.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from dora_metrics.domain.timestamps import format_utc
from dora_metrics.processors.deployment_words import DeploymentWord, DeploymentWords
from dora_metrics.processors.deployments import tag_deployments
from dora_metrics.processors.detection import Detection
from support.small_history import (
    REPOSITORY,
    SmallHistory,
    by_key,
    change,
    day,
    days,
    deployment_record,
    kinds,
    new_by_tag,
    settings_with,
    sha,
)


def test_linear() -> None:
    """Deploy b@2, d@5: New = {a,b} initial, {c,d}; e undeployed."""
    dataset = SmallHistory().line("abcde").tag("v1.0", "b", at=2).tag("v1.1", "d", at=5).judged()

    assert kinds(dataset) == ["initial", "normal"]
    assert new_by_tag(dataset) == {"v1.0": {"a", "b"}, "v1.1": {"c", "d"}}
    assert [change(dataset, letter).left_out for letter in "ab"] == ["left_truncated"] * 2
    assert [days(change(dataset, letter).lead_time) for letter in "cd"] == [3, 2]
    assert change(dataset, "e").deployment is None


def test_redeploy() -> None:
    """b@2, b@3, d@5: b@3 redeploy, N = 2."""
    dataset = (
        SmallHistory().line("abcd").tag("v1.0", "b", at=2).tag("v1.0.1", "b", at=3).tag("v1.1", "d", at=5).judged()
    )

    assert kinds(dataset) == ["initial", "redeploy", "normal"]
    assert new_by_tag(dataset)["v1.0.1"] == set()


def test_rollback() -> None:
    """d@2, e@3, d@4, e@5: d@4 rollback: e@3 failed, e's first stays 3; e@5 New = ∅, normal; withdrawn 1."""
    history = SmallHistory().line("abcde")
    for version, (letter, at) in enumerate([("d", 2), ("e", 3), ("d", 4), ("e", 5)]):
        history.tag(f"v{version}.0", letter, at=at)
    dataset = history.judged()

    assert kinds(dataset) == ["initial", "normal", "rollback", "normal"]
    assert dataset.deployments[2].withdrawn == 1
    assert change(dataset, "e").deployed_at == day(3)
    assert new_by_tag(dataset)["v3.0"] == set()
    [failure] = dataset.failures
    assert (failure.deployment, failure.attribution) == ("tag:v1.0", "rollback")
    assert (failure.began_at, failure.restored_at) == (day(3), day(4))


def test_two_lines() -> None:
    """Main a-b-c, release a-x; c@2 (2.0), x@3 (1.1), merge m(c,x)@4: New: {a,b,c}, {x}, {m}."""
    history = SmallHistory().line("abc").commit("x", "a", at=1.5, branch=False).commit("m", "cx", at=3.5)
    dataset = history.tag("v2.0", "c", at=2).tag("v1.1", "x", at=3).tag("v2.1", "m", at=4).judged()

    assert [deployment.new_commits for deployment in dataset.deployments] == [3, 1, 1]
    assert kinds(dataset) == ["initial", "normal", "normal"]
    assert new_by_tag(dataset) == {"v2.0": {"a", "b", "c"}, "v1.1": {"x"}, "v2.1": set()}
    assert [found.key for found in dataset.changes if found.lead_time is not None] == [f"commit:{sha('x')}"]


def test_tie() -> None:
    """B and c both @2: b first, c second, whatever their names say."""
    dataset = SmallHistory().line("abc").tag("v9.0", "b", at=2).tag("v1.0", "c", at=2).judged()

    assert [deployment.tag for deployment in dataset.deployments] == ["v9.0", "v1.0"]
    assert new_by_tag(dataset) == {"v9.0": {"a", "b"}, "v1.0": {"c"}}


def test_late_version() -> None:
    """Tag 18 (d)@2, tag 17 (c)@6: c in New(18); 17 normal, New = ∅, `out_of_order`."""
    dataset = SmallHistory().line("abcd").tag("v1", "a", at=0).tag("v18", "d", at=2).tag("v17", "c", at=6).judged()

    assert "c" in new_by_tag(dataset)["v18"]
    assert new_by_tag(dataset)["v17"] == set()
    assert kinds(dataset) == ["initial", "normal", "normal"]
    assert "out_of_order" in dataset.deployments[-1].flags
    assert dataset.failures == ()


def detected(history: SmallHistory, *records: object, words: DeploymentWords | None = None) -> list[object]:
    facts = history.facts()
    tip = facts.history.find(facts.branch_tip)
    assert tip is not None
    line = facts.history.graph.first_parent_line(tip)
    tags = tag_deployments(facts.tags, facts.history, settings_with().deployments, repository=REPOSITORY)
    detection = Detection(facts.history, line, words or DeploymentWords(), repository=REPOSITORY)
    return detection.deployments([*tags, *records])  # type: ignore[list-item]


def test_two_sources() -> None:
    """Tag v1@2, tag v2@3, GitHub deploys v1@4, v2@5: two deployments, @4 and @5, normal; tags are evidence."""
    history = SmallHistory().line("abc").tag("v1.0", "a", at=0).tag("v1.1", "b", at=2).tag("v1.2", "c", at=3)
    found = detected(
        history,
        deployment_record("deployment:0", "a", at=1),
        deployment_record("deployment:1", "b", at=4),
        deployment_record("deployment:2", "c", at=5),
    )

    assert [(d.key, d.deployed_at, d.kind) for d in found] == [
        ("deployment:0", day(1), "initial"),
        ("deployment:1", day(4), "normal"),
        ("deployment:2", day(5), "normal"),
    ]
    assert [d.evidence for d in found] == [("tag:v1.0",), ("tag:v1.1",), ("tag:v1.2",)]
    assert [d.tag for d in found] == ["v1.0", "v1.1", "v1.2"]


def test_straight_to_the_patch_then_back() -> None:
    """GitHub deploys 1.21.1@2, then 1.21.0@3 (tagged @1): @3 a rollback; the tag 1.21.0@1 a deployment of its own."""
    history = SmallHistory().line("abc").tag("1.20.0", "a", at=0).tag("1.21.0", "b", at=1).tag("1.21.1", "c", at=1.5)
    found = by_key(
        detected(history, deployment_record("deployment:1", "c", at=2), deployment_record("deployment:2", "b", at=3))
    )

    assert found["deployment:2"].kind == "rollback"
    assert found["tag:1.21.0"].deployed_at == day(1)
    assert found["deployment:1"].evidence == ("tag:1.21.1",)
    assert list(found) == ["tag:1.20.0", "tag:1.21.0", "deployment:1", "deployment:2"]


def test_confirmed() -> None:
    """Release @3, `is_deployment=yes` without a time: still @3, now explicit."""
    history = SmallHistory().line("abc")
    words = DeploymentWords(by_commit={sha("b"): DeploymentWord(is_deployment=True)})
    [found] = detected(history, deployment_record("release:v1", "b", at=3, source="release", tag="v1"), words=words)

    assert (found.key, found.deployed_at, found.explicit) == ("release:v1", day(3), True)


def test_bots_only() -> None:
    """New(d) = one bot PR: normal, even where its title says hotfix."""
    history = SmallHistory().line("a").commit("b", "a", at=1, message="hotfix: bump (#2)", author="renovate[bot]")
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "b", at=2).judged()

    assert kinds(dataset) == ["initial", "normal"]
    assert change(dataset, "#2").is_bot


def test_develop_to_main() -> None:
    """Feature PRs merged to develop, one PR develop → main: the feature PRs are changes, the last a `carrier`."""
    history = (
        SmallHistory()
        .commit("a", at=0)
        .commit("f", "a", at=1, branch=False)
        .commit("m", "af", at=2, message="Merge pull request #1 from acme/feature\n\nFeature one", branch=False)
        .commit("s", "m", at=3, message="Feature two (#2)", branch=False)
        .commit("r", "as", at=4, message="Merge pull request #3 from acme/develop\n\nRelease it")
    )
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "r", at=5).judged()

    assert {found.key: found.left_out for found in dataset.changes} == {
        f"commit:{sha('a')}": "left_truncated",
        "pr:1": "",
        "pr:2": "",
        "pr:3": "carrier",
    }
    assert change(dataset, "#1").title == "Feature one"
    assert [days(change(dataset, number).lead_time) for number in ("#1", "#2")] == [4, 2]


def test_squash() -> None:
    """Commits p1@0, p2@1 not on main, M = s@3, deploy s@4: lead 4, from merge 1."""
    history = (
        SmallHistory()
        .commit("a", at=-2)
        .commit("p", "a", at=0, branch=False)
        .commit("q", "p", at=1, branch=False)
        .commit("s", "a", at=3, message="A feature (#7)")
        .head(7, "q")
    )
    dataset = history.tag("v1.0", "a", at=-1).tag("v1.1", "s", at=4).judged()

    shipped = change(dataset, "#7")
    assert shipped.commits == (sha("p"), sha("q"))
    assert days(shipped.lead_time) == 4
    assert days(shipped.deployed_at - shipped.merged_at) == 1
    assert shipped.flags == ()


def test_squash_without_its_branch_starts_at_itself_and_says_so() -> None:
    """Git only and no pull head: a(M), flag `start=squash_commit`."""
    history = SmallHistory().commit("a", at=-2).commit("s", "a", at=3, message="A feature (#7)")
    dataset = history.tag("v1.0", "a", at=-1).tag("v1.1", "s", at=4).judged()

    shipped = change(dataset, "#7")
    assert (days(shipped.lead_time), shipped.flags, shipped.first_commit_at) == (1, ("start=squash_commit",), None)


def test_merged_after_deploy() -> None:
    """Head deployed @2, merged @3: via=head, lead valid, from merge NA."""
    history = (
        SmallHistory()
        .commit("a", at=0)
        .commit("h", "a", at=1, branch=False)
        .commit("m", "ah", at=3, message="Merge pull request #5 from acme/x\n\nX")
    )
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "h", at=2).tag("v1.2", "m", at=4).judged()

    shipped = change(dataset, "#5")
    assert (shipped.via, shipped.deployed_at, days(shipped.lead_time)) == ("head", day(2), 1)
    assert shipped.merged_at > shipped.deployed_at


@pytest.mark.parametrize(
    ("ahead", "lead_time", "left_out", "flags"),
    [
        pytest.param(timedelta(minutes=1), timedelta(0), "", ("clamped",), id="60 s: 0, clamped"),
        pytest.param(timedelta(minutes=5), timedelta(0), "", ("clamped",), id="5 min: 0, clamped"),
        pytest.param(timedelta(minutes=5, seconds=1), None, "negative", (), id="over 5 min: left out"),
        pytest.param(timedelta(hours=1), None, "negative", (), id="1 h: left out, reason negative"),
    ],
)
def test_skew(ahead: timedelta, lead_time: timedelta | None, left_out: str, flags: tuple[str, ...]) -> None:
    """a(c) = T + 60 s / T + 1 h."""
    written = 2 + ahead / timedelta(days=1)
    history = SmallHistory().commit("a", at=0).commit("b", "a", at=2, written=written)
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "b", at=2).judged()

    found = change(dataset, "b")
    assert (found.lead_time, found.left_out, found.flags) == (lead_time, left_out, flags)


def test_revert_shipped_together() -> None:
    """X and its revert first in the same d: no failure, both `net_zero`."""
    history = (
        SmallHistory()
        .line("ax")
        .commit("r", "x", at=2, message=f'Revert "change x"\n\nThis reverts commit {sha("x")}.')
    )
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "r", at=3).judged()

    assert dataset.failures == ()
    assert [change(dataset, letter).flags for letter in "xr"] == [("net_zero",)] * 2
    assert change(dataset, "r").reverts == (f"commit:{sha('x')}",)


def test_revert_shipped_later_is_a_failure_of_what_shipped_it() -> None:
    """A revert of x: first(x) failed, restored when the revert reached users."""
    history = (
        SmallHistory()
        .line("axr")
        .commit("r", "x", at=2, message=f'Revert "change x"\n\nThis reverts commit {sha("x")}.')
    )
    dataset = history.tag("v1.0", "a", at=0).tag("v1.1", "x", at=1.5).tag("v1.2", "r", at=3).judged()

    [failure] = dataset.failures
    assert (failure.deployment, failure.attribution, failure.provenance) == ("tag:v1.1", "revert", "inferred")
    assert (failure.began_at, failure.restored_at, failure.restored_by) == (day(1.5), day(3), "tag:v1.2")
    assert kinds(dataset) == ["initial", "normal", "hotfix"]


def test_a_failure_said_late_belongs_to_the_deployment() -> None:
    """Deploy 31 March, incident 2 April, by a person's word: the deployment of 31 March failed."""
    history = SmallHistory().line("ab").tag("v1.0", "a", at=0).tag("v1.1", "b", at=89)
    history.say("b", deployment_failed="yes", started_at=format_utc(day(91)), resolved_at=format_utc(day(91.5)))
    [failure] = history.judged().failures

    assert (failure.deployment, failure.attribution, failure.provenance) == (
        "tag:v1.1",
        "annotated_deployment",
        "explicit",
    )
    assert (failure.began_at, failure.restored_at) == (day(91), day(91.5))
