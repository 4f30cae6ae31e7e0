"""A run that asks something tells people so: once, with counts alone, and without ever failing over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.git_repository import GitRepository
from support.prompt import CommandLine, Outcome
from support.webhook import SECRET, Hook, a_webhook

TITLE = "the cart of a secret customer"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with a_webhook() as server:
        yield server


class Shop:
    """A repository in which a hotfix comes after the first extraction, and one more later."""

    def __init__(self, folder: Path, hook: Hook) -> None:
        self.cli = CommandLine(folder / "work")
        self.cli.environ = {"DORA_NOTIFY_TARGETS": "CHAT", "CHAT": hook.address()}
        self.git = GitRepository(folder / "shop")
        self.release("v1.0.0", 6, "start")
        self.release("v1.1.0", 9, "work")
        self.cli.run("init", "--yes", str(self.git.path))
        self.cli.run("extract", "--full")

    def release(self, tag: str, day: int, subject: str) -> None:
        self.git.commit(tag, at=f"2025-01-{day:02}T09:00:00Z", subject=subject)
        self.git.tag(tag, tag, at=f"2025-01-{day:02}T10:00:00Z")
        self.git.flush()

    def update(self) -> Outcome:
        return self.cli.run("update")


@pytest.fixture
def shop(tmp_path: Path, hook: Hook) -> Shop:
    return Shop(tmp_path, hook)


def test_a_new_question_is_told_of_once_and_by_counts_alone(shop: Shop, hook: Hook) -> None:
    shop.update()
    assert hook.bodies == [], "nothing asks yet"

    shop.release("v1.2.0", 12, f"hotfix: {TITLE} (#7)")
    shop.update()
    shop.release("v1.3.0", 20, "more work")
    shop.update()

    assert len(hook.bodies) == 1, "an old question is no news"
    assert "local/shop: 2 rows need a person" in hook.bodies[0]
    assert "pending_review.csv" in hook.bodies[0]
    assert TITLE not in hook.bodies[0]


def test_one_more_question_is_told_of_again(shop: Shop, hook: Hook) -> None:
    shop.release("v1.2.0", 12, "hotfix: one (#7)")
    shop.update()
    shop.release("v1.3.0", 20, "hotfix: two (#8)")
    shop.update()

    assert len(hook.bodies) == 2
    assert "1 of them new" in hook.bodies[1], "the row that asked before asks more now"


def test_an_old_question_is_no_news_in_another_format(shop: Shop, hook: Hook) -> None:
    shop.release("v1.2.0", 12, "hotfix: one (#7)")
    shop.update()
    shop.cli.environ["DORA_REVIEW_FORMAT"] = "xlsx"
    shop.release("v1.3.0", 20, "more work")
    shop.update()

    assert len(hook.bodies) == 1


def test_extract_tells_nobody(shop: Shop, hook: Hook) -> None:
    shop.release("v1.2.0", 12, "hotfix: one (#7)")

    shop.cli.run("extract", "--full")

    assert hook.bodies == []


def test_a_service_that_fails_is_a_warning_and_the_update_stays_done(shop: Shop, hook: Hook) -> None:
    hook.status = 500
    shop.release("v1.2.0", 12, "hotfix: one (#7)")

    ended = shop.update()

    assert (ended.code, ended.error) == (0, "warning: nobody was notified over CHAT: JSON did not take it")
    assert SECRET not in ended.out + ended.err
    assert shop.update().out.strip() == "Nothing new."


def test_the_address_is_stored_nowhere(shop: Shop) -> None:
    shop.release("v1.2.0", 12, "hotfix: one (#7)")
    shop.update()

    stored = b"".join(shop.cli.files().values()) + (shop.cli.folder / "dora-metrics.toml").read_bytes()
    assert SECRET.encode() not in stored


def test_in_github_actions_the_run_has_a_summary_and_the_message_a_link(shop: Shop, hook: Hook, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("### a step before\n", encoding="utf-8")
    shop.cli.environ.update(
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_SERVER_URL="https://github.com",
        GITHUB_REPOSITORY="acme/shop",
        GITHUB_RUN_ID="42",
    )
    shop.release("v1.2.0", 12, f"hotfix: {TITLE} (#7)")

    shop.update()

    text = summary.read_text(encoding="utf-8")
    assert text.startswith("### a step before\n### dora-metrics: 2 rows need a person\n")
    assert "| a deployment that may have failed | 1 |" in text
    assert TITLE not in text
    assert "https://github.com/acme/shop/actions/runs/42" in hook.bodies[0]


def test_a_summary_that_would_be_too_long_is_left_as_it_is(shop: Shop, tmp_path: Path) -> None:
    """GitHub shows nothing at all of a summary above 1 MiB."""
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * ((1 << 20) - 10))
    shop.cli.environ["GITHUB_STEP_SUMMARY"] = str(summary)
    shop.release("v1.2.0", 12, "hotfix: one (#7)")

    assert "the job summary is full" in shop.update().err

    assert summary.stat().st_size == (1 << 20) - 10


def test_a_summary_that_cannot_be_written_is_a_warning(shop: Shop, tmp_path: Path) -> None:
    shop.cli.environ["GITHUB_STEP_SUMMARY"] = str(tmp_path)
    shop.release("v1.2.0", 12, "hotfix: one (#7)")

    assert "warning: the job summary could not be written" in shop.update().err


def test_what_stands_in_a_summary_is_no_markup(shop: Shop, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    shop.cli.environ["GITHUB_STEP_SUMMARY"] = str(summary)
    shop.release("v1.2.0", 12, "plain")

    shop.update()

    assert "local/shop: 1 new commit, 1 new tag." in summary.read_text(encoding="utf-8")
    assert "nothing needs a person" in summary.read_text(encoding="utf-8")
