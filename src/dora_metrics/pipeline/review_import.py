"""`import`: a person's decisions into the store, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence

from dora_metrics.domain.known_keys import KnownService, known_service
from dora_metrics.domain.models import Annotation, Dataset
from dora_metrics.domain.review import TAKE_BACK, ReviewRow, changed_decisions, decisions_in_force
from dora_metrics.pipeline.derive import Derived, derive, read_annotations
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.views import review_rows, write_views
from dora_metrics.pipeline.workspace import RunSummary, Workspace
from dora_metrics.processors.judgement import Facts
from dora_metrics.report.words import plural
from dora_metrics.storage.transaction import Transaction

MOST_SHOWN = 200


def import_file(workspace: Workspace, name: str, content: bytes, *, dry_run: bool = False) -> RunSummary:
    """Check every row of `content` (called `name` in messages), then store what it newly decides.

    Raises `InputError` with every problem, and changes nothing; a file that decides nothing new changes nothing either.
    With `dry_run` the sentences show what would change.
    """
    manager = workspace.manager()
    derived = derive(workspace, manager)
    rows = review_rows(workspace, derived, "all")
    known = [_known(dataset, facts, derived, rows) for dataset, facts in zip(derived.datasets, derived.facts)]
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
    if not changed:
        return RunSummary((f"{name} decides nothing new.",), warnings)

    def build(transaction: Transaction) -> tuple[Annotation, ...]:
        """Add to the decisions that are in force now: other runs may have been quicker."""
        before = read_annotations(workspace, manager, transaction.head)
        accepted = [*before, *changed_decisions(parsed.annotations, before)]
        transaction.put_import(content, extension=_extension(name))
        transaction.put_annotations(handler.annotations_csv(accepted), rows=len(accepted))
        return before

    with manager.apply(build, command="import", actor=workspace.actor, now=workspace.now) as (record, before):
        derived = derive(workspace, manager, record=record)
        asking = write_views(workspace, derived, ReviewView(None), before=before, imported=content)
    done = f"{plural(len(changed), 'decision')} from {name} {'is' if len(changed) == 1 else 'are'} in force now."
    left = f"{plural(asking, 'row')} still {'needs' if asking == 1 else 'need'} a person." if asking else ""
    return RunSummary(tuple(filter(None, (done, left))), warnings, needs_person=asking > 0)


def _extension(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ending if ending in ("csv", "tsv", "txt") else "csv"


def _known(dataset: Dataset, facts: Facts, derived: Derived, rows: Sequence[ReviewRow]) -> KnownService:
    graph = facts.history.graph
    place = (dataset.repository, dataset.service)
    return known_service(
        dataset,
        (graph.sha(commit) for commit in range(len(graph)) if graph.known(commit)),
        rows=rows,
        decided=[word.key for word in derived.annotations if (word.repository, word.service) == place],
        issues=(incident.number for incident in facts.incidents),
    )


def _differences(changed: list[Annotation], derived: Derived) -> list[str]:
    """One line a decision: row, column, what was said before, what is said now."""
    before = decisions_in_force(derived.annotations)
    lines = []
    for word in changed[:MOST_SHOWN]:
        said = before.get((word.repository, word.service, word.key), {}).get(word.column, "(nothing)")
        now = "(taken back)" if word.value == TAKE_BACK else word.value
        lines.append(f"{word.repository} {word.key} {word.column}: {said} -> {now}")
    if len(changed) > MOST_SHOWN:
        lines.append(f"… and {len(changed) - MOST_SHOWN:,} more")
    return lines


def _would(changed: list[Annotation]) -> str:
    return f"Dry run: {plural(len(changed), 'decision')} would change; nothing was stored."
