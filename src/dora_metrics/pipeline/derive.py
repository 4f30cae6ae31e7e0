"""Stored facts → datasets → tables: everything here can be thrown away and made again without network or git."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Callable, Optional

from dora_metrics.config import RepositorySettings, Settings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Annotation, Commit, Dataset
from dora_metrics.domain.quality import QualityFinding
from dora_metrics.pipeline.github_streams import read_github_part
from dora_metrics.pipeline.github_window import CURSORS
from dora_metrics.pipeline.stored import STAMP, require_head
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.data_quality import assess_quality
from dora_metrics.processors.judgement import Facts, Shared
from dora_metrics.processors.services import Uncovered, judge_repository
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.fact_codec import (
    decode_commit,
    decode_commit_without_files,
    decode_pull_head,
    decode_tag,
)
from dora_metrics.storage.quality_json import quality_json
from dora_metrics.storage.repository_manager import RepositoryManager

QUALITY = "quality.json"
TABLES = ("changes.csv", "deployments.csv", "incidents.csv", "commits.csv", QUALITY)
PROGRESS_STEP = 1000


@dataclass(frozen=True)
class Loaded:
    """What git and GitHub said about the configured repositories, read once for all that is judged by it."""

    origin: object
    """Files and cursors of the record that it was read from: one with the same ones says the same."""
    repositories: tuple[tuple[Facts, Shared], ...]
    """In the order of the configuration."""


@dataclass(frozen=True)
class Derived:
    """Everything that the head of the store and the settings say."""

    record: CommitRecord
    datasets: tuple[Dataset, ...]
    facts: tuple[Facts, ...]
    """Those of each dataset, in the same order."""
    annotations: tuple[Annotation, ...]
    uncovered: tuple[Uncovered, ...] = ()
    """Of each repository with several services, what touches none of them."""
    loaded: Optional[Loaded] = None
    """What it was judged by."""
    tables: dict[str, bytes] = field(default_factory=dict)
    """The master dataset and the findings about it, by file name; empty when they were not asked for."""


def derive(
    workspace: Workspace,
    manager: RepositoryManager,
    *,
    record: Optional[CommitRecord] = None,
    tables: bool = True,
    loaded: Optional[Loaded] = None,
    annotations: Optional[tuple[Annotation, ...]] = None,
) -> Derived:
    """The datasets of the configured repositories as of `record` (default: the head), with `tables` also as csv.

    `loaded` is what an earlier judging in this run was by; it is read anew when the record names other facts.
    `annotations` are those of the record, where they are in memory already.
    """
    record = record or require_head(workspace, manager)
    annotations = read_annotations(workspace, manager, record) if annotations is None else annotations
    if loaded is None or loaded.origin != _origin(record):
        loaded = _load(workspace, manager, record)
    judged = [
        judge_repository(facts, repository.services, workspace.settings, annotations, shared)
        for (facts, shared), repository in zip(loaded.repositories, workspace.settings.repositories)
    ]
    datasets = tuple(dataset for one in judged for dataset in one.datasets)
    facts = tuple(facts for one in judged for facts in one.facts)
    uncovered = tuple(found for one in judged for found in one.uncovered)
    if not tables:
        return Derived(record, datasets, facts, annotations, uncovered, loaded)
    derived = Derived(record, datasets, facts, annotations, uncovered, loaded)
    return replace(derived, tables=dict(each_table(workspace, derived)))


def _load(workspace: Workspace, manager: RepositoryManager, record: CommitRecord) -> Loaded:
    read = (
        load_facts(workspace, manager, record, name, repository)
        for name, repository in zip(workspace.names(), workspace.settings.repositories)
    )
    return Loaded(_origin(record), tuple((facts, Shared.of(facts)) for facts in read))


def _origin(record: CommitRecord) -> object:
    """All of `record` that `load_facts` reads."""
    segments = {name: file for name, file in record.files.items() if file.repository}
    return segments, record.cursors, record.repositories


def each_table(workspace: Workspace, derived: Derived) -> Iterator[tuple[str, bytes]]:
    """The master dataset and the findings about it, by file name in the order of `TABLES`, each made when it is due.

    Of a hundred thousand changes the largest is 30 MB: who only writes them need not hold two.
    """
    handler, datasets = workspace.csv_handler(), derived.datasets
    makers: tuple[Callable[[], bytes], ...] = (
        partial(handler.changes_csv, datasets, include_authors=workspace.settings.privacy.include_authors),
        partial(handler.deployments_csv, datasets),
        partial(handler.incidents_csv, datasets),
        partial(handler.commits_csv, datasets),
        lambda: quality_json(findings_of(derived)),
    )
    for name, make in zip(TABLES, makers):
        yield name, make()


def findings_of(derived: Derived) -> tuple[QualityFinding, ...]:
    """What `quality.json` holds, without a table made."""
    cautions = [found.finding() for found in derived.uncovered if found.count]
    return assess_quality(derived.datasets, derived.facts, derived.annotations, cautions)


def read_annotations(
    workspace: Workspace, manager: RepositoryManager, record: Optional[CommitRecord]
) -> tuple[Annotation, ...]:
    """The accepted decisions as of `record`; none when there is no record."""
    content = None if record is None else manager.read_annotations(record=record)
    return () if content is None else tuple(workspace.csv_handler().parse_annotations(content))


def load_facts(
    workspace: Workspace,
    manager: RepositoryManager,
    record: CommitRecord,
    name: str,
    repository: RepositorySettings,
) -> Facts:
    """What git and GitHub said about one repository, read from the raw segments once, however many services it has."""
    prefixes = {service.name: service.path_prefix for service in repository.services}
    narrow = repository.path_prefix or any(prefixes.values())
    commits = manager.read_facts(
        name, "commits", decode_commit if narrow else decode_commit_without_files, record=record
    )
    history = History.from_commits(
        _watched(commits, workspace, name), path_prefix=repository.path_prefix, services=prefixes
    )
    tags = list(manager.read_facts(name, "tags", decode_tag, record=record))
    heads = {head.number: head.sha for head in manager.read_facts(name, "pull_heads", decode_pull_head, record=record)}
    cursors = record.cursors.get(name, {})
    branch_tip = str(cursors.get("branch_tip") or "") or None
    tagged = [tag.commit_sha for tag in tags if tag.commit_sha is not None]
    return Facts(
        repository=name,
        history=history,
        branch_tip=branch_tip,
        tags=tags,
        pull_heads=heads,
        tips=[*tagged, *heads.values(), *([branch_tip] if branch_tip else [])],
        truncated=bool(cursors.get("shallow")),
        branch=record.repositories[name].branch,
        from_github=CURSORS in cursors,
        **read_github_part(manager, name, record),
    )


def _watched(commits: Iterator[Commit], workspace: Workspace, name: str) -> Iterator[Commit]:
    """`commits`, with progress told."""
    workspace.progress.begin(f"Associating commits of {name}")
    for number, commit in enumerate(commits, 1):
        yield commit
        if number % PROGRESS_STEP == 0:
            workspace.progress.advance(PROGRESS_STEP)
    workspace.progress.end()


def stamp_of(record: CommitRecord, settings: Settings, hashes: dict[str, str], tool_version: str) -> bytes:
    """What tells whether the tables on disk are those of this record, these settings and this version.

    `hashes` are the tables' SHA-256 by file name.
    """
    made_from = {**basis(record, settings, tool_version), "sha256": hashes}
    return (json.dumps(made_from, indent=1, sort_keys=True) + "\n").encode()


def basis(record: CommitRecord, settings: Settings, tool_version: str) -> dict[str, object]:
    """What the tables depend on."""
    parts = (
        settings.repositories,
        settings.deployments,
        settings.failures,
        settings.metrics.lead_time_start,
        settings.metrics.exclude_bots,
        settings.metrics.bots,
        settings.privacy,
        settings.github.graphql_url,
    )
    digest = hashlib.sha256(repr(parts).encode()).hexdigest()
    return {"record": record.number, "commit_id": record.commit_id, "settings": digest, "version": tool_version}


def stored_tables(workspace: Workspace, record: CommitRecord) -> Optional[dict[str, bytes]]:
    """The tables on disk, when they are exactly those that `derive` would make; else `None`."""
    storage = workspace.storage()
    stamp = storage.read_if_there(STAMP)
    if stamp is None:
        return None
    try:
        made_from = json.loads(stamp)
        hashes = made_from.pop("sha256")
    except (ValueError, KeyError, AttributeError):
        return None
    if made_from != basis(record, workspace.settings, workspace.tool_version):
        return None
    tables = {name: storage.read_if_there(f"processed/{name}") for name in TABLES}
    found = {name: content for name, content in tables.items() if content is not None}
    whole = len(found) == len(TABLES)
    if not whole or hashes != {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}:
        return None
    return found


def tables_of(workspace: Workspace, manager: RepositoryManager, record: CommitRecord) -> dict[str, bytes]:
    """The master dataset as of `record`: from disk where it is up to date, else made in memory; nothing is written."""
    return stored_tables(workspace, record) or derive(workspace, manager, record=record).tables


def numbers_of(datasets: Sequence[Dataset]) -> dict[str, int]:
    """Counts for the sentence that ends a run."""
    return {
        "changes": sum(len(dataset.changes) for dataset in datasets),
        "deployments": sum(len(dataset.deployments) for dataset in datasets),
        "failures": sum(len(dataset.failures) for dataset in datasets),
    }
