"""Where pages wait that GitHub gave and no commit holds yet: in the data folder, or for a bucket on this machine.

Two runs may write to a bucket at once, and pages of one must never be continued by the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dora_metrics.errors import BusyError
from dora_metrics.pipeline.workspace import Workspace
from dora_metrics.storage.storage_manager import StorageManager

STAGING_CACHE = "staging"


@contextmanager
def staging_place(workspace: Workspace) -> Iterator[StorageManager]:
    """The place for this run; in the cache folder it is found again after a kill.

    While another run of this machine holds that, it is a temporary folder.
    """
    storage = workspace.storage()
    if storage.locks:
        yield storage
        return
    digest = hashlib.sha256(storage.where("").encode()).hexdigest()[:16]
    lasting = StorageManager(root=workspace.cache().parent / STAGING_CACHE / digest)
    lasting.probe()
    with ExitStack() as stack:
        try:
            stack.enter_context(lasting.lock())
        except BusyError:
            yield StorageManager(root=Path(stack.enter_context(TemporaryDirectory())))
        else:
            yield lasting
