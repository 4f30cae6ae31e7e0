"""Under every fault, as typed: the token and e-mail addresses are in no byte of output, logs and files."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from support.git_repository import GitRepository
from support.github_faults import (
    answering,
    bad_gateway,
    captive_portal,
    errors,
    field_error,
    rate_limit,
    redirect,
    reset,
    resource_limits,
    secondary,
    truncated,
    unauthorized,
    went_wrong,
)
from support.github_server import TOKEN, FakeGitHub, Fault
from support.github_world import FakeActor, FakeEvent
from support.prompt import CommandLine

EMAIL = "canary@example.org"
SAML = {"type": "FORBIDDEN", "path": ["repository"], "extensions": {"saml_failure": True}, "message": f"for {EMAIL}"}
FAULTS = [
    pytest.param(None, 0, id="none"),
    pytest.param(unauthorized(), 3, id="bad token"),
    pytest.param(answering(401, {"message": f"Bad credentials: bearer {TOKEN}"}), 3, id="a token thrown back"),
    pytest.param(errors(SAML, data={"repository": None}), 3, id="single sign-on"),
    pytest.param(field_error("FORBIDDEN", ("repository", "id"), f"not accessible by {EMAIL}"), 3, id="permission"),
    pytest.param(answering(403, {"message": f"no, {EMAIL}"}), 3, id="forbidden"),
    pytest.param(redirect(f"https://{TOKEN}@evil.example/?t={TOKEN}"), 6, id="redirect"),
    pytest.param(answering(200, f"<p>{TOKEN} {EMAIL}".encode()), 6, id="an echo in HTML"),
    pytest.param(captive_portal(), 6, id="captive portal"),
    pytest.param(errors({"type": "NEW", "message": f"{TOKEN} {EMAIL}"}), 6, id="unknown error"),
    pytest.param(errors({"message": f"{TOKEN} {EMAIL}"}), 6, id="unknown error without a type"),
    pytest.param(rate_limit(), 6, id="hourly limit"),
    pytest.param(secondary(), 6, id="secondary limit"),
    pytest.param(bad_gateway(), 6, id="502"),
    pytest.param(went_wrong(), 6, id="data null"),
    pytest.param(resource_limits(), 6, id="compute budget"),
    pytest.param(reset(), 6, id="reset"),
    pytest.param(truncated(), 6, id="truncated"),
]


@pytest.mark.parametrize(
    "verbose",
    [
        pytest.param((), id="plain", marks=pytest.mark.slow),
        pytest.param(("-v",), id="-v", marks=pytest.mark.slow),
        pytest.param(("-v", "--log-format", "json"), id="json"),
    ],
)
@pytest.mark.parametrize(("fault", "code"), FAULTS)
def test_nothing_leaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Fault, code: int, verbose: tuple[str, ...]
) -> None:
    github = FakeGitHub()
    slept: list[float] = []
    time = SimpleNamespace(sleep=slept.append, monotonic=lambda: sum(slept))
    monkeypatch.setattr("dora_metrics.extractors.github_wait.time", time)
    clone = GitRepository(tmp_path / "shop")
    clone.commit("start", at="2023-01-06T09:00:00Z", message=f"Start\n\nBy <{EMAIL}>")
    pull = github.world.add_pull(title=f"by {EMAIL}", body=EMAIL, labels=[EMAIL])
    pull.timeline = [FakeEvent("IssueComment", pull.created_s + 5, FakeActor("bob"))]
    github.world.add_issue(title=EMAIL, body=EMAIL)
    github.world.add_deployment("SUCCESS", environment=f"for {EMAIL}")
    if fault:
        github.rule = lambda request, _reply: fault if request.operation.startswith("PullRequests") else None

    with github.serving() as url:
        cli = CommandLine(tmp_path / "work")
        cli.environ = {"GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": url, "PATH": "/usr/bin:/bin"}
        text = f'[[repository]]\npath = "{clone.path}"\ngithub = "acme/shop"\n[github]\nmax_wait = 5\n'
        (cli.folder / "dora-metrics.toml").write_text(text, encoding="utf-8")
        outcome = cli.run("extract", "--full", *verbose, code=None)

    assert outcome.code == code, outcome.err
    said = outcome.out + outcome.err
    assert "fault of dora-metrics" not in said
    for secret in (TOKEN, EMAIL, "bearer"):
        assert secret not in said
        for path in tmp_path.rglob("*"):
            if path.is_file() and clone.path not in path.parents:
                assert secret.encode() not in path.read_bytes(), path


def test_a_token_that_gh_gave_is_hidden_like_one_from_the_environment(tmp_path: Path) -> None:
    """It is in no variable from which the redactor could know it."""
    github = FakeGitHub()
    github.rule = lambda request, _reply: answering(200, f"<p>{TOKEN}".encode()) if request.number > 1 else None
    clone = GitRepository(tmp_path / "shop")
    clone.commit("start")
    tools = tmp_path / "bin"
    tools.mkdir()
    gh = tools / "gh"
    gh.write_text(f"#!/bin/sh\necho {TOKEN}\n", encoding="utf-8")
    gh.chmod(0o755)

    with github.serving() as url:
        cli = CommandLine(tmp_path / "work")
        cli.environ = {"GITHUB_GRAPHQL_URL": url, "PATH": f"{tools}:/usr/bin:/bin"}
        text = f'[[repository]]\npath = "{clone.path}"\ngithub = "acme/shop"\n[github]\nmax_wait = 0\n'
        (cli.folder / "dora-metrics.toml").write_text(text, encoding="utf-8")
        outcome = cli.run("extract", "--full", "-v", code=6)

    assert github.requests[0].authorization.endswith(TOKEN), "gh was asked"
    assert "<p>***" in outcome.err
    assert TOKEN not in outcome.out + outcome.err
