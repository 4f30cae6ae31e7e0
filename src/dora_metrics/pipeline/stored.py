"""Whether anything has been extracted yet, and its views made; light: an `update` without news needs no more."""

from __future__ import annotations

import json
import logging

from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord, anchor_of
from dora_metrics.storage.repository_manager import RepositoryManager

logger = logging.getLogger("dora_metrics.pipeline")
STAMP = "processed/made_from.json"


def views_made(workspace: Workspace, record: CommitRecord) -> bool:
    """Whether the tables and the review file were written after `record`; not when that run died before it could."""
    stamp = workspace.storage().read_if_there(STAMP)
    try:
        made_from = json.loads(stamp or b"null")
        return bool(made_from["commit_id"] == record.commit_id)
    except (ValueError, KeyError, TypeError):
        return False


def stored_as(record: CommitRecord) -> str:
    """The sentence that ends a run which stored something; the log's line ties the run to the record."""
    anchor = anchor_of(record)
    fields = {"number": record.number, "commit_id": record.commit_id, "anchor": anchor}
    logger.info("stored modification %d", record.number, extra={"fields": fields})
    return f"Stored as {anchor}."


def require_head(workspace: Workspace, manager: RepositoryManager) -> CommitRecord:
    """The newest record; `ConfigurationError` with the next command when nothing was extracted yet."""
    record = manager.head()
    missing = [name for name in workspace.names() if record is None or name not in record.repositories]
    if record is None or missing:
        where = workspace.storage().where("")
        message = f"nothing has been extracted for {', '.join(missing)} into {where.rstrip('/')}"
        raise ConfigurationError(message, remedy="run `dora-metrics extract --full` first")
    return record
