"""Where the person's review file goes, and which rows it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.words import plural
from dora_metrics.storage.storage_manager import StorageManager

REVIEW_FILE = "processed/pending_review.csv"


@dataclass(frozen=True)
class ReviewView:
    """Where the review file goes, and which rows it has."""

    path: Optional[Path]
    """`None` = its place in the store."""
    rows: str = "auto"

    def place(self, workspace: Workspace) -> tuple[StorageManager, str]:
        """The store and the path inside it."""
        if self.path is None:
            return workspace.storage(), REVIEW_FILE
        return StorageManager(root=self.path.parent), self.path.name

    def sentences(self, workspace: Workspace, asking: int) -> list[str]:
        """Where the file is, and what to do with it."""
        storage, path = self.place(workspace)
        if not asking:
            return [f"Nothing needs a person. All rows: {storage.where(path)}"]
        rows = f"{plural(asking, 'row')} {'needs' if asking == 1 else 'need'} a person"
        if storage.versioned is not None:
            get, take = way_to_bucket(storage, path)
            return [f"{rows}: get the file with `{get}`, fill it in, then run `{take}`."]
        return [f"{rows}: fill in {storage.where(path)}, then run `dora-metrics import` on it."]


def way_to_bucket(storage: StorageManager, path: str) -> tuple[str, str]:
    """The command that brings a file from the bucket to a person, and the one that takes it back in."""
    name = path.rpartition("/")[2]
    return f"aws s3 cp {storage.where(path)} {name}", f"dora-metrics import {name}"
