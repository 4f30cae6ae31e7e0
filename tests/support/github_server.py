"""The local GitHub: answers over real HTTP (`serving`) or straight into an `httpx.Client` (`client`).

    world = World()
    github = FakeGitHub(world)
    github.faults[2] = bad_gateway()                 # the second request fails
    github.before[3] = lambda: world.add_pull()      # the world changes just before the third
    with github.serving() as url: ...                # or: github.client()

`github.requests` is what was asked: operation, variables, page size, points.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Optional

import httpx

from support.github_api import execute, parsed
from support.github_world import FakeWaiter, World

TOKEN = "canary-token-Xq7f31"  # noqa: S105 (no real one: tests look for it in every output)
URL = "http://127.0.0.1/graphql"
HOUR_S = 3600


@dataclass(frozen=True)
class Request:
    """One request as it came in."""

    number: int
    operation: str
    variables: Mapping[str, Any]
    query: str
    authorization: str

    @property
    def first(self) -> Optional[int]:
        """Items asked for."""
        return self.variables.get("first")


@dataclass(frozen=True)
class Reply:
    """What goes back. `broken` is `reset` or `truncated` for a connection that ends badly."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    broken: str = ""
    points: int = 0

    @property
    def json(self) -> dict[str, Any]:
        """The body read again."""
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded

    def with_json(self, body: Any, **changes: Any) -> Reply:
        """The same with another body."""
        return replace(self, body=json.dumps(body).encode(), **changes)


Fault = Callable[["FakeGitHub", Request, Reply], Reply]
"""Turns the right answer into a wrong one; the clock may move meanwhile."""


@dataclass
class FakeGitHub:
    """GitHub's side of each request, one after another."""

    world: World = field(default_factory=World)
    token: str = TOKEN
    faults: dict[int, Fault] = field(default_factory=dict)
    """By number of the request, from 1."""
    before: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What changes in the world just before that request."""
    rule: Optional[Callable[[Request, Reply], Optional[Fault]]] = None
    """A fault that depends on what is asked: a poison item, a page too large."""
    limit: Optional[int] = 5000
    """Points an hour; `None` = an Enterprise Server without limits and without their headers."""
    takes_s: float = 1.0
    """How long each answer takes by the world's clock."""
    requests: list[Request] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    crash: Optional[BaseException] = None
    """A fault of this server's own: raised where the test ends."""
    used: int = 0
    reset_s: float = 0

    @property
    def points(self) -> int:
        """What all requests cost."""
        return sum(reply.points for reply in self.replies)

    @property
    def asked(self) -> list[tuple[str, Optional[int]]]:
        """Operation and page size of each request."""
        return [(request.operation, request.first) for request in self.requests]

    def waiter(self) -> FakeWaiter:
        """Time for the client: the world's."""
        return FakeWaiter(self.world)

    def answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        """The reply to one request; faults and changes of the world happen here."""
        try:
            return self._answer(headers, body)
        except Exception as error:
            self.crash = error
            raise

    def _answer(self, headers: Mapping[str, str], body: bytes) -> Reply:
        asked = json.loads(body)
        document, _ = parsed(asked["query"])
        name = next((each.name.value for each in document.definitions if each.kind == "operation_definition"), "")
        request = Request(
            len(self.requests) + 1, name, asked.get("variables", {}), asked["query"], headers.get("authorization", "")
        )
        self.requests.append(request)
        self.before.get(request.number, lambda: None)()
        reply = self._right_answer(request)
        fault = self.faults.get(request.number) or (self.rule(request, reply) if self.rule else None)
        if fault:
            reply = fault(self, request, reply)
        self.world.tick(self.takes_s)
        self.replies.append(reply)
        return reply

    def _right_answer(self, request: Request) -> Reply:
        if request.authorization not in {f"bearer {self.token}", f"Bearer {self.token}"}:
            headers = {**self.headers(), "x-ratelimit-remaining": "0"}
            message = {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}
            return Reply(401, headers, json.dumps(message).encode())
        if self.world.now_s >= self.reset_s:
            self.used, self.reset_s = 0, self.world.now_s + HOUR_S
        ran = execute(self.world, request.query, request.variables)
        if self.limit is not None and self.used + ran.points > self.limit:
            error = {
                "type": "RATE_LIMIT",
                "code": "graphql_rate_limit",
                "message": "API rate limit already exceeded for user ID 1.",
            }
            return Reply(200, self.headers(), json.dumps({"errors": [error]}).encode())
        self.used += ran.points
        return Reply(200, self.headers(), json.dumps(ran.body).encode(), points=ran.points)

    def headers(self) -> dict[str, str]:
        """Those that GitHub puts on every answer."""
        always = {
            "date": formatdate(self.world.now_s, usegmt=True),
            "content-type": "application/json; charset=utf-8",
            "x-github-request-id": f"C0FF:{len(self.requests):04X}",
        }
        if self.limit is None:
            return always
        return {
            **always,
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(max(0, self.limit - self.used)),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(int(self.reset_s)),
            "x-ratelimit-resource": "graphql",
        }

    def client(self) -> httpx.Client:
        """A client that reaches this GitHub without a network; ask it at `URL`."""
        return httpx.Client(transport=httpx.MockTransport(self._handle))

    def _handle(self, request: httpx.Request) -> httpx.Response:
        reply = self.answer(dict(request.headers), request.content)
        if reply.broken == "reset":
            message = f"connection reset, header was {request.headers.get('authorization')}"
            raise httpx.ReadError(message, request=request)
        if reply.broken == "truncated":
            message = "peer closed connection without complete body"
            raise httpx.RemoteProtocolError(message, request=request)
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body)

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Answer over real HTTP on the loopback while this lasts; its address."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/graphql"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            if self.crash:
                raise self.crash


def _handler(github: FakeGitHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            reply = github.answer({name.lower(): value for name, value in self.headers.items()}, body)
            if reply.broken == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return
            self.send_response_only(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            truncated = reply.broken == "truncated"
            self.wfile.write(reply.body[: len(reply.body) // 2] if truncated else reply.body)
            self.close_connection = self.close_connection or truncated

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the standard library's name)
            del format, args

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:
                self.close_connection = True  # the client went away, or we reset the connection

    return Handler
