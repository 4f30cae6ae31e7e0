"""The report in a real Chromium that can be clicked: no network, every request and every complaint counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.chromium import QUIET, find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
LEFT_TO_PLAYWRIGHT = ("--headless", "--virtual-time-budget=500")


@dataclass
class Opened:
    """A page that was opened, and what it did that it must not."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings of the console, and exceptions."""
    requests: list[str] = field(default_factory=list)
    """Addresses other than the page's own; all were blocked."""


@contextmanager
def a_browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (the oldest Python has none)

    flags = [flag for flag in QUIET if flag not in LEFT_TO_PLAYWRIGHT]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_chromium(), args=flags)
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, file: Path, *, script: str = "", **context: Any) -> Opened:
    """The file in a context of its own, all requests but that for itself blocked and counted."""
    own = browser.new_context(**{"viewport": DESK, **context})
    own.set_default_timeout(10_000)
    page = own.new_page()
    opened = Opened(page)
    address = file.as_uri()

    def judge(route: Any) -> None:
        asked = route.request.url
        if asked.partition("#")[0] == address:
            route.continue_()
            return
        opened.requests.append(asked)
        route.abort()

    page.route("**/*", judge)
    page.on("console", lambda said: opened.complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: opened.complaints.append(str(error)))
    if script:
        page.add_init_script(script)
    page.goto(address)
    if context.get("java_script_enabled", True):
        ready(page)
    return opened


def ready(page: Page) -> None:
    """Wait until the tables are unpacked, or the page has said that it cannot; the policy forbids an expression."""
    page.locator("html[data-tables], #too-old:not([hidden])").first.wait_for(state="attached")


def choices(opened: Opened) -> list[tuple[str, str]]:
    """Each length of period with each of its periods."""
    facts = json.loads(opened.page.evaluate("document.getElementById('facts').textContent"))
    return [(grain, label) for grain, held in facts["grains"].items() for label, _ in held["periods"]]
