from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from dora_metrics.domain.models import CommitLead
from dora_metrics.storage.csv_handler import CSVHandler
from support.judgement_samples import a_change, a_dataset, a_deployment, a_failure, at, sha

PROMISED = {
    "changes": "key repository pull_request title labels is_bot merge_commit first_commit_at created_at ready_at "
    "first_review_at merged_at via deployment deployed_at lead_time_hours coding_hours pickup_hours review_hours "
    "deploy_hours is_hotfix is_revert reverts flags",
    "deployments": "key repository environment commit tag deployed_at source kind changes failed failure_provenance "
    "failed_because began_at restored_at restored_by recovery_hours flags",
    "incidents": "key repository issue title started_at resolved_at caused_by attribution fixed_by flags",
}
FULL_CHANGE = a_change(
    12,
    title="fix: the cart\nloses items, said ada@example.org",
    labels=("bug", "urgent; now"),
    author="Ada",
    first_commit_at=at(0),
    first_committed_at=at(0.5),
    created_at=at(1),
    ready_at=at(2),
    first_review_at=at(3.5),
    merged_at=at(4),
    started_at=at(0),
    via="merge_commit",
    deployment="tag:v1",
    deployed_at=at(24),
    lead_time=timedelta(hours=24),
    is_hotfix=True,
    hotfix_reason="label urgent",
    is_revert=True,
    reverts=("pr:3", "pr:4"),
    flags=("clamped", "start=pr_created"),
)
SHIPPED = a_deployment("v1", 24, changes=3, flags=("backfilled_tag",), new_commits=7, evidence=("tag:v0",))


def written(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


def changes(*of: object) -> list[dict[str, str]]:
    return written(CSVHandler().changes_csv([a_dataset(changes=of)], include_authors=False))


def test_the_promised_columns_stand_in_the_promised_order() -> None:
    handler = CSVHandler()
    files = {
        "changes": handler.changes_csv([], include_authors=False),
        "deployments": handler.deployments_csv([]),
        "incidents": handler.incidents_csv([]),
    }
    for name, promised in PROMISED.items():
        header = files[name].decode().strip().split(",")
        assert [column for column in header if column in promised.split()] == promised.split()
        assert header[:3] == ["key", "repository", "service"]
        assert files[name].count(b"\n") == 1


def test_a_change_with_everything_known() -> None:
    assert changes(FULL_CHANGE) == [
        {
            "key": "pr:12",
            "repository": "acme/shop",
            "service": "",
            "pull_request": "12",
            "title": "fix: the cart loses items, said <email>",
            "labels": "bug;urgent; now",
            "is_bot": "false",
            "merge_commit": sha(12),
            "first_commit_at": "2025-03-02T14:05:00Z",
            "created_at": "2025-03-02T15:05:00Z",
            "ready_at": "2025-03-02T16:05:00Z",
            "first_review_at": "2025-03-02T17:35:00Z",
            "merged_at": "2025-03-02T18:05:00Z",
            "via": "merge_commit",
            "deployment": "tag:v1",
            "deployed_at": "2025-03-03T14:05:00Z",
            "lead_time_hours": "24",
            "coding_hours": "1",
            "pickup_hours": "1.5",
            "review_hours": "0.5",
            "deploy_hours": "20",
            "is_hotfix": "true",
            "is_revert": "true",
            "reverts": "pr:3;pr:4",
            "flags": "clamped;start=pr_created",
            "left_out": "",
            "hotfix_reason": "label urgent",
            "started_at": "2025-03-02T14:05:00Z",
            "first_committed_at": "2025-03-02T14:35:00Z",
            "url": "https://github.com/acme/shop/pull/12",
        }
    ]


def test_what_is_unknown_is_empty_and_never_zero() -> None:
    [row] = changes(a_change(1, pull_request=None, key=f"commit:{sha(1)}"))
    for column, cell in row.items():
        if column.endswith(("_at", "_hours")) or column in {"labels", "pull_request", "deployment"}:
            assert cell == "", column


def test_a_stage_that_ends_before_it_begins_is_empty() -> None:
    [row] = changes(a_change(1, merged_at=at(9), deployed_at=at(5)))
    assert row["deploy_hours"] == ""


@pytest.mark.parametrize("include_authors", [True, False])
def test_a_name_is_written_only_when_asked_for_and_an_address_never(include_authors: bool) -> None:
    change = FULL_CHANGE._replace(author="Ada <ada@example.org>")
    content = CSVHandler().changes_csv([a_dataset(changes=(change,))], include_authors=include_authors)
    assert (b"Ada" in content) is include_authors
    assert ("author" in written(content)[0]) is include_authors
    assert b"ada@example" not in content


def test_a_repository_that_is_nowhere_has_no_addresses() -> None:
    assert changes(a_change(1, repository="local/shop"))[0]["url"] == ""


def test_an_enterprise_has_its_own_host() -> None:
    content = CSVHandler(host="https://git.example.org").deployments_csv([a_dataset(deployments=(SHIPPED,))])
    assert written(content)[0]["url"] == "https://git.example.org/acme/shop/releases/tag/v1"


def test_a_deployment_stands_with_all_its_failures_as_one() -> None:
    failures = (
        a_failure("tag:v1", began_at=at(25), restored_at=at(26), restored_by="tag:v2"),
        a_failure(
            "tag:v1", key="issue:7", began_at=at(24.5), restored_at=at(27), provenance="explicit", because="said"
        ),
        a_failure("tag:v2", attribution="not_in_Dc"),
    )
    deployments = (SHIPPED, a_deployment("v2", 26, kind="rollback", kind_reason="back to v0", withdrawn=7))

    failed, fine = written(CSVHandler().deployments_csv([a_dataset(deployments=deployments, failures=failures)]))

    assert failed == {
        "key": "tag:v1",
        "repository": "acme/shop",
        "service": "",
        "environment": "production",
        "commit": sha(24),
        "tag": "v1",
        "deployed_at": "2025-03-03T14:05:00Z",
        "source": "tag",
        "kind": "normal",
        "changes": "3",
        "failed": "true",
        "failure_provenance": "explicit",
        "failed_because": "a hotfix followed; said",
        "began_at": "2025-03-03T14:35:00Z",
        "restored_at": "2025-03-03T17:05:00Z",
        "restored_by": "",
        "recovery_hours": "2.5",
        "flags": "backfilled_tag",
        "kind_reason": "",
        "new_commits": "7",
        "withdrawn": "0",
        "evidence": "tag:v0",
        "release_line": "",
        "url": "https://github.com/acme/shop/releases/tag/v1",
    }
    assert (fine["failed"], fine["failure_provenance"], fine["began_at"]) == ("false", "", "")
    assert (fine["kind"], fine["kind_reason"], fine["withdrawn"]) == ("rollback", "back to v0", "7")


def test_every_failure_is_an_incident_whoever_caused_it() -> None:
    failures = (
        a_failure(
            "tag:v1",
            key="issue:7",
            issue=7,
            restored_at=at(2),
            restored_by="tag:v2",
            fixed_by="pr:12",
            opened_at=at(0),
            closed_at=at(1),
        ),
        a_failure(None, key="failure:pr:3", attribution="unattributed", confidence="low"),
    )
    caused, unknown = written(CSVHandler().incidents_csv([a_dataset(failures=failures)]))
    assert caused == {
        "key": "issue:7",
        "repository": "acme/shop",
        "service": "",
        "issue": "7",
        "title": "it broke",
        "started_at": "2025-03-02T14:05:00Z",
        "resolved_at": "2025-03-02T16:05:00Z",
        "caused_by": "tag:v1",
        "attribution": "inferred",
        "fixed_by": "pr:12",
        "flags": "",
        "because": "a hotfix followed",
        "confidence": "medium",
        "provenance": "inferred",
        "restored_by": "tag:v2",
        "opened_at": "2025-03-02T14:05:00Z",
        "closed_at": "2025-03-02T15:05:00Z",
    }
    assert (unknown["caused_by"], unknown["attribution"], unknown["resolved_at"]) == ("", "unattributed", "")


def test_each_delivered_commit_has_its_own_row() -> None:
    leads = (CommitLead(sha(3), "tag:v1", 5400), CommitLead(sha(4), "tag:v1", 0))
    assert written(CSVHandler().commits_csv([a_dataset(commit_leads=leads)])) == [
        {"repository": "acme/shop", "service": "", "commit": sha(3), "deployment": "tag:v1", "lead_time_hours": "1.5"},
        {"repository": "acme/shop", "service": "", "commit": sha(4), "deployment": "tag:v1", "lead_time_hours": "0"},
    ]


def test_the_order_of_the_services_does_not_change_a_byte() -> None:
    datasets = [a_dataset(repository=name, service=service, deployments=(SHIPPED,)) for name, service in SERVICES]
    there, back = (CSVHandler().deployments_csv(order) for order in (datasets, datasets[::-1]))
    assert there == back


SERVICES = [("acme/shop", "web"), ("acme/shop", "api"), ("acme/base", "")]


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "\t=1", "+1 to this", "-rm", "＝1"])  # noqa: RUF001 (full-width form)
def test_no_cell_that_others_wrote_can_run(text: str) -> None:
    change = a_change(1, title=text, labels=(text,), author=text, hotfix_reason=text)
    deployment = a_deployment(text, 1, environment=text, kind_reason=text, release_line=text)
    dataset = a_dataset(changes=(change,), deployments=(deployment,), failures=(a_failure("x", title=text),))
    handler = CSVHandler()
    rows = [
        *written(handler.changes_csv([dataset], include_authors=True)),
        *written(handler.deployments_csv([dataset])),
        *written(handler.incidents_csv([dataset])),
    ]
    guarded = [cell for row in rows for cell in row.values() if cell.startswith("'")]
    assert len(guarded) == 9
    assert not [cell for row in rows for cell in row.values() if cell.lstrip()[:1] in tuple("=+-@\uff1d")]
