"""Finding what a person asks about: a period, a deployment, a pull request or a commit."""

from __future__ import annotations

from dataclasses import replace
from typing import Optional

from dora_metrics.domain.models import Dataset
from dora_metrics.domain.periods import load_zone, period_of_label
from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.derive import Derived
from dora_metrics.pipeline.numbers import frames_of, results_of
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.judgement import Facts
from dora_metrics.report.explain_items import explain_change, explain_deployment
from dora_metrics.report.explain_period import explain_period
from dora_metrics.report.explanation import Explanation, Section, render_explanation
from dora_metrics.report.words import plural

NOT_COUNTED = "Not counted"
OF_NO_SERVICE = "It belongs to no service: it touches none of their folders (`services` in dora-metrics.toml)."
SHORTEST_HASH = 7
GRAIN_BY_SHAPE = {"W": "weekly", "Q": "quarterly"}


def explain_what(workspace: Workspace, derived: Derived, what: str, form: str) -> str:
    """The explanation of `what`, rendered; `ConfigurationError` when it names nothing that is there."""
    found = _item(derived, what.strip()) or _period(workspace, derived, what.strip())
    if found is None:
        message = f"{what!r} is no period, deployment, pull request or commit of the data"
        raise ConfigurationError(
            message, remedy='ask for a period (2025-Q1), a tag, a pull request ("#123") or a commit'
        )
    return render_explanation(found, form)


def _item(derived: Derived, what: str) -> Optional[Explanation]:
    """What `what` is in each dataset that has it; where none counts it, why not."""
    answers = [
        (dataset, found)
        for dataset, facts in zip(derived.datasets, derived.facts)
        if (found := _in_dataset(dataset, facts, what)) is not None
    ]
    counted = [(dataset, found) for dataset, found in answers if found.sections[0].title != NOT_COUNTED]
    if not counted:
        return _of_no_service(derived, what) or (answers[0][1] if answers else None)
    named = [(dataset, _with_service(found, dataset)) for dataset, found in counted]
    if len(named) == 1:
        return named[0][1]
    sections = [
        replace(section, title=f"{dataset.name}: {section.title}")
        for dataset, found in named
        for section in found.sections
    ]
    return Explanation(f"{what}: in {plural(len(named), 'dataset')}", tuple(sections))


def _with_service(found: Explanation, dataset: Dataset) -> Explanation:
    return replace(found, subject=found.subject.replace(dataset.repository, dataset.name, 1))


def _of_no_service(derived: Derived, what: str) -> Optional[Explanation]:
    """Of a pull request or commit that belongs to no service."""
    for uncovered in derived.uncovered:
        number = what.lstrip("#").removeprefix("pr:")
        sha = what.removeprefix("commit:").lower()
        if number in map(str, uncovered.pull_requests) and what != number:
            return Explanation(f"{uncovered.repository}: #{number}", (Section(NOT_COUNTED, (OF_NO_SERVICE,)),))
        fits = [one for one in uncovered.commits if len(sha) >= SHORTEST_HASH and one.startswith(sha)]
        if len(fits) == 1:
            return Explanation(f"{uncovered.repository}: commit {fits[0]}", (Section(NOT_COUNTED, (OF_NO_SERVICE,)),))
    return None


def _in_dataset(dataset: Dataset, facts: Facts, what: str) -> Optional[Explanation]:
    for deployment in dataset.deployments:
        if what in (deployment.key, deployment.tag):
            return explain_deployment(dataset, deployment)
    number = what.lstrip("#").removeprefix("pr:") if what.startswith(("#", "pr:")) else ""
    for change in dataset.changes:
        if number and str(change.pull_request) == number:
            return explain_change(dataset, change)
    commit = facts.history.find(what.removeprefix("commit:").lower()) if not number else None
    return None if commit is None else _commit(dataset, facts.history.sha(commit))


def _commit(dataset: Dataset, sha: str) -> Explanation:
    """The change that the commit belongs to; a merge that belongs to none has nothing to explain but itself."""
    for change in dataset.changes:
        if sha == change.merge_commit or sha in change.commits:
            return explain_change(dataset, change)
    for deployment in dataset.deployments:
        if deployment.commit_sha == sha:
            return explain_deployment(dataset, deployment)
    words = "It belongs to no change: a merge, or a commit that neither the branch nor a deployment reaches."
    return Explanation(f"{dataset.repository}: commit {sha}", (Section(NOT_COUNTED, (words,)),))


def _period(workspace: Workspace, derived: Derived, label: str) -> Optional[Explanation]:
    """The period of that label, of whatever length the label has."""
    metrics = workspace.settings.metrics
    named = label in ("all", "overall")
    if (
        not named
        and period_of_label(label, zone=load_zone(metrics.timezone), fiscal_start_month=metrics.fiscal_start_month)
        is None
    ):
        return None
    grain = "all" if named else _grain(label)
    cut = replace(workspace, settings=replace(workspace.settings, metrics=replace(metrics, period=grain)))
    results = results_of(cut, frames_of(derived.tables, derived.record))
    candidates = [results.overall] if named else results.periods
    found = next((result for result in candidates if named or result.period.label == label), None)
    if found is None:
        return None
    return explain_period(derived.datasets, found, results.overall.deployment_frequency.per_day)


def _grain(label: str) -> str:
    """The length of the periods that bear labels of this form."""
    days = label.partition("/")[2]
    if days:
        return days
    for sign, grain in GRAIN_BY_SHAPE.items():
        if sign in label:
            return grain
    return {0: "yearly", 1: "monthly"}.get(label.count("-"), "daily")
