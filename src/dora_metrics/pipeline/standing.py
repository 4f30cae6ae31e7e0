"""What decides where the data stand in their life cycle: gathered from the store, judged by `processors.life_cycle`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Optional

from dora_metrics.domain.review import ReviewRow, RowId, decisions_in_force
from dora_metrics.errors import InputError
from dora_metrics.pipeline.derive import Derived, basis
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.review_session import kept_answers
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.processors.life_cycle import Standing
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.review_carry import typed_cells

REPORT_STAMP = "reports/made_from.json"


def standing_of(workspace: Workspace, derived: Derived, asking: Sequence[ReviewRow], *, fresh: bool) -> Standing:
    """How the data of `derived` stand; `asking` are the rows that need a person, `fresh` is about the tables."""
    typed = typed_rows(workspace, derived)
    made_from = _read_stamp(workspace)
    return Standing(
        extracted=True,
        asking=len(asking),
        typed=len(typed),
        in_terminal=bool(kept_answers(workspace)),
        answered=sum((row.repository, row.service, row.key) in typed for row in asking),
        decisions=len(decisions_in_force(derived.annotations)),
        tables_fresh=fresh,
        report_fresh=made_from == report_basis(workspace, derived.record),
        report_made=made_from is not None,
    )


def typed_rows(workspace: Workspace, derived: Derived) -> set[RowId]:
    """The rows with answers that are not imported: in the review file, or of a `review` that was interrupted.

    Of a file that cannot be read nothing is known: then those of the interrupted `review` alone.
    """
    typed = set(kept_answers(workspace))
    standing = ReviewView(None).standing(workspace)
    if standing is None:
        return typed
    path, saved = standing
    try:
        return typed | set(typed_cells(saved, path, decisions_in_force(derived.annotations)))
    except InputError:
        return typed


def note_report(workspace: Workspace, record: CommitRecord) -> None:
    """Remember of which data and settings the report in the store was made."""
    content = json.dumps(report_basis(workspace, record), indent=1, sort_keys=True) + "\n"
    workspace.storage().write(REPORT_STAMP, content.encode())


def report_basis(workspace: Workspace, record: CommitRecord) -> dict[str, object]:
    """What a report depends on; not the length of its periods, since a page shows those of several lengths."""
    settings = workspace.settings
    metrics = replace(settings.metrics, period="")
    cut = hashlib.sha256(repr((metrics, settings.failures.maturity_days)).encode()).hexdigest()
    only = {"only": [workspace.repository, workspace.service]} if workspace.repository or workspace.service else {}
    return {**basis(record, settings, workspace.tool_version), "metrics": cut, **only}


def _read_stamp(workspace: Workspace) -> Optional[dict[str, object]]:
    content = workspace.storage().read_if_there(REPORT_STAMP)
    try:
        found = None if content is None else json.loads(content)
    except ValueError:  # half a file of another program: nothing is known of the report
        return {}
    return found if found is None or isinstance(found, dict) else {}
