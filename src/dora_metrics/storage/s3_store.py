"""The store in an S3 bucket: whole objects, created once where it matters, and every doubt settled by reading back.

Nothing but GET, PUT, HEAD, LIST and DELETE is asked of the service, `If-None-Match: *` for what may be created only
once and `If-Match` for the file that people write in.
"""

from __future__ import annotations

import logging
import random
import time
from contextlib import nullcontext
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Optional, TypeVar

from dora_metrics.errors import ConfigurationError, InputError, StorageError
from dora_metrics.storage.s3_client import NoAnswerError, explained, s3_client
from dora_metrics.storage.s3_draft import S3Draft
from dora_metrics.storage.store import AlreadyStoredError, NotStoredError, Paths, StoreAccessError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from typing import IO

    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1 << 20
IN_MEMORY_BYTES = 8 << 20
"""Larger objects go through a temporary file."""
PROBE = ".probe"
ASKS = 4
"""How often at most, each with boto3's own attempts."""
Answer = TypeVar("Answer")

logger = logging.getLogger("dora_metrics.storage")


class S3Store:
    """A `Store` below a prefix of a bucket. Nothing is asked before the first call; no bucket is ever created."""

    locks = False
    draft_class = S3Draft

    def __init__(
        self,
        bucket: str,
        prefix: str,
        *,
        single_writer: bool = False,
        client: Callable[[], S3Client] = s3_client,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`single_writer`: a person warrants that no two runs write at once, where the service cannot tell."""
        self.bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._single_writer = single_writer
        self._client = client
        self.sleep = sleep
        self._met = False
        """The bucket has answered: a missing object is no missing bucket."""

    def where(self, path: str) -> str:
        """The address, `s3://bucket/prefix/path`."""
        return f"s3://{self.bucket}/{self._prefix}{path}"

    def key(self, path: str) -> str:
        """The name of the object at `path`."""
        return self._prefix + path

    @property
    def client(self) -> S3Client:
        """Made when it is first needed."""
        return self._client()

    def probe(self) -> None:
        """Prove that objects can be written, and that one which is there cannot be created again.

        That is tried each time, with one request: what a service could do last year says nothing about today's.
        Raises `ConfigurationError` when it cannot and nobody warrants that there is a single writer.
        """
        if not self.creates_once() and not self._single_writer:
            message = f"{self.where('')} lets two runs overwrite each other: its service ignores If-None-Match"
            remedy = "use a service that knows it, or say --single-writer where no two runs ever write at once"
            raise ConfigurationError(message, remedy=remedy)

    def creates_once(self) -> bool:
        """Whether a second create-if-absent of one name fails. Raises `StorageError` when nothing can be written."""
        for _ in range(2):  # the very first one creates it
            try:
                self.put(PROBE, b"Two runs cannot create this twice.\n", create=True)
            except AlreadyStoredError:  # noqa: PERF203 (two attempts)
                return True
        return False

    def lock(self) -> AbstractContextManager[None]:
        """Nothing is held: of two runs that create the same record, one is told to build on the other's."""
        return nullcontext()

    def sweep(self) -> None:
        """Nothing to do: what dies half-written never becomes an object."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The content in pieces of 1 MiB, all of one version: nothing is given before everything has come."""
        with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
            self._fetch(path, file)
            file.seek(0)
            while chunk := file.read(CHUNK_BYTES):
                yield chunk

    def read_version(self, path: str) -> Optional[tuple[bytes, str]]:
        """The content and the mark of its version (the ETag); `None` when there is none."""
        with SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as file:
            try:
                version = self._fetch(path, file)
            except NotStoredError:
                return None
            file.seek(0)
            return file.read(), version

    def replace_version(self, path: str, content: bytes, version: Optional[str]) -> None:
        """Put `content` in place of exactly that version, `None` being nothing; else `AlreadyStoredError`.

        An answer that was lost is settled by reading back.
        """
        try:
            self.put(path, content, create=version is None, version=version)
        except StoreAccessError:
            raise
        except StorageError:
            found = self.read_version(path)
            if found is None or found[0] != content:
                raise

    def ask(self, action: str, where: str, call: Callable[[], Answer]) -> Answer:
        """What `call` gives; it is made again where no whole answer came. Raises as `explained`."""
        for attempt in range(1, ASKS):
            try:
                with explained(action, where):
                    return call()
            except NoAnswerError:  # noqa: PERF203 (each attempt may fail)
                self.sleep(random.uniform(0.1, 0.5) * attempt)  # noqa: S311 (no secret)
        with explained(action, where):
            return call()

    def _fetch(self, path: str, file: IO[bytes]) -> str:
        def fetch() -> str:
            file.seek(0)
            file.truncate()
            answer = self.client.get_object(Bucket=self.bucket, Key=self.key(path))
            self._met = True
            try:
                for chunk in iter(lambda: answer["Body"].read(CHUNK_BYTES), b""):
                    file.write(chunk)
            finally:
                answer["Body"].close()
            return answer["ETag"]

        return self.ask("read", self.where(path), fetch)

    def exists(self, path: str) -> bool:
        """Whether an object is at `path`; a bucket that is missing raises `StorageError`."""
        try:
            self.ask("read", self.where(path), lambda: self.client.head_object(Bucket=self.bucket, Key=self.key(path)))
        except NotStoredError:
            self._require_bucket()
            return False
        return True

    def _require_bucket(self) -> None:
        """HEAD has no body to tell a missing object from a missing bucket."""
        if self._met:
            return
        self.list(PROBE)
        self._met = True

    def list(self, prefix: str) -> Paths:
        """All objects whose path starts with `prefix`, sorted here: not every service sorts by name."""

        def names() -> list[str]:
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.key(prefix))
            return [entry["Key"][len(self._prefix) :] for page in pages for entry in page.get("Contents", ())]

        found = self.ask("list", self.where(prefix), names)
        return sorted(path for path in found if not any(part.startswith(".") for part in path.split("/")))

    def draft(self, folder: str) -> S3Draft:
        """A new object's content, kept here until it is published; folders do not exist in a bucket."""
        del folder
        return self.draft_class(self)

    def put(self, path: str, content: bytes, *, create: bool = False, version: Optional[str] = None) -> None:
        """One small object; raises `AlreadyStoredError` when the condition is not met."""
        draft = S3Draft(self)
        try:
            draft.write(content)
            draft.put(path, create=create, version=version)
        finally:
            draft.discard()

    def holds(self, path: str) -> bool:
        """Whether `create` must be refused by us, since the service would not: there is a single writer."""
        return self._single_writer and self.exists(path)

    def delete(self, path: str) -> None:
        """Remove the object; nothing happens when there is none."""
        self.ask("remove", self.where(path), lambda: self.client.delete_object(Bucket=self.bucket, Key=self.key(path)))

    def move_aside(self, path: str, target: str) -> bool:
        """No service can rename: `replace_version` is the way here."""
        raise NotImplementedError(path, target)

    def move_back(self, path: str, target: str) -> bool:
        """As `move_aside`."""
        raise NotImplementedError(path, target)


def read_object(address: str) -> bytes:
    """What lies at `s3://bucket/key`. Raises `InputError` when there is nothing, `StorageError` as a store does."""
    bucket, _, key = address.partition("://")[2].partition("/")
    if not bucket or not key:
        message = f"{address} names no object"
        raise InputError(message, remedy="write s3://bucket/key")
    try:
        return b"".join(S3Store(bucket, "").chunks(key))
    except NotStoredError as error:
        message = f"{address} is not there"
        raise InputError(message, remedy="name an object that exists; `aws s3 ls` shows them") from error
