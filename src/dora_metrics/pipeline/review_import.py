"""`import`: a person's decisions into the store, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence

from dora_metrics.domain.known_keys import KnownService, known_service
from dora_metrics.domain.models import Annotation, dataset_name
from dora_metrics.domain.review import TAKE_BACK, ReviewRow, changed_decisions, decisions_in_force
from dora_metrics.pipeline.derive import Derived, derive
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.stored import require_head, stored_as, views_made
from dora_metrics.pipeline.views import review_rows, write_views
from dora_metrics.pipeline.workspace import RunSummary, Workspace
from dora_metrics.report.words import plural

MOST_SHOWN = 200


def import_file(workspace: Workspace, name: str, content: bytes, *, dry_run: bool = False) -> RunSummary:
    """Check every row of `content` (called `name` in messages), then store what it newly decides.

    Raises `InputError` with every problem, and changes nothing; a file that decides nothing new changes nothing either.
    With `dry_run` the sentences show what would change.
    """
    manager = workspace.manager()
    derived = derive(workspace, manager)
    rows = review_rows(workspace, derived, "all")
    known = known_services(derived, rows)
    handler = workspace.csv_handler()
    parsed = handler.parse_review(
        content,
        file_name=name,
        known=known,
        timezone=workspace.settings.metrics.timezone,
        accepted_at=workspace.now,
    )
    changed = changed_decisions(parsed.annotations, derived.annotations)
    warnings = tuple(parsed.warnings)
    if dry_run:
        return RunSummary((*_differences(changed, derived), _would(changed)), warnings)
    if not changed and views_made(workspace, derived.record):
        return RunSummary((f"{name} decides nothing new.",), warnings)
    with manager.begin(command="import", actor=workspace.actor, now=workspace.now) as transaction:
        record = require_head(workspace, manager)
        if record.commit_id != derived.record.commit_id:
            derived = derive(workspace, manager, record=record)
        if not changed_decisions(parsed.annotations, derived.annotations):
            transaction.commit()  # nothing but the copy of the record that a killed run left old
            write_views(workspace, derived, ReviewView(None), imported=content)
            return RunSummary((f"{name} decides nothing new.",), warnings)
        accepted = [*derived.annotations, *changed_decisions(parsed.annotations, derived.annotations)]
        transaction.put_import(content, extension=_extension(name))
        transaction.put_annotations(handler.annotations_csv(accepted), rows=len(accepted))
        before = derived.annotations
        derived = derive(workspace, manager, record=transaction.commit())
        asking = len(write_views(workspace, derived, ReviewView(None), before=before, imported=content))
    done = f"{plural(len(changed), 'decision')} from {name} {'is' if len(changed) == 1 else 'are'} in force now."
    left = f"{plural(asking, 'row')} still {'needs' if asking == 1 else 'need'} a person." if asking else ""
    return RunSummary(tuple(filter(None, (done, left, stored_as(derived.record)))), warnings, needs_person=asking > 0)


def _extension(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ending if ending in ("csv", "tsv", "txt") else "csv"


def known_services(derived: Derived, rows: Sequence[ReviewRow]) -> list[KnownService]:
    """What may be named, by service; those of one repository share its commits."""
    commits: dict[str, frozenset[str]] = {}
    known = []
    for dataset, facts in zip(derived.datasets, derived.facts):
        if dataset.repository not in commits:
            graph = facts.history.graph
            stored = (graph.sha(commit) for commit in range(len(graph)) if graph.known(commit))
            commits[dataset.repository] = frozenset(stored)
        place = (dataset.repository, dataset.service)
        decided = [word.key for word in derived.annotations if (word.repository, word.service) == place]
        issues = (incident.number for incident in facts.incidents)
        known.append(known_service(dataset, commits[dataset.repository], rows=rows, decided=decided, issues=issues))
    return known


def _differences(changed: list[Annotation], derived: Derived) -> list[str]:
    """One line a decision: row, column, what was said before, what is said now."""
    before = decisions_in_force(derived.annotations)
    lines = []
    for word in changed[:MOST_SHOWN]:
        said = before.get((word.repository, word.service, word.key), {}).get(word.column, "(nothing)")
        now = "(taken back)" if word.value == TAKE_BACK else word.value
        place = dataset_name(word.repository, word.service)
        lines.append(f"{place} {word.key} {word.column}: {said} -> {now}")
    if len(changed) > MOST_SHOWN:
        lines.append(f"… and {len(changed) - MOST_SHOWN:,} more")
    return lines


def _would(changed: list[Annotation]) -> str:
    return f"Dry run: {plural(len(changed), 'decision')} would change; nothing was stored."
