"""An archive and a clone become a world whose answers say what both say."""

from __future__ import annotations

import json
from pathlib import Path

from dora_metrics.domain.timestamps import format_utc
from support.git_repository import GitRepository
from support.github_asking import Asking, items
from support.github_feed import add_releases, world_of

REVIEW = {"author": "chris-wood", "createdAt": "2019-07-02T16:05:51Z", "state": "APPROVED"}
COMMENTS = [
    {"author": "github-actions[bot]", "createdAt": "2019-07-02T15:00:00Z"},
    {"author": "bifurcation", "createdAt": "2019-07-02T15:30:00Z"},
]


def test_what_was_fed_comes_out(tmp_path: Path) -> None:
    """One pull request of cfrg/draft-irtf-cfrg-hpke as its archive has it, but for the hashes of this small clone."""
    clone = GitRepository(tmp_path / "clone.git", bare=True)
    clone.commit("base", at="2019-06-01T00:00:00Z")
    clone.commit("one", parents=["base"], at="2019-06-17T20:00:00Z", branch="topic")
    clone.commit("two", parents=["one"], at="2019-06-17T21:00:00Z", branch="topic")
    clone.commit("merge", parents=["base", "two"], at="2019-07-02T16:48:34Z")
    clone.tag("v1", "merge", at="2019-07-03T00:00:00Z")
    pull = {
        "number": 1,
        "id": "MDExOlB1bGxSZXF1ZXN0Mjg5MDcyNTg2",
        "title": "Comments from @dwd (and one thing I found)",
        "state": "MERGED",
        "author": "bifurcation",
        "labels": ["editorial"],
        "createdAt": "2019-06-18T01:17:07Z",
        "updatedAt": "2019-07-02T16:48:34Z",
        "mergedAt": "2019-07-02T16:48:34Z",
        "headRefName": "cridland",
        "baseRefName": "master",
        "headRefOid": clone["two"],
        "mergeCommit": {"oid": clone["merge"]},
        "comments": COMMENTS,
        "reviews": [REVIEW],
    }
    closed = {**pull, "number": 2, "id": "MDEx", "state": "CLOSED", "mergedAt": None, "mergeCommit": None}
    issue = {key: pull[key] for key in ("title", "createdAt", "updatedAt")}
    issue.update(number=10, id="MDU6", labels=["incident"], closedAt=None)
    archive = tmp_path / "archive.json"
    archive.write_text(json.dumps({"repo": "acme/shop", "issues": [issue], "pulls": [pull, closed]}), encoding="utf-8")

    world = world_of(archive, clone.path)
    add_releases(world, clone.path, {"v1": 1_562_112_000})
    asking = Asking(world)
    [found] = asking.pulls()
    [release] = items(asking.client.get_releases("acme", "shop"))
    [incident] = items(asking.client.get_issues("acme", "shop", labels=["incident"]))

    assert (found.number, found.merge_sha, found.head_sha) == (1, clone["merge"], clone["two"])
    assert found.commits == (clone["one"], clone["two"])
    assert (found.author, found.labels, found.base_branch) == ("bifurcation", ("editorial",), "master")
    assert format_utc(found.first_review_at) == "2019-07-02T16:05:51Z"
    assert (release.tag, release.commit_sha) == ("v1", clone["merge"])
    assert incident.number == 10
