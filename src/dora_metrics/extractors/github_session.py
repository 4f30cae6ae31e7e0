"""One question to GitHub and its answer: the only place that sends, waits and tries again."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Callable, Optional, Protocol
from urllib.parse import urlsplit

from dora_metrics.errors import UnreachableError
from dora_metrics.extractors.github_headers import server_time
from dora_metrics.extractors.github_outcome import (
    Answered,
    BadCursor,
    Limited,
    Outcome,
    Refused,
    TooHeavy,
    Transient,
    classify,
)
from dora_metrics.extractors.github_refusals import refusal
from dora_metrics.extractors.github_wait import (
    AFTER_RESET_S,
    FIRST_PAUSE_S,
    LONGEST_GUESS_S,
    SECONDARY_S,
    Waiter,
    growing,
)

if TYPE_CHECKING:
    import httpx

MOST_TRIES = 6
MOST_TRIES_AT_ONE = 3
"""So often the smallest request may take too long before it is given up."""
MOST_LIMITS = 8
"""So many limits one after another, without an answer between them."""
AGAIN = "run the same command again later; what was fetched is kept"
LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_ANSWER_S = 120.0


class TooHeavyError(Exception):
    """Even the smallest request takes GitHub too long."""


class BadCursorError(Exception):
    """GitHub does not know the cursor any more."""


class Question(Protocol):
    """A query that can be made smaller."""

    @property
    def query(self) -> str:
        """Its text."""

    @property
    def about(self) -> str:
        """What it asks for, in words."""

    def variables(self) -> Mapping[str, Any]:
        """Its variables, at its present size."""

    def shrink(self) -> bool:
        """Make it smaller; whether that was possible."""


@dataclass(frozen=True)
class Answer:
    """What GitHub said, and when."""

    payload: Mapping[str, Any]
    served_at: Optional[datetime]
    elapsed_s: float


class GitHubSession:
    """Sends questions one after another; knows how long was waited in all."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        url: str,
        token: str,
        wait: Waiter,
        requests_per_minute: int = 0,
        max_wait_minutes: int = 70,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.host = urlsplit(url).hostname or url
        self.served_at: Optional[datetime] = None
        self._http = http
        self._url = url
        self._wait = wait
        self._gap_s = 60 / requests_per_minute if requests_per_minute else 0.0
        self._most_s = max_wait_minutes * 60.0
        self._jitter = jitter
        self._waited_s = 0.0
        self._sent_s: Optional[float] = None
        self._headers = {
            "Authorization": f"bearer {token}",
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "dora-metrics",
        }

    def ask(self, question: Question) -> Answer:
        """The complete answer, after all waits and further tries that it takes.

        Raises `AccessError` and `ConfigurationError` for what a person must mend, `UnreachableError` when GitHub does
        not answer or the waits grow longer than allowed, `TooHeavyError` and `BadCursorError` for the caller to go on
        from.
        """
        tries = limits = shrunk = 0
        while True:
            self._keep_pace()
            began_s = self._wait.monotonic()
            outcome = self._send(question)
            if isinstance(outcome, Answered):
                return Answer(outcome.payload, outcome.served_at, self._wait.monotonic() - began_s)
            if isinstance(outcome, Refused):
                raise refusal(outcome, host=self.host, asked=question.about)
            if isinstance(outcome, BadCursor):
                raise BadCursorError
            if isinstance(outcome, Limited):
                limits += 1
                self._sit_out(outcome, limits)
            elif isinstance(outcome, TooHeavy) and question.shrink():
                shrunk += 1
                self._pause(growing(FIRST_PAUSE_S, 0, self._jitter()), outcome.why)
            else:
                tries += 1
                self._give_up_or_pause(outcome, tries)

    def _give_up_or_pause(self, outcome: Outcome, tries: int) -> None:
        why = outcome.why if isinstance(outcome, (Transient, TooHeavy)) else ""
        if isinstance(outcome, TooHeavy) and tries >= MOST_TRIES_AT_ONE:
            raise TooHeavyError(why)
        if tries >= MOST_TRIES:
            message = f"{self.host} gave no usable answer in {tries} tries ({why})"
            raise UnreachableError(message, remedy=f"check the network and githubstatus.com, then {AGAIN}")
        self._pause(growing(FIRST_PAUSE_S, tries - 1, self._jitter()), why)

    def _sit_out(self, limited: Limited, limits: int) -> None:
        """Wait as long as GitHub says; longer where it has said so before, and that was not enough."""
        if limits > MOST_LIMITS:
            message = f"{self.host} limits us again and again"
            raise UnreachableError(message, remedy=AGAIN)
        guess_s = min(growing(SECONDARY_S, limits - 1, self._jitter()), LONGEST_GUESS_S)
        if limited.wait_s is None:
            seconds = guess_s
        elif limits == 1:
            seconds = limited.wait_s + AFTER_RESET_S + self._jitter()
        else:
            seconds = max(limited.wait_s + AFTER_RESET_S, guess_s / 2)
        self._pause(seconds, "its hourly limit" if limited.hourly else "its limit for requests in a short time")

    def _pause(self, seconds: float, why: str) -> None:
        if self._waited_s + seconds > self._most_s:
            most = _minutes(self._most_s)
            message = f"{self.host} makes us wait {_minutes(seconds)} ({why}); --max-wait allows {most} in all"
            again = f"run the same command again {self._when(seconds)}, or raise --max-wait"
            raise UnreachableError(message, remedy=f"{again}; what was fetched is kept")
        self._waited_s += seconds
        self._wait.sleep(seconds, why)

    def _when(self, seconds: float) -> str:
        if self.served_at is None:
            return "later"
        return f"after {self.served_at + timedelta(seconds=seconds):%H:%M} UTC"

    def _keep_pace(self) -> None:
        """Hold the distance between two requests that --requests-per-minute asks for."""
        now_s = self._wait.monotonic()
        if self._sent_s is not None and self._sent_s + self._gap_s > now_s:
            self._wait.sleep(self._sent_s + self._gap_s - now_s, "--requests-per-minute")
        self._sent_s = self._wait.monotonic()

    def _send(self, question: Question) -> Outcome:
        """What came of one request. An exception of the network becomes words here: it may hold the token."""
        import httpx  # noqa: PLC0415 (too heavy for --help)

        content = json.dumps({"query": question.query, "variables": dict(question.variables())}).encode()
        try:
            with self._http.stream(
                "POST", self._url, content=content, headers=self._headers, follow_redirects=False
            ) as response:
                headers = {name.lower(): value for name, value in response.headers.items()}
                body = self._read(response)
                status = response.status_code
        except (httpx.ReadTimeout, httpx.WriteTimeout):
            return TooHeavy("no answer in time")
        except (httpx.HTTPError, httpx.StreamError) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                return Refused("certificate")
            return Transient(type(error).__name__)
        self.served_at = server_time(headers) or self.served_at
        return TooHeavy("an answer without end") if body is None else classify(status, headers, body)

    def _read(self, response: httpx.Response) -> Optional[bytes]:
        """The body; `None` when it grows too large or drips too slowly."""
        began_s, body = self._wait.monotonic(), bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER or self._wait.monotonic() - began_s > LONGEST_ANSWER_S:
                return None
        return bytes(body)


def _minutes(seconds: float) -> str:
    minutes = max(1, round(seconds / 60)) if seconds else 0
    return f"{minutes} minute" + ("" if minutes == 1 else "s")
