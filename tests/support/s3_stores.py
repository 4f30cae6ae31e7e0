"""Stores in a real bucket for tests: each with a prefix of its own, straight or through a proxy that fails."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from dora_metrics.storage.repository_manager import RepositoryManager
from dora_metrics.storage.s3_store import S3Store
from dora_metrics.storage.storage_manager import StorageManager
from support.s3_server import BUCKET, KEY, SECRET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_prefixes = count(1)


def a_client(port: int, *, secret: str = SECRET, attempts: int = 4) -> S3Client:
    """A client of the server or proxy at that port."""
    import boto3  # noqa: PLC0415 (slow; only for these tests)
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{port}", aws_access_key_id=KEY, aws_secret_access_key=secret,
        region_name="us-east-1", config=Config(retries={"mode": "standard", "total_max_attempts": attempts}),
    )  # fmt: skip


def new_prefix() -> str:
    """One that no other test of this session has."""
    return f"test-{next(_prefixes)}/data"


def a_bucket(client: S3Client, prefix: str, *, bucket: str = BUCKET, single_writer: bool = False) -> StorageManager:
    """A store below a prefix, which waits for nothing."""
    store = S3Store(bucket, prefix, client=lambda: client, sleep=lambda _: None, single_writer=single_writer)
    return StorageManager(store=store)


def a_writer(storage: StorageManager, name: str) -> RepositoryManager:
    """One of several that write to the same store."""
    ids = count(1)
    return RepositoryManager(storage, tool_version="0.1.0", new_id=lambda: f"{name}-{next(ids)}")
