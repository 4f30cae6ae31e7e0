"""What a report tells beside the numbers: the rules in force, and where the data came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dora_metrics.domain.models import dataset_name
from dora_metrics.pipeline.github_window import CURSORS
from dora_metrics.pipeline.selection import wanted_places
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.history import History

if TYPE_CHECKING:
    from dora_metrics.report.report_facts import ReportFacts

NO_GITHUB = (
    "From the clone alone: labels, reviews, creation times of pull requests and incident issues are unknown to git, "
    "so what rests on them is NA."
)


def report_facts(workspace: Workspace, record: CommitRecord, *, unresolved: int) -> ReportFacts:
    """The facts for the page of this record; `unresolved` pull requests could not be tied to the history."""
    from dora_metrics.report.report_facts import ReportFacts  # noqa: PLC0415 (with the report)

    sealed = History(workspace.storage()).head()
    asked = wanted_places(workspace) if workspace.repository or workspace.service else []
    truncated = any(record.cursors.get(name, {}).get("shallow") for name in workspace.names())
    return ReportFacts(
        title=", ".join(dataset_name(*place) for place in asked),
        tool_version=workspace.tool_version,
        store_number=record.number,
        head_hash=sealed.digest if sealed is not None else "",
        rules=rules_in_force(workspace, record),
        notes=_notes(workspace, record),
        unresolved=unresolved,
        truncated=truncated,
        lead_time_start=workspace.settings.metrics.lead_time_start,
        levels=workspace.settings.metrics.levels,
    )


def _without_github(workspace: Workspace, record: CommitRecord) -> list[str]:
    """The repositories that GitHub was never asked about."""
    return [name for name in workspace.names() if CURSORS not in record.cursors.get(name, {})]


def _notes(workspace: Workspace, record: CommitRecord) -> tuple[str, ...]:
    without = _without_github(workspace, record)
    if not without:
        return ()
    return (NO_GITHUB if len(without) == len(workspace.names()) else f"{', '.join(without)}: {NO_GITHUB}",)


def rules_in_force(workspace: Workspace, record: CommitRecord) -> tuple[tuple[str, str], ...]:
    """The settings that shape the numbers, in words: what, value."""
    settings = workspace.settings
    deployments, failures, metrics = settings.deployments, settings.failures, settings.metrics
    from_git_alone = len(_without_github(workspace, record)) == len(workspace.names())
    sources = [source for source in deployments.sources if source in ("tag", "merge") or not from_git_alone]
    branches = ", ".join(repository.branch or "the branch that HEAD names" for repository in settings.repositories)
    services = "; ".join(
        f"{one.name}: {one.path_prefix or 'all files'}" + (f", tags {one.tag_pattern}" if one.tag_pattern else "")
        for repository in settings.repositories
        for one in repository.services
    )
    return (
        ("Branch", branches),
        *((("Services", services),) if services else ()),
        ("Deployments come from", ", ".join(sources) + " and a person's word" if sources else "a person's word only"),
        ("Tags that are deployments", deployments.tag_pattern or "those that look like versions"),
        ("Pre-releases", "count" if deployments.include_prereleases else "do not count"),
        ("Release lines", deployments.release_line or "one for all"),
        ("Changes of the initial deployment", "have a lead time" if deployments.include_initial else "have none"),
        ("Lead time starts at", metrics.lead_time_start.replace("_", " ")),
        ("Bots", "left out" if metrics.exclude_bots else "included"),
        ("Production environments", deployments.environment),
        ("Incident labels", ", ".join(failures.incident_labels) or "none"),
        ("Hotfix labels", ", ".join(failures.hotfix_labels) or "none"),
        ("Hotfix branches", failures.hotfix_branches or "none"),
        ("Hotfix titles", failures.hotfix_titles or "none"),
        ("An inferred cause lies at most", f"{failures.window_days} days before the fix was begun"),
        ("A rollback blames", "what was live" if failures.rollback_blames == "live" else "what came after its target"),
        ("A period is provisional for", f"{failures.maturity_days} days after its end"),
        ("Timezone", metrics.timezone),
        ("Levels", "none" if metrics.levels == "none" else f"DORA {metrics.levels}"),
    )
