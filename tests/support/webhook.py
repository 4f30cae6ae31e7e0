"""A webhook on loopback, for what is sent to services."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "s3cr3t-path"  # noqa: S105 (what must appear nowhere)


class Hook(ThreadingHTTPServer):
    """A webhook on loopback: keeps what it is told, answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.wait = threading.Event()
        self.wait.set()
        self.paths: list[str] = []
        self.bodies: list[str] = []

    def address(self, scheme: str = "json") -> str:
        return f"{scheme}://127.0.0.1:{self.server_address[1]}/{SECRET}"


class Answer(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        self.server.paths.append(self.path)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.wait.wait(20)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.do_POST()

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@contextmanager
def a_webhook() -> Iterator[Hook]:
    server = Hook()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.wait.set()
        server.shutdown()
        server.server_close()
        thread.join()
