"""Where the person's review file goes, and which rows it has."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from dora_metrics.config import REVIEW_FORMATS
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.report.words import plural
from dora_metrics.storage.shared_file import read_shared
from dora_metrics.storage.storage_manager import StorageManager

REVIEW_FILE = "processed/pending_review"
"""Without the ending that its form gives it."""
OPEN_MARKS = ((".~lock.{}#", "LibreOffice"), ("~${}", "Excel"))
"""What programs put beside a file while they have it open."""


@dataclass(frozen=True)
class ReviewView:
    """Where the review file goes, as what, and which rows it has."""

    path: Optional[Path]
    """`None` = its place in the store."""
    rows: str = "auto"

    def form(self, workspace: Workspace) -> str:
        """`csv` or `xlsx`: what the path's ending says, else the settings."""
        ending = "" if self.path is None else self.path.suffix[1:].lower()
        return ending if ending in REVIEW_FORMATS else workspace.settings.review.format

    def place(self, workspace: Workspace) -> tuple[StorageManager, str]:
        """The store and the path inside it."""
        if self.path is None:
            return workspace.storage(), f"{REVIEW_FILE}.{self.form(workspace)}"
        return StorageManager(root=self.path.parent), self.path.name

    def former_place(self, workspace: Workspace) -> Optional[str]:
        """Where it lies in the store when it was last written in the other form; `None` for a path of one's own."""
        if self.path is not None:
            return None
        [other] = set(REVIEW_FORMATS) - {self.form(workspace)}
        return f"{REVIEW_FILE}.{other}"

    def standing(self, workspace: Workspace) -> Optional[tuple[str, bytes]]:
        """The path and content of the file that stands: in its form, else in the other; `None` where there is none."""
        storage, path = self.place(workspace)
        for name in filter(None, (path, self.former_place(workspace))):
            content = read_shared(storage, name)
            if content is not None:
                return name, content
        return None

    def open_in(self, workspace: Workspace) -> str:
        """The program that seems to have the file open; empty when none does, or when it lies in no folder."""
        storage, path = self.place(workspace)
        if self.path is None and workspace.settings.storage.type != "local":
            return ""
        file = Path(storage.where(path))
        marks = ((file.with_name(mark.format(file.name)), program) for mark, program in OPEN_MARKS)
        return next((program for mark, program in marks if mark.is_file()), "")

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
