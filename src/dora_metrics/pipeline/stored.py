"""Whether anything has been extracted yet; light, since an `update` without news needs no more."""

from __future__ import annotations

from dora_metrics.errors import ConfigurationError
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.repository_manager import RepositoryManager


def require_head(workspace: Workspace, manager: RepositoryManager) -> CommitRecord:
    """The newest record; `ConfigurationError` with the next command when nothing was extracted yet."""
    record = manager.head()
    missing = [name for name in workspace.names() if record is None or name not in record.repositories]
    if record is None or missing:
        where = workspace.storage().where("")
        message = f"nothing has been extracted for {', '.join(missing)} into {where.rstrip('/')}"
        raise ConfigurationError(message, remedy="run `dora-metrics extract --full` first")
    return record
