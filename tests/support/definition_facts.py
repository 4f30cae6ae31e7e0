"""What the real judgement and the real calculators make of an example, by the names that the page uses.

A subject is a key as the tool shows it (`tag:v1.0`, `pr:7`, `commit:b`, `issue:50`, `failure:tag:v1.0`), the label of a
period, `overall`, or `all deployments`, `all changes`, `all failures`, `all periods`. Hashes are commits' letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Optional

from dora_metrics.calculators.frames import read_changes, read_commits, read_deployments, read_incidents
from dora_metrics.calculators.metrics import calculate_results
from dora_metrics.domain.measurements import Results
from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.outages import outages_by_deployment
from dora_metrics.storage.dataset_csv import changes_csv, commits_csv, deployments_csv, incidents_csv
from support.definition_history import Drawn
from support.definition_numbers import facts_of_period
from support.small_history import REPOSITORY, sha

LETTERS = {sha(letter): letter for letter in map(chr, range(33, 127))}
Facts = Mapping[str, Any]


def with_letters(text: str) -> str:
    """A text with the letters of commits instead of their hashes."""
    return re.sub(r"[0-9a-f]{40}", lambda found: LETTERS.get(found[0], found[0]), text)


class Answers:
    """All facts of one example, each asked for by its subject."""

    def __init__(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self._results: dict[str, Results] = {}
        if drawn.history.services:
            judged = drawn.history.judged_services(**drawn.judging).datasets
            self._datasets = {dataset.service: dataset for dataset in judged}
        else:
            self._datasets = {"": drawn.history.judged(**drawn.judging)}

    def about(self, subject: str, place: str = "") -> Facts:
        """The facts about `subject`, of the service or under the profile `place`. Raises `ValueError` without any."""
        dataset = self._datasets.get(place, next(iter(self._datasets.values())))
        found = _of_dataset(dataset, subject) or self._of_numbers(subject, place)
        if found is None:
            message = f"there is no {subject!r}"
            raise ValueError(message)
        return found

    def _of_numbers(self, subject: str, place: str) -> Optional[Facts]:
        if self._drawn.as_of is None:
            return None
        if place not in self._results:
            self._results[place] = self._calculated(place)
        results = self._results[place]
        if subject == "all periods":
            return {"": [period.period.label for period in results.periods]}
        labelled = {period.period.label: period for period in (*results.periods, results.overall)}
        return facts_of_period(labelled[subject]) if subject in labelled else None

    def _calculated(self, place: str) -> Results:
        chosen = [self._datasets[place]] if place in self._datasets else list(self._datasets.values())
        settings: dict[str, Any] = {
            "grain": self._drawn.calculating.get("period", "monthly"),
            "timezone": "UTC",
            "fiscal_start_month": 1,
            "profile": place if place and place not in self._datasets else "dora",
            **{name: value for name, value in self._drawn.calculating.items() if name != "period"},
        }
        assert self._drawn.as_of is not None
        return calculate_results(
            read_changes(changes_csv(chosen, include_authors=False)),
            read_deployments(deployments_csv(chosen)),
            read_incidents(incidents_csv(chosen)),
            commits=read_commits(commits_csv(chosen)),
            as_of=self._drawn.as_of,
            repositories=(REPOSITORY,),
            knows_issues=self._drawn.from_github,
            **settings,
        )


def _of_dataset(dataset: Dataset, subject: str) -> Optional[Facts]:
    every: Mapping[str, Iterable[Any]] = {
        "all deployments": dataset.deployments,
        "all changes": dataset.changes,
        "all failures": dataset.failures,
    }
    if subject in every:
        return {"": [with_letters(each.key) for each in every[subject]]}
    for deployment in dataset.deployments:
        if with_letters(deployment.key) == subject:
            return _of_deployment(dataset, deployment)
    for change in dataset.changes:
        if with_letters(change.key) == subject:
            return _of_change(change)
    for failure in dataset.failures:
        if with_letters(failure.key) == subject:
            return _of_failure(failure)
    return None


def _of_deployment(dataset: Dataset, made: Deployment) -> Facts:
    outage = outages_by_deployment(dataset.failures).get(made.key)
    return {
        "kind": made.kind,
        "at": made.deployed_at,
        "source": made.source,
        "commit": with_letters(made.commit_sha),
        "tag": made.tag,
        "new commits": made.new_commits,
        "changes": made.changes,
        "brings": [with_letters(change.key) for change in dataset.changes if change.deployment == made.key],
        "withdrawn": made.withdrawn,
        "evidence": list(map(with_letters, made.evidence)),
        "flags": list(made.flags),
        "line": made.release_line,
        "word of a person": made.explicit,
        "failed": outage is not None,
        "began": outage.began_at if outage else None,
        "restored": outage.restored_at if outage else None,
        "recovery": outage.recovery if outage else None,
    }


def _of_change(change: Change) -> Facts:
    return {
        "in": with_letters(change.deployment) if change.deployment else None,
        "at": change.deployed_at,
        "via": change.via,
        "lead": change.lead_time,
        "from review": _span(change.ready_at, change.deployed_at),
        "from merge": _span(change.merged_at, change.deployed_at),
        "coding": _span(change.first_commit_at, change.created_at),
        "pickup": _span(change.ready_at, change.first_review_at),
        "review": _span(change.first_review_at, change.merged_at),
        "commits": [LETTERS[own] for own in change.commits],
        "starts": change.started_at,
        "flags": list(map(with_letters, change.flags)),
        "left out": change.left_out or None,
        "labels": None if change.labels is None else list(change.labels),
        "created": change.created_at,
        "bot": change.is_bot,
        "hotfix": change.is_hotfix,
        "hotfix by": change.hotfix_reason,
        "revert": change.is_revert,
        "reverts": list(map(with_letters, change.reverts)),
    }


def _span(start: Optional[datetime], end: Optional[datetime]) -> Optional[timedelta]:
    return None if start is None or end is None or end < start else end - start


def _of_failure(failure: Failure) -> Facts:
    return {
        "rule": failure.attribution,
        "blames": with_letters(failure.deployment) if failure.deployment else None,
        "provenance": failure.provenance,
        "began": failure.began_at,
        "restored": failure.restored_at,
        "restored by": with_letters(failure.restored_by) if failure.restored_by else None,
        "fixed by": with_letters(failure.fixed_by) if failure.fixed_by else None,
        "flags": list(failure.flags),
    }
