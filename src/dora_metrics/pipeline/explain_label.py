"""The explanation of a period, of whatever length its label has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from dora_metrics.domain.models import Change, Dataset, Deployment, Failure
from dora_metrics.domain.periods import load_zone, period_of_label
from dora_metrics.pipeline.derive import Derived
from dora_metrics.pipeline.explain_decisions import Decisions, rows_of_change, rows_of_deployment, rows_of_failure
from dora_metrics.pipeline.numbers import frames_of, results_of
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.explain_period import explain_period
from dora_metrics.report.explain_rows import decision_section
from dora_metrics.report.explanation import Explanation, Section

GRAIN_BY_SHAPE = {"W": "weekly", "Q": "quarterly"}


def explain_label(workspace: Workspace, derived: Derived, decisions: Decisions, label: str) -> Optional[Explanation]:
    """The period of that label, of whatever length the label has; `None` when no such period is in the data."""
    metrics = workspace.settings.metrics
    named = label in ("all", "overall")
    zone = load_zone(metrics.timezone)
    if not named and period_of_label(label, zone=zone, fiscal_start_month=metrics.fiscal_start_month) is None:
        return None
    grain = "all" if named else _grain(label)
    chosen = replace(workspace.settings, metrics=replace(metrics, period=grain, profile="dora"))
    cut = replace(workspace, settings=chosen)
    results = results_of(cut, frames_of(derived.tables, derived.record))
    candidates = [results.overall] if named else results.periods
    result = next((result for result in candidates if named or result.period.label == label), None)
    if result is None:
        return None
    explanation, items = explain_period(derived.datasets, result, results)
    said = [
        word
        for dataset in derived.datasets
        for word in decisions.on(dataset, _rows_of_period(dataset, items.judged(dataset)))
    ]
    note = () if metrics.profile == "dora" else (_other_profile(metrics.profile),)
    return replace(explanation, sections=(*note, *explanation.sections, *decision_section(said)))


def _rows_of_period(dataset: Dataset, items: Sequence[object]) -> set[str]:
    rows: set[str] = set()
    for item in items:
        if isinstance(item, Deployment):
            rows |= rows_of_deployment(item)
        elif isinstance(item, Change):
            rows |= rows_of_change(item)
        elif isinstance(item, Failure):
            rows |= rows_of_failure(dataset, item)
    return rows


def _other_profile(profile: str) -> Section:
    words = f"These are the definitions of `dora`; `--profile {profile}` counts by other rules."
    return Section("Definitions", (words,), code="profile")


def _grain(label: str) -> str:
    """The length of the periods that bear labels of this form."""
    days = label.partition("/")[2]
    if days:
        return days
    for sign, grain in GRAIN_BY_SHAPE.items():
        if sign in label:
            return grain
    return {0: "yearly", 1: "monthly"}.get(label.count("-"), "daily")
