"""A real S3 server on loopback: SeaweedFS from PyPI, for one session, killed at its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

BUCKET = "dora-test"
KEY = "AKIADORATEST"
SECRET = "s3cretOfTheTestServer"  # noqa: S105 (of a server that lives for a minute)
START_S = 60
MINI = (
    "-s3.port.iceberg=0", "-s3.port.lance=0", "-admin.ui=false", "-webdav=false", "-master.telemetry=false",
    "-s3.autoCreateBucket=false", "-s3.allowDeleteBucketNotEmpty=false", f"-bucket={BUCKET}",
)  # fmt: skip


@dataclass(frozen=True)
class S3Server:
    """Where it listens, and what a client must know."""

    port: int

    def environ(self, port: int = 0) -> dict[str, str]:
        """The variables of a client, through `port` when a proxy stands before the server; no other keys are found."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port or self.port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }


def free_ports(count: int) -> list[int]:
    """Ports in 20000-29999 that are free, as are those 10,000 above, where the server puts its gRPC."""
    found: list[int] = []
    with ExitStack() as held:
        port = 20_000 + os.getpid() * 7 % 9000
        while len(found) < count:
            port += 1
            try:
                for each in (port, port + 10_000):
                    listening = held.enter_context(socket.socket())
                    listening.bind(("127.0.0.1", each))
            except OSError:
                continue
            found.append(port)
    return found


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Started, answering, and killed at the end with its folder removed."""
    weed = Path(sys.prefix) / "bin" / "weed"
    ports = free_ports(5)
    names = ("master", "volume", "filer", "s3", "admin")
    with tempfile.TemporaryDirectory() as folder:
        chosen = [f"-{name}.port={port}" for name, port in zip(names, ports)]
        environ = {"PATH": os.environ["PATH"], "HOME": folder, "TMPDIR": folder}
        environ.update(AWS_ACCESS_KEY_ID=KEY, AWS_SECRET_ACCESS_KEY=SECRET)
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [weed, "mini", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *chosen, *MINI],
                stdout=log, stderr=log, env=environ, cwd=folder, start_new_session=True,
            )  # fmt: skip
        try:
            server = S3Server(ports[3])
            _wait_for(server, process, Path(folder) / "log")
            yield server
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _pause(process: subprocess.Popen[bytes], until: float, log: Path) -> None:
    assert process.poll() is None, log.read_text(errors="replace")[-3000:]
    assert time.monotonic() < until, log.read_text(errors="replace")[-3000:]
    time.sleep(0.1)


def _wait_for(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the bucket can be listed with the keys."""
    import boto3  # noqa: PLC0415 (slow; only for these tests)
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    until = time.monotonic() + START_S
    while True:
        try:
            urlopen(f"http://127.0.0.1:{server.port}/", timeout=1).close()
        except HTTPError:  # noqa: PERF203 (asked until it answers)
            break
        except (URLError, OSError):
            _pause(process, until, log)
    client = boto3.client(
        "s3", endpoint_url=f"http://127.0.0.1:{server.port}", aws_access_key_id=KEY, aws_secret_access_key=SECRET,
        region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}),
    )  # fmt: skip
    while True:
        try:
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"")
        except (BotoCoreError, ClientError):  # noqa: PERF203 (asked until it answers)
            _pause(process, until, log)
        else:
            return
