"""`import`: a person's file of decisions into the store, all of them or none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Callable, Optional

from dora_metrics.domain.commit_graph import StoredCommits
from dora_metrics.domain.decision_changes import decision_changes
from dora_metrics.domain.known_keys import KnownService, known_service
from dora_metrics.pipeline.decision_diff import Diff, deciders
from dora_metrics.pipeline.decisions import Origin, accept
from dora_metrics.pipeline.derive import Derived, Loaded, derive
from dora_metrics.pipeline.stored import views_made
from dora_metrics.pipeline.workspace import RunSummary, Workspace, web_address
from dora_metrics.processors.review_facts import ShownRows
from dora_metrics.report.words import plural
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.review_import import ReviewImport
from dora_metrics.storage.sheet_reading import is_workbook

COMMAND = "import"


@dataclass(frozen=True)
class ImportSummary(RunSummary):
    """What an import did, or would do."""

    as_json: Callable[[], str] = str
    """What makes the same for programs: long, and seldom wanted."""


def import_file(
    workspace: Workspace, name: str, content: bytes, *, dry_run: bool = False, skip_unknown: bool = False
) -> ImportSummary:
    """Check every row of `content` (called `name` in messages), then store what it newly decides.

    Raises `ReviewRefusedError` with every problem, and changes nothing; a file that decides nothing new changes nothing
    either. With `dry_run` the sentences show what would change. With `skip_unknown` rows of unknown keys are warnings.
    """
    manager = workspace.manager()
    parsed, diff, loaded = _checked(workspace, manager, name, content, skip_unknown=skip_unknown)
    changes, warnings = diff.changes, tuple(parsed.warnings)
    head = manager.head()
    if dry_run or (not changes and head is not None and views_made(workspace, head)):
        end = f"Dry run: {plural(len(changes), 'decision')} would change; nothing was stored."
        sentences = (*diff.lines(), end) if changes else (f"{name} decides nothing new.",)
        return ImportSummary(sentences, warnings, as_json=partial(diff.as_json, name, warnings, stored=False))
    origin = Origin(COMMAND, content, _extension(name, content))
    del content  # `origin` alone holds it now
    accepted = accept(workspace, manager, parsed.annotations, origin, loaded)
    if not accepted.changes:
        return ImportSummary(
            (f"{name} decides nothing new.",), warnings, as_json=partial(diff.as_json, name, warnings, stored=False)
        )
    sentences = (
        f"{plural(len(accepted.changes), 'decision')} from {name} "
        f"{'is' if len(accepted.changes) == 1 else 'are'} in force now.",
        *diff.conflict_lines(),
        *still_asking(accepted.asking),
        accepted.stored,
    )
    as_json = partial(diff.as_json, name, warnings, stored=True)
    return ImportSummary(sentences, warnings, needs_person=accepted.asking > 0, as_json=as_json)


def _checked(
    workspace: Workspace, manager: RepositoryManager, name: str, content: bytes, *, skip_unknown: bool
) -> tuple[ReviewImport, Diff, Optional[Loaded]]:
    """What the file says and changes; of what was extracted the facts stay."""
    derived = derive(workspace, manager, tables=False)
    known, in_force, loaded = known_services(workspace, derived), derived.annotations, derived.loaded
    del derived  # it is judged anew once the file is taken
    parsed = workspace.csv_handler().parse_review(
        content,
        file_name=name,
        known=known,
        timezone=workspace.settings.metrics.timezone,
        accepted_at=workspace.now,
        date_order=workspace.settings.review.stated_date_order,
        skip_unknown=skip_unknown,
    )
    changes = tuple(decision_changes(parsed.annotations, in_force))
    return parsed, Diff(changes, parsed.names, deciders(manager, changes)), loaded


def still_asking(asking: int) -> list[str]:
    """The sentence about rows that still need a person; none when no row does."""
    return [f"{plural(asking, 'row')} still {'needs' if asking == 1 else 'need'} a person."] if asking else []


def _extension(name: str, content: bytes) -> str:
    ending = name.rpartition(".")[2].lower()
    if is_workbook(content):
        return ending if ending in ("xlsx", "ods") else "xlsx"
    return ending if ending in ("csv", "tsv", "txt") else "csv"


def known_services(workspace: Workspace, derived: Derived) -> list[KnownService]:
    """What may be named, by service."""
    rows = shown_rows(workspace, derived)
    known = []
    for dataset, facts in zip(derived.datasets, derived.facts):
        place = (dataset.repository, dataset.service)
        decided = [word.key for word in derived.annotations if (word.repository, word.service) == place]
        issues = (incident.number for incident in facts.incidents)
        commits = StoredCommits(facts.history.graph)
        known.append(known_service(dataset, commits, rows=rows[place], decided=decided, issues=issues))
    return known


def shown_rows(workspace: Workspace, derived: Derived) -> dict[tuple[str, str], ShownRows]:
    """What finds the rows of each repository and service as the review file shows them now."""
    host = web_address(workspace.settings.github.graphql_url)
    decided: dict[tuple[str, str], set[str]] = {}
    for word in derived.annotations:
        decided.setdefault((word.repository, word.service), set()).add(word.key)
    return {
        (dataset.repository, dataset.service): ShownRows(
            dataset, facts.history, decided.get((dataset.repository, dataset.service), ()), host
        )
        for dataset, facts in zip(derived.datasets, derived.facts)
    }
