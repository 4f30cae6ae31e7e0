"""A proxy between a client and the S3 server that fails one request as told: each request asks the script first.

Requests are passed on as they came, since they are signed, host name included.
"""

from __future__ import annotations

import http.client
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

LOST = "answer lost after the server took it"
RESET = "reset before the server saw it"
BUSY = "503 SlowDown"
CUT = "body of the answer cut in half"
IGNORES = "conditions of a PUT are ignored, as old services do"


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    """With the query."""


Script = Callable[[Asked], Optional[str]]


@dataclass
class Proxy:
    """Where it listens, and what it was asked."""

    port: int
    script: Script = lambda _: None
    seen: list[Asked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """Those that happened, in order."""
    refusal: str = ""
    """When set, every request is answered by 403 with this code."""


@contextmanager
def proxy_before(server_port: int, ignoring: Optional[Any] = None) -> Iterator[Proxy]:  # noqa: C901 (one handler)
    """A proxy; `ignoring` is a client of boto3 that does what `IGNORES` asks, as nobody else can sign it anew."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, self.path)
            proxy.seen.append(asked)
            fault = proxy.script(asked)
            if fault:
                proxy.faults.append(fault)
            if proxy.refusal:
                self._refuse(403, proxy.refusal)
            elif fault == RESET:
                self._reset()
            elif fault == BUSY:
                self._refuse(503, "SlowDown")
            elif fault == IGNORES and ignoring is not None:
                bucket, _, key = self.path.lstrip("/").partition("/")
                etag = ignoring.put_object(Bucket=bucket, Key=key.partition("?")[0], Body=body)["ETag"]
                self._give(200, [("ETag", etag)], b"")
            else:
                self._pass_on(body, fault)

        do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer  # noqa: N815 (the names of http.server)

        def _pass_on(self, body: bytes, fault: Optional[str]) -> None:
            behind = http.client.HTTPConnection("127.0.0.1", server_port, timeout=60)
            behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in {"expect", "connection"}:
                    behind.putheader(name, value)
            behind.endheaders(body)
            found = behind.getresponse()
            content = found.read()
            behind.close()
            if fault == LOST:
                self._reset()
                return
            kept = {"content-length", "transfer-encoding", "connection", "date", "server"}
            headers = [(name, value) for name, value in found.getheaders() if name.lower() not in kept]
            length = len(content) if self.command != "HEAD" else int(found.getheader("Content-Length") or 0)
            self._give(found.status, headers, content, length=length, cut=fault == CUT)

        def _refuse(self, status: int, code: str) -> None:
            self._give(status, [("Content-Type", "application/xml")], f"<Error><Code>{code}</Code></Error>".encode())

        def _give(
            self,
            status: int,
            headers: list[tuple[str, str]],
            content: bytes,
            *,
            length: Optional[int] = None,
            cut: bool = False,
        ) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content) if length is None else length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content[: len(content) // 2] if cut else content)
            if cut:
                self._reset()

        def _reset(self) -> None:
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that went away, or one that we sent away."""

    server = Server(("127.0.0.1", 0), Handler)
    proxy = Proxy(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
