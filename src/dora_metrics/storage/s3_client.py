"""The way to a bucket: boto3's client, with keys found as AWS's own tools find them, and its errors in words."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dora_metrics.errors import ConfigurationError, StorageError
from dora_metrics.storage.store import NotStoredError, OvertakenFileError, StoreAccessError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.exceptions import ClientError
    from mypy_boto3_s3 import S3Client

CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
ATTEMPTS = 3
"""Of one request, by boto3, with its exponential back-off and jitter; it makes fewer once many have failed."""
AGAIN = "run the same command again"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CONFLICT = ("412", "PreconditionFailed", "409", "ConditionalRequestConflict", "OperationAborted")
_MISSING = ("404", "NoSuchKey", "NotFound")
_ELSEWHERE = ("301", "307", "PermanentRedirect", "AuthorizationHeaderMalformed", "TemporaryRedirect")
_BUSY = ("SlowDown", "ThrottlingException", "Throttling", "RequestTimeout", "TooManyRequests", "429")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired")
_WRONG_KEYS = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "InvalidSecurity")
_REFUSED = ("401", "403", "AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "Unauthorized")
_NO_KEYS = (
    "NoCredentialsError",
    "PartialCredentialsError",
    "CredentialRetrievalError",
    "TokenRetrievalError",
    "SSOTokenLoadError",
    "UnauthorizedSSOTokenError",
    "MetadataRetrievalError",
)


logger = logging.getLogger("dora_metrics.storage")


class NoAnswerError(StorageError):
    """None came, only a part, or that the service is busy: asking again helps, boto3's own attempts being used up."""


def s3_client() -> S3Client:
    """A client for the keys, region and endpoint that are in force; the same one while these stay as they are.

    Raises `ConfigurationError` for a profile or an endpoint that does not exist.
    """
    return _client(tuple(sorted(item for item in os.environ.items() if item[0].startswith("AWS_"))))


@lru_cache(maxsize=4)
def _client(variables: tuple[tuple[str, str], ...]) -> S3Client:
    import boto3  # noqa: PLC0415 (a second to import; only for a bucket)
    import boto3.compat  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    del variables  # boto3 reads them by itself
    boto3.compat.filter_python_deprecation_warnings()
    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
    )
    try:
        client: S3Client = boto3.session.Session().client("s3", config=config)
    except (BotoCoreError, ValueError) as error:
        message = f"the settings for S3 do not work: {error}"
        raise ConfigurationError(message, remedy="correct AWS_PROFILE, AWS_REGION or AWS_ENDPOINT_URL") from error
    _warn_when_open(client.meta.endpoint_url)
    return client


def _warn_when_open(endpoint: str) -> None:
    parts = urlsplit(endpoint)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        logger.warning("the data travel unencrypted to http://%s: use https", parts.hostname)


@contextmanager
def explained(action: str, where: str) -> Iterator[None]:
    """Turn any error of boto3 within into one of ours that names `where` and the remedy.

    `NotStoredError` when nothing is there, `OvertakenFileError` when a condition was not met, `StoreAccessError` for
    keys and rights, `StorageError` for all else.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 (loaded with the client)
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 (boto3 lets it through where an error's body breaks off)

    try:
        yield
    except ClientError as error:
        raise _answered(error, action, where) from error
    except (BotoCoreError, HTTPError, ConnectionError) as error:
        raise _unanswered(error, action, where) from error


def _answered(error: ClientError, action: str, where: str) -> StorageError:
    status = str(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    code = str(error.response.get("Error", {}).get("Code", "")) or status
    bucket = where.split("/")[2]
    if code == "NoSuchBucket":
        message = f"there is no bucket {bucket}"
        return StorageError(message, remedy="create it, or correct s3_bucket (DORA_S3_BUCKET) or AWS_ENDPOINT_URL")
    if code in _MISSING:
        return NotStoredError(f"cannot {action}: {where} is not there", remedy="check --storage-path")
    if code in _CONFLICT or status == "412":
        return OvertakenFileError(f"cannot {action}: {where} was changed meanwhile", remedy=AGAIN)
    if code in _ELSEWHERE:
        message = f"cannot {action}: {where}: the bucket is in another region ({code})"
        return StorageError(message, remedy="set AWS_REGION to the region of the bucket")
    refused = _refused(code)
    if refused or status in {"401", "403"}:
        return StoreAccessError(f"not permitted to {action}: {where} ({code})", remedy=refused or _refused("403"))
    kind = NoAnswerError if status.startswith("5") or code in _BUSY else StorageError
    return kind(f"cannot {action}: {where}: the service answered {code}", remedy=AGAIN)


def _refused(code: str) -> str:
    if code in _EXPIRED:
        return "the session has expired: sign in again, or renew AWS_SESSION_TOKEN"
    if code == "RequestTimeTooSkewed":
        return "correct this machine's clock"
    if code in _WRONG_KEYS:
        return "correct AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE"
    if code in _REFUSED:
        return "allow these keys to get, put and list there (docs/operations.md has the policy)"
    return ""


def _unanswered(error: Exception, action: str, where: str) -> StorageError:
    name = type(error).__name__
    if name in _NO_KEYS:
        message = f"no keys for S3 to {action}: {where} ({name})"
        return StoreAccessError(message, remedy="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
    return NoAnswerError(
        f"cannot {action}: {where}: no whole answer ({name})",
        remedy=f"check the network and AWS_ENDPOINT_URL, then {AGAIN}",
    )
