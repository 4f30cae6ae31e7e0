"""Monorepos: which service a change, a deployment and an incident belong to (docs/decisions/0008)."""

from __future__ import annotations

from typing import Any

import pytest

from dora_metrics.config import ServiceSettings
from dora_metrics.domain.models import Dataset
from dora_metrics.domain.outages import BLAMES_NO_DEPLOYMENT
from dora_metrics.domain.review import LineCommit
from dora_metrics.processors.review import build_review_rows
from support.github_history import GitHubHistory, keys
from support.small_history import SmallHistory, change, day, kinds, new_by_tag, sha

API = ServiceSettings("api", "api/, libs/shared/", "api/v*")
WEB = ServiceSettings("web", "web/", "web/v*")


def monorepo(**services: ServiceSettings) -> GitHubHistory:
    """Both services shipped at day 1; then a (api), b (web), c (both), d (neither), all released by day 7."""
    history = GitHubHistory()
    history.services = (services.get("api", API), services.get("web", WEB))
    history.commit("s", at=0, files="api/s web/s")
    history.tag("api/v1.0", "s", at=1).tag("web/v1.0", "s", at=1)
    history.commit("a", "s", at=2, files="api/a").commit("b", "a", at=3, files="web/b")
    history.commit("c", "b", at=4, files="libs/shared/c web/c").commit("d", "c", at=5, files="README api2/d")
    history.tag("api/v1.1", "a", at=2.5).tag("web/v1.1", "c", at=6).tag("api/v1.2", "c", at=7)
    return history


def by_service(history: SmallHistory, **settings: Any) -> dict[str, Dataset]:
    return {dataset.service: dataset for dataset in history.judged_services(**settings).datasets}


def blamed(history: SmallHistory) -> dict[str, list[str]]:
    """By service, the deployments that failed."""
    return {
        name: [str(f.deployment) for f in dataset.failures if f.attribution not in BLAMES_NO_DEPLOYMENT]
        for name, dataset in by_service(history).items()
    }


def listed(history: SmallHistory) -> dict[str, list[str]]:
    """By service, all its failures and incidents."""
    return {name: [f.key for f in dataset.failures] for name, dataset in by_service(history).items()}


def test_a_change_belongs_to_each_service_whose_files_it_touches() -> None:
    found = by_service(monorepo())

    assert {name: keys(dataset) for name, dataset in found.items()} == {"api": set("sac"), "web": set("sbc")}


def test_each_service_delivers_a_common_change_with_its_own_release() -> None:
    found = by_service(monorepo())

    assert change(found["web"], "c").deployed_at == day(6)
    assert change(found["api"], "c").deployed_at == day(7)


def test_tags_belong_to_services_by_pattern() -> None:
    found = by_service(monorepo())

    assert {name: [made.tag for made in dataset.deployments] for name, dataset in found.items()} == {
        "api": ["api/v1.0", "api/v1.1", "api/v1.2"],
        "web": ["web/v1.0", "web/v1.1"],
    }
    assert {kind for dataset in found.values() for kind in kinds(dataset)[1:]} == {"normal"}


def test_what_touches_no_service_is_counted() -> None:
    judged = monorepo().pull(9, merged=5.5, merge="d").judged_services()

    [uncovered] = judged.uncovered
    assert (uncovered.pull_requests, uncovered.commits, uncovered.changes) == ((9,), (), 5)
    finding = uncovered.finding()
    assert (finding.code, finding.count, finding.total, finding.severity) == ("no_service", 1, 5, "watch")


def test_a_service_of_the_whole_repository_leaves_nothing_over() -> None:
    judged = monorepo(web=ServiceSettings("web", "", "web/v*")).judged_services()

    assert judged.uncovered[0].count == 0
    assert keys(judged.datasets[1]) == set("sabcd")


@pytest.mark.parametrize(
    ("files", "services"),
    [
        pytest.param({"p": "api/x", "q": "README"}, {"api"}, id="one of its commits touches the service"),
        pytest.param({"p": "api/x", "q": "web/x"}, {"api", "web"}, id="commits in different services"),
        pytest.param({"p": "docs/x", "q": "README"}, set(), id="none of its commits touches one"),
        pytest.param({"m": "web/x"}, set(), id="files of the merge itself are git's to name, and it names none"),
    ],
)
def test_a_merged_pull_request_belongs_by_its_own_commits(files: dict[str, str], services: set[str]) -> None:
    history = monorepo()
    history.commit("p", "d", at=5.2, branch=False, files=files.get("p", "x"))
    history.commit("q", "p", at=5.3, branch=False, files=files.get("q", "x")).commit("m", "dq", at=5.5)

    found = by_service(history.pull(12, merged=5.5, merge="m", head="q", commits="pq"))
    assert {name for name, dataset in found.items() if "pr:12" in keys(dataset)} == services


@pytest.mark.parametrize(
    ("squash", "branch", "services"),
    [
        pytest.param("api/x", "api/x", {"api"}, id="both"),
        pytest.param("api/x", "", {"api"}, id="the squash, where the branch is gone"),
        pytest.param("", "web/x", {"web"}, id="a commit of its branch that a later one took back"),
    ],
)
def test_a_squashed_pull_request_belongs_by_its_squash_or_its_branch(
    squash: str, branch: str, services: set[str]
) -> None:
    history = monorepo().commit("q", "d", at=5.5, files=squash or "README")
    if branch:
        history.commit("p", "d", at=5.2, branch=False, files=branch).head(12, "p")

    found = by_service(history.pull(12, merged=5.5, merge="q", head="p", commits="p" if branch else None))  # type: ignore[attr-defined]
    assert {name for name, dataset in found.items() if "pr:12" in keys(dataset)} == services


def test_a_rename_across_services_is_a_change_of_both() -> None:
    """Git lists both paths: the file is gone from the one and new in the other."""
    found = by_service(monorepo().commit("r", "d", at=6, files="api/moved web/moved"))

    assert all("r" in keys(dataset) for dataset in found.values())


def test_github_deployments_belong_by_environment_where_a_service_names_one_else_to_all() -> None:
    history = monorepo(
        api=ServiceSettings("api", "api/", "api/v*", "^api-prod$"), web=ServiceSettings("web", "web/", "web/v*")
    )
    history.deploy(1, "c", at=8, to="api-prod").deploy(2, "d", at=9, to="production")
    found = by_service(history, sources=("deployment",))

    assert [made.key for made in found["api"].deployments] == ["deployment:1"]
    assert [made.key for made in found["web"].deployments] == ["deployment:2"]

    history.services = (API, WEB)
    assert [[d.key for d in one.deployments] for one in history.judged_services(sources=("deployment",)).datasets] == [
        ["deployment:2"],
        ["deployment:2"],
    ]


def test_releases_belong_by_the_pattern_of_their_tags() -> None:
    history = monorepo().release("api/v1.2", "c", at=7.5).release("web/v1.1", "c", at=6.5)
    found = by_service(history, sources=("release",))

    assert {name: [made.key for made in dataset.deployments] for name, dataset in found.items()} == {
        "api": ["release:api/v1.2"],
        "web": ["release:web/v1.1"],
    }


def test_a_service_without_a_pattern_has_every_tag_of_the_repository() -> None:
    found = by_service(monorepo(web=ServiceSettings("web", "web/")))

    assert len(found["web"].deployments) == 5


def test_each_commit_is_a_deployment_of_the_services_that_it_touches() -> None:
    found = by_service(monorepo(), sources=("merge",))

    commits = {name: [made.commit_sha for made in dataset.deployments] for name, dataset in found.items()}
    assert commits == {"api": [sha("s"), sha("a"), sha("c")], "web": [sha("s"), sha("b"), sha("c")]}


def test_a_hotfix_in_one_service_is_no_failure_of_the_other() -> None:
    history = (
        monorepo().commit("h", "d", at=7.2, files="api/h", message="hotfix: checkout").tag("api/v1.3", "h", at=7.5)
    )

    assert blamed(history) == {"api": ["tag:api/v1.2"], "web": []}
    assert [made.kind for made in by_service(history)["api"].deployments][-1] == "hotfix"


def test_a_rollback_of_one_service_is_no_failure_of_the_other() -> None:
    """Going back to a tag that was deployed before, in one environment."""
    history = monorepo().tag("api/v1.1-again", "a", at=8)

    assert kinds(by_service(history)["api"])[-1] == "rollback"
    assert blamed(history) == {"api": ["tag:api/v1.2"], "web": []}


def fix(files: str, **more: Any) -> GitHubHistory:
    """Incident 50, opened at day 7.2 when api was released last; pull request 40 closes it with these files."""
    history = monorepo().commit("h", "d", at=8, files=files, message=more.pop("message", "fix it"))
    history.pull(40, merged=8, merge="h", closes=(50,), **{key: more.pop(key) for key in list(more) if key == "title"})
    return history.incident(50, opened=7.2, closed=9, by_pull=40, **more)


@pytest.mark.parametrize(
    ("history", "failed"),
    [
        pytest.param(
            lambda: monorepo().incident(50, opened=7.2, closed=8), {"api": 1, "web": 0}, id="the last release"
        ),
        pytest.param(lambda: monorepo().incident(50, opened=6.5, closed=8), {"api": 0, "web": 1}, id="at that time"),
        pytest.param(lambda: fix("web/x"), {"api": 0, "web": 1}, id="the service that its fix is in"),
        pytest.param(lambda: fix("web/x api/x"), {"api": 1, "web": 0}, id="of several that are fixed, once"),
        pytest.param(lambda: fix("README"), {"api": 1, "web": 0}, id="a fix of no service says nothing"),
        pytest.param(
            lambda: fix("api/x", labels=("incident", "service:web")), {"api": 0, "web": 1}, id="a label before the fix"
        ),
        pytest.param(
            lambda: fix("api/x", labels=("incident", "Service: API", "service/web")),
            {"api": 1, "web": 1},
            id="labels of both",
        ),
        pytest.param(lambda: fix("api/x", body="caused by web/v1.1"), {"api": 0, "web": 1}, id="the tag that it names"),
        pytest.param(
            lambda: monorepo().incident(50, opened=7.2, body=f"root cause: {sha('b')}"),
            {"api": 0, "web": 1},
            id="the commit that it names",
        ),
        pytest.param(
            lambda: monorepo().incident(50, opened=7.2, body=f"root cause: {sha('c')}"),
            {"api": 1, "web": 1},
            id="both shipped the commit that it names",
        ),
        pytest.param(
            lambda: fix("web/x").say("issue:50", service="api", caused_by="tag:api/v1.1"),
            {"api": 1, "web": 0},
            id="a person before everything",
        ),
        pytest.param(
            lambda: monorepo().incident(50, opened=7.2, labels=("incident", "service:other")),
            {"api": 1, "web": 0},
            id="a label of no service says nothing",
        ),
    ],
)
def test_an_incident_is_a_failure_of_the_service_it_belongs_to_and_of_no_other(
    history: Any, failed: dict[str, int]
) -> None:
    assert {name: len(found) for name, found in blamed(history()).items()} == failed
    assert {name for name, found in listed(history()).items() if found} == {name for name in failed if failed[name]}


def test_an_incident_that_nothing_ties_to_a_service_is_listed_once() -> None:
    assert listed(monorepo().incident(50, opened=100)) == {"api": ["issue:50"], "web": []}


def test_a_person_may_claim_an_incident_for_any_service() -> None:
    """Its number is known to every service, so that a row typed by hand can name any of them."""
    judged = monorepo().incident(50, opened=7.2).judged_services()

    assert [[incident.number for incident in facts.incidents] for facts in judged.facts] == [[50], [50]]
    assert listed(monorepo().incident(50, opened=7.2).say("issue:50", service="web", notes="ours")) == {
        "api": [],
        "web": ["issue:50"],
    }


def test_a_hotfix_of_another_services_incident_is_no_sign_of_a_failure_here() -> None:
    """The hotfix touches both, the incident is of web alone: api did not fail."""
    history = fix("web/x api/x", title="hotfix: checkout", labels=("incident", "service:web"))
    history.tag("api/v1.3", "h", at=9).tag("web/v1.3", "h", at=9)

    assert blamed(history) == {"api": [], "web": ["tag:web/v1.1"]}


def test_a_revert_of_what_both_shipped_is_a_failure_of_both() -> None:
    history = fix("libs/shared/c web/c", message=f'Revert "c"\n\nThis reverts commit {sha("c")}.', title='Revert "c"')
    history.tag("api/v1.3", "h", at=9).tag("web/v1.3", "h", at=9)

    assert blamed(history) == {"api": ["tag:api/v1.2"], "web": ["tag:web/v1.1"]}


def test_a_decision_counts_for_its_own_service() -> None:
    history = monorepo().say("c", service="web", deployment_failed="yes")

    assert blamed(history) == {"api": [], "web": ["tag:web/v1.1"]}


def test_the_review_rows_of_a_service_are_what_it_touches_and_what_was_deployed() -> None:
    history = monorepo().tag("web/v1.2", "d", at=8)
    judged = history.judged_services()

    def rows(dataset: Dataset) -> list[str]:
        line = {commit: LineCommit(commit, None, "") for commit in dataset.line}
        return [row.key for row in build_review_rows(dataset, line, ())]

    assert rows(judged.datasets[0]) == [f"commit:{sha(letter)}" for letter in "cas"]
    assert rows(judged.datasets[1]) == [f"commit:{sha(letter)}" for letter in "dcbs"]


def test_a_branch_that_is_not_merged_puts_no_row_of_the_tip_into_the_file() -> None:
    """Found in use: commits that the line does not reach stood for its last position."""
    history = monorepo().commit("x", "s", at=5, branch=False, files="web/x")

    assert sha("d") not in by_service(history)["web"].line


def test_changes_by_their_tags() -> None:
    found = by_service(monorepo())

    assert new_by_tag(found["api"]) == {"api/v1.0": {"s"}, "api/v1.1": {"a"}, "api/v1.2": {"c"}}
    assert new_by_tag(found["web"]) == {"web/v1.0": {"s"}, "web/v1.1": {"b", "c"}}
