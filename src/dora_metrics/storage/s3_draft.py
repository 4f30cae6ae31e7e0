"""An object that is being put together: in memory, or in a temporary file when it is large, until it has its name."""

from __future__ import annotations

import base64
import hashlib
import random
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, Optional

from dora_metrics.errors import StorageError
from dora_metrics.storage.store import AlreadyStoredError, NotStoredError, OvertakenFileError, StoreAccessError

if TYPE_CHECKING:
    from dora_metrics.storage.s3_store import S3Store

IN_MEMORY_BYTES = 8 << 20
CREATES = 5
"""How often the same create is sent when nobody can tell what became of it."""


class S3Draft:
    """One PUT of up to 5 GB, streamed, with the SHA-256 that the service checks."""

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 (closed by `discard`)
        self._hash = hashlib.sha256()

    def write(self, chunk: bytes) -> None:
        """Append `chunk`."""
        try:
            self._file.write(chunk)
        except OSError as error:
            message = f"cannot write a temporary file: {error.strerror or error}"
            raise StorageError(message, remedy="free some space there, or set TMPDIR") from error
        self._hash.update(chunk)

    def publish(self, path: str) -> None:
        """Make it the object at `path`, replacing what is there; sending it twice does no harm."""
        self.put(path)
        self.discard()

    def publish_new(self, path: str) -> None:
        """Make it the object at `path`, which must be free.

        A refusal may be the answer to our own first request, whose answer was lost, and silence may hide a success.
        So what is there decides: nothing = the same again, our bytes = done, others' = `AlreadyStoredError`.
        """
        doubt: Optional[StorageError] = None
        if self._store.holds(path):
            message = f"already there: {self._store.where(path)}"
            raise AlreadyStoredError(message, remedy="run the same command again")
        for left in range(CREATES - 1, -1, -1):
            try:
                self.put(path, create=True)
            except StoreAccessError:
                raise
            except StorageError as error:
                found = self._stored_hash(path)
                if found is None:
                    doubt = error
                    if left:
                        self._store.sleep(random.uniform(0.05, 0.3) * (CREATES - left))  # noqa: S311 (no secret)
                    continue
                if found != self._hash.digest():
                    message = f"already there: {self._store.where(path)}"
                    raise AlreadyStoredError(message, remedy="run the same command again") from error
            self.discard()
            return
        message = f"outcome unknown, the service gave no clear answer: {self._store.where(path)}"
        raise StorageError(message, remedy="run the same command again: that is safe") from doubt

    def _stored_hash(self, path: str) -> Optional[bytes]:
        found = hashlib.sha256()
        try:
            for chunk in self._store.chunks(path):
                found.update(chunk)
        except NotStoredError:
            return None
        return found.digest()

    def put(self, path: str, *, create: bool = False, version: Optional[str] = None) -> None:
        """Send it once more, boto3's own attempts included; raises `AlreadyStoredError` when a condition is not met."""
        conditions: dict[str, Any] = {}
        if create:
            conditions["IfNoneMatch"] = "*"
        if version is not None:
            conditions["IfMatch"] = version

        def send() -> None:
            self._file.seek(0)
            self._store.client.put_object(
                Bucket=self._store.bucket,
                Key=self._store.key(path),
                Body=self._file,
                ChecksumSHA256=base64.b64encode(self._hash.digest()).decode(),
                **conditions,
            )

        try:
            self._store.ask("write", self._store.where(path), send)
        except (OvertakenFileError, NotStoredError) as error:  # If-Match on nothing: 404 or 412, as services like
            raise AlreadyStoredError(error.message, remedy=error.remedy) from error

    def discard(self) -> None:
        """Forget it; does nothing when called again."""
        self._file.close()
