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
from dora_metrics.report.explain_items import explain_change, explain_deployment
from dora_metrics.report.explain_period import explain_period
from dora_metrics.report.explanation import Explanation, Section, render_explanation

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
    for dataset, facts in zip(derived.datasets, derived.facts):
        for deployment in dataset.deployments:
            if what in (deployment.key, deployment.tag):
                return explain_deployment(dataset, deployment)
        number = what.lstrip("#").removeprefix("pr:") if what.startswith(("#", "pr:")) else ""
        for change in dataset.changes:
            if number and str(change.pull_request) == number:
                return explain_change(dataset, change)
        commit = facts.history.find(what.removeprefix("commit:").lower()) if not number else None
        if commit is not None:
            return _commit(dataset, facts.history.sha(commit))
    return None


def _commit(dataset: Dataset, sha: str) -> Explanation:
    """The change that the commit belongs to; a merge that belongs to none has nothing to explain but itself."""
    for change in dataset.changes:
        if sha == change.merge_commit or sha in change.commits:
            return explain_change(dataset, change)
    for deployment in dataset.deployments:
        if deployment.commit_sha == sha:
            return explain_deployment(dataset, deployment)
    words = "It belongs to no change: a merge, or a commit that neither the branch nor a deployment reaches."
    return Explanation(f"{dataset.repository}: commit {sha}", (Section("Not counted", (words,)),))


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
