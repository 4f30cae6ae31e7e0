"""The git part of `extract` alone, in a process of its own: the history of REPOSITORY into a store in FOLDER.

    python benchmarks/ours.py REPOSITORY FOLDER

Prints the commits stored and the most memory that this process had, in MiB. FOLDER is emptied first.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from datetime import datetime, timezone
from pathlib import Path

from dora_metrics.extractors.git_extractor import GitExtractor
from dora_metrics.storage.fact_codec import encode_commit
from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.storage_manager import StorageManager
from measure import peak_memory_mb


def main() -> None:
    """Extract once."""
    repository, folder = Path(sys.argv[1]), Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    extractor = GitExtractor(repository, environ=os.environ)
    manager = RepositoryManager(StorageManager(root=folder), tool_version="benchmark")
    stored = 0
    with manager.begin(command="extract", actor="", now=datetime(2025, 1, 1, tzinfo=timezone.utc)) as transaction:
        with transaction.open_segment("local/benchmark", "commits") as segment:
            for commit in extractor.extract_commits(extractor.inspect()):
                segment.append(encode_commit(commit))
                stored += 1
        transaction.commit()
    print(json.dumps({"commits": stored, "memory": peak_memory_mb()}))


if __name__ == "__main__":
    main()
