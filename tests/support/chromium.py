"""A real Chromium, without a window and without a network, that tells what became of a page."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--virtual-time-budget=500",
)
PATIENCE_S = 25


def find_chromium() -> str:
    """The browser on PATH. Without one the test is skipped, and fails where the environment says CI."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is not None:
        return found
    message = "no Chromium on PATH: install it to run the browser tests (Debian: apt-get install chromium)"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)


def dump_dom(page: str, folder: Path) -> str:
    """The document as it stands after the page was loaded and everything in it had its chance to run."""
    file = folder / "page.html"
    file.write_bytes(page.encode())
    with a_profile() as profile:
        done = subprocess.run(
            [
                find_chromium(),
                *QUIET,
                f"--user-data-dir={profile}",
                "--virtual-time-budget=500",
                "--dump-dom",
                file.as_uri(),
            ],
            capture_output=True,
            check=True,
            timeout=PATIENCE_S,
        )
    return done.stdout.decode("utf-8")


@contextmanager
def a_profile() -> Iterator[str]:
    """A folder for the browser's own files; it may still write there while the folder goes."""
    folder = tempfile.mkdtemp(prefix="chromium-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def counting_server() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and the paths that were asked of it."""
    asked: list[str] = []

    class Count(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Nothing: the test reads `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Count)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
