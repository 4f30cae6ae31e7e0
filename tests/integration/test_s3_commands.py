"""The commands on a bucket, each a process of its own, as typed: the whole way, faults, and two at once."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Optional

import pytest

from dora_metrics.storage.annotation_csv import parse_annotations
from dora_metrics.storage.verification import verify
from support.git_repository import GitRepository
from support.prompt import SETTINGS_PREFIXES
from support.s3_proxy import IGNORES, Asked, Proxy, proxy_before
from support.s3_server import BUCKET, SECRET, S3Server
from support.s3_stores import a_bucket, a_client, a_writer, new_prefix

pytestmark = pytest.mark.s3

REVIEW = "processed/pending_review.csv"


@dataclass
class Project:
    """A repository with two releases, whose data lie in a bucket."""

    folder: Path
    server: S3Server
    prefix: str = field(default_factory=new_prefix)

    def __post_init__(self) -> None:
        self.git = GitRepository(self.folder / "shop")
        self.git.commit("start", at="2025-01-06T09:00:00Z")
        self.git.tag("v1.0.0", "start", at="2025-01-06T10:00:00Z")
        self.git.commit("cart", at="2025-01-12T09:00:00Z", subject="Add a cart (#2)")
        self.git.tag("v1.1.0", "cart", at="2025-01-13T09:00:00Z")
        self.git.flush()
        self.storage = a_bucket(a_client(self.server.port), self.prefix)

    def run(self, *arguments: str, code: int = 0, port: int = 0, stdin: str = "", **environ: str) -> str:
        """What one process printed, errors behind the rest; it must end with `code`."""
        ours = {name: text for name, text in os.environ.items() if not name.startswith(SETTINGS_PREFIXES)}
        ours.update(self.server.environ(port), DORA_STORAGE_TYPE="s3", DORA_S3_BUCKET=BUCKET)
        ours.update(DORA_STORAGE_PATH=self.prefix, DORA_REPOSITORY_PATH="shop", HOME=str(self.folder), **environ)
        done = subprocess.run(
            [sys.executable, "-m", "dora_metrics", *arguments],
            cwd=self.folder, env=ours, input=stdin, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert done.returncode == code, f"{arguments}: {done.returncode}\n{said}"
        assert SECRET not in said
        if code:
            assert done.stderr.strip().splitlines()[-1].startswith("error: ")
            assert "Traceback" not in done.stderr
        return said

    def started(self) -> Project:
        self.run("extract", "--no-github")
        return self

    def filled_in(self, commit: str, column: str, value: str) -> str:
        """The review file in the bucket as a person would save it, with one cell filled in."""
        key = f"commit:{self.git[commit]}"
        rows = list(csv.DictReader(io.StringIO(self.storage.read(REVIEW).decode("utf-8-sig"))))
        assert key in [row["key"] for row in rows]
        for row in rows:
            row[column] = value if row["key"] == key else row[column]
        text = io.StringIO()
        writer = csv.DictWriter(text, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def decided(self, **by_commit: str) -> list[tuple[str, str, str]]:
        """What `decisions` should be: each touched row is also reviewed by that."""
        keys = {f"commit:{self.git[name]}": said for name, said in by_commit.items()}
        words = [(key, *said.split(" ", 1)) for key, said in keys.items()]
        return sorted([*words, *((key, "reviewed", "yes") for key in keys)])

    def news(self) -> None:
        self.git.commit("news", at="2025-01-20T09:00:00Z", subject="Add news (#3)")
        self.git.tag("v1.2.0", "news", at="2025-01-21T09:00:00Z")
        self.git.flush()

    def log(self) -> list[str]:
        """The commands of all modifications, after the whole store was verified."""
        verify(self.storage)
        return [record.command for record in a_writer(self.storage, "reader").records()]

    def decisions(self) -> list[tuple[str, str, str]]:
        """Those stored, in order: key, column, value."""
        stored = parse_annotations(a_writer(self.storage, "reader").read_annotations() or b"")
        return sorted((word.key, word.column, word.value) for word in stored)


@pytest.fixture(name="project")
def _project(tmp_path: Path, s3_server: S3Server) -> Project:
    return Project(tmp_path, s3_server)


@pytest.fixture(name="proxy")
def _proxy(s3_server: S3Server) -> Iterator[Proxy]:
    with proxy_before(s3_server.port, a_client(s3_server.port)) as proxy:
        yield proxy


def test_the_whole_way_on_a_bucket(project: Project) -> None:
    project.run("init", "--yes", "shop")
    written = (project.folder / "dora-metrics.toml").read_text(encoding="utf-8")
    assert f's3_bucket = "{BUCKET}"' in written
    assert project.storage.list("") == [], "the proof that init makes is no data"

    assert f"s3://{BUCKET}/{project.prefix}/{REVIEW}" in project.run("extract", "--full", "--no-github")
    assert "Nothing new" in project.run("update")
    assert "modification 1" in project.run("status")
    saved = project.filled_in("cart", "deployment_failed", "yes")
    project.storage.write(REVIEW, saved.encode())
    assert "2 decisions" in project.run("import", f"s3://{BUCKET}/{project.prefix}/{REVIEW}")
    (project.folder / "mine.csv").write_text(saved, encoding="utf-8")
    assert "nothing new" in project.run("import", "mine.csv")
    assert "nothing new" in project.run("import", "-", stdin=saved)
    assert "100 %" in project.run("calculate", "--period", "all")
    assert "Wrote s3://" in project.run("report")
    assert b"</html>" in project.storage.read("reports/dora-report.html")
    assert "2 modifications" in project.run("verify")
    assert project.log() == ["extract", "import"]
    assert not (project.folder / "data").exists()


def test_status_says_how_the_review_file_comes_and_goes(project: Project) -> None:
    project.git.commit("fix", at="2025-01-14T09:00:00Z", subject='Revert "Add a cart (#2)"')
    project.git.tag("v1.1.1", "fix", at="2025-01-14T10:00:00Z")
    project.git.flush()
    project.started()

    said = project.run("status")
    assert f"aws s3 cp s3://{BUCKET}/{project.prefix}/{REVIEW} pending_review.csv" in said
    assert "dora-metrics import pending_review.csv" in said


def test_an_update_that_an_import_overtakes_keeps_both_effects(project: Project, proxy: Proxy) -> None:
    project.started()
    saved = project.filled_in("cart", "deployment_failed", "yes")
    project.news()
    _once_before_a_record(proxy, lambda: project.run("import", "-", stdin=saved))

    project.run("update", port=proxy.port)

    assert project.log() == ["extract", "import", "update"]
    assert project.decisions() == project.decided(cart="deployment_failed yes")
    assert b"tag:v1.2.0" in project.storage.read("processed/deployments.csv")
    assert b"yes" in project.storage.read(REVIEW)


def test_an_import_that_an_update_and_an_import_overtake_keeps_all_effects(project: Project, proxy: Proxy) -> None:
    project.started()
    mine = project.filled_in("cart", "deployment_failed", "yes")
    theirs = project.filled_in("start", "notes", "seen")
    project.news()

    def both() -> None:
        project.run("update")
        project.run("import", "-", stdin=theirs)

    _once_before_a_record(proxy, both)
    project.run("import", "-", port=proxy.port, stdin=mine)

    assert project.log() == ["extract", "update", "import", "import"]
    assert project.decisions() == project.decided(cart="deployment_failed yes", start="notes seen")


def test_two_updates_that_fetch_the_same_store_it_once(project: Project, proxy: Proxy) -> None:
    project.started()
    project.news()
    _once_before_a_record(proxy, lambda: project.run("update"))

    project.run("update", port=proxy.port)

    assert project.log() == ["extract", "update"]
    [new] = [path for path in project.storage.list("raw/") if b"Add news" in project.storage.read(path)]
    assert project.storage.read(new).count(b"Add news") == 1


def test_two_real_processes_at_once_both_take_effect(project: Project) -> None:
    project.started()
    saved = project.filled_in("cart", "deployment_failed", "yes")
    project.news()
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 (here alone)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(project.run, "update"), pool.submit(project.run, "import", "-", stdin=saved)]:
            done.result()

    assert sorted(project.log()) == ["extract", "import", "update"]
    assert project.decisions() == project.decided(cart="deployment_failed yes")


def _once_before_a_record(proxy: Proxy, do: object) -> None:
    """Let another run go all its way just before the first record comes through the proxy."""
    left = [do]

    def script(asked: Asked) -> Optional[str]:
        if asked.method == "PUT" and "/history/" in asked.path and left:
            run = left.pop()
            assert callable(run)
            run()
        return None

    proxy.script = script


WRONG = (
    ({"AWS_SECRET_ACCESS_KEY": "wrong-secret"}, "", 3, "SignatureDoesNotMatch"),
    ({"AWS_ACCESS_KEY_ID": "AKIAUNKNOWN"}, "", 3, "InvalidAccessKeyId"),
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "", 3, "no keys for S3"),
    ({"AWS_PROFILE": "nobody"}, "", 2, "AWS_PROFILE"),
    ({"DORA_S3_BUCKET": "no-such-bucket"}, "", 7, "there is no bucket no-such-bucket"),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "", 7, "check the network"),
    ({}, "ExpiredToken", 3, "sign in again"),
    ({}, "RequestTimeTooSkewed", 3, "clock"),
    ({}, "AccessDenied", 3, "docs/operations.md"),
    ({}, "PermanentRedirect", 7, "AWS_REGION"),
)


@pytest.mark.parametrize(("environ", "refusal", "code", "says"), WRONG, ids=[row[1] or row[3] for row in WRONG])
def test_what_is_refused_is_one_line_and_changes_nothing(
    tmp_path: Path, s3_server: S3Server, proxy: Proxy, environ: dict[str, str], refusal: str, code: int, says: str
) -> None:
    project = Project(tmp_path, s3_server)
    proxy.refusal = refusal

    said = project.run("extract", "--repository-path", "shop", "--no-github", code=code, port=proxy.port, **environ)

    assert says in said
    assert project.storage.list("") == []
    if refusal and code == 3:
        assert len(proxy.seen) == 1, "and it is not tried again"


def test_keys_that_may_only_read_end_before_any_work(project: Project, proxy: Proxy) -> None:
    project.started()
    proxy.script = lambda asked: _refuse_writing(proxy, asked)

    assert "not permitted to write" in project.run("update", port=proxy.port, code=3)
    assert "modification 1" in project.run("status", port=proxy.port)


def _refuse_writing(proxy: Proxy, asked: Asked) -> None:
    proxy.refusal = "AccessDenied" if asked.method == "PUT" else ""


def test_a_service_that_ignores_conditions_needs_a_single_writer(project: Project, proxy: Proxy) -> None:
    proxy.script = lambda asked: IGNORES if asked.method == "PUT" else None

    assert "warning: single writer only" in project.run("init", "--yes", "shop", port=proxy.port)
    said = project.run("extract", "--no-github", port=proxy.port, code=2)
    assert "--single-writer" in said
    assert project.storage.list("") == []
    project.run("extract", "--no-github", "--single-writer", port=proxy.port)
    assert project.log() == ["extract"]
