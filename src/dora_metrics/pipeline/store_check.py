"""`init` proves that the chosen bucket can be written, and whether it keeps two runs apart."""

from __future__ import annotations

from dora_metrics.pipeline.workspace import Workspace


def store_cautions(workspace: Workspace) -> list[str]:
    """What a person should know about the store before its first use; nothing for a folder.

    Raises `StorageError` or `AccessError` when the bucket cannot be written.
    """
    storage = workspace.storage()
    if storage.versioned is None or storage.versioned.creates_once():
        return []
    where = storage.where("").rstrip("/")
    warranted = workspace.settings.storage.single_writer
    then = "you said --single-writer" if warranted else "commands that write need --single-writer there"
    return [
        f"single writer only: the service of {where} ignores If-None-Match, so two runs could overwrite each other; "
        + then
    ]
