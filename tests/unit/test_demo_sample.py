"""The sample project of the demo: always the same, believable, and about nobody."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from datetime import datetime, timedelta, timezone

import pytest

from dora_metrics.config import FailureSettings
from dora_metrics.demo import AS_OF
from dora_metrics.demo.git_objects import GitStream, Signature
from dora_metrics.demo.sample_answers import ANSWERS, INCIDENT_ANSWERS, answered
from dora_metrics.demo.sample_plan import releases, work
from dora_metrics.demo.sample_project import plan_start, sample_project
from dora_metrics.demo.sample_story import END, MISHAPS, WEEK, release_hour
from dora_metrics.demo.sample_words import BOT, DEEDS, FIRST_FILES, PEOPLE, SUBJECTS, branch_of, file_of
from dora_metrics.processors.hotfixes import HotfixRule

HUNDRED_DAYS = timedelta(days=100)
DIGEST = "6c417bbde475ba466db13150905b373ec334383184961e62dc208bebe9634dc9"
FACTS_DIGEST = "19dca09427acf02203c1fc436d42ed1aa88119952fc81ea67b84a5d9cc2f72fb"
FACTS = sample_project(AS_OF).facts
KNOWN_COMMIT = "e095888166d21ffc9634b0e962dc8cd35fa9bf23"


def test_the_same_instant_gives_the_same_bytes() -> None:
    first, again = sample_project(AS_OF), sample_project(AS_OF)

    assert first.stream == again.stream
    assert first.released == again.released
    assert first.facts == again.facts


def test_every_python_makes_the_same_history() -> None:
    """The digest is new whenever the sample is changed on purpose; then the README's picture is, too."""
    project = sample_project(AS_OF)

    assert hashlib.sha256(project.stream).hexdigest() == DIGEST
    assert hashlib.sha256(repr(project.facts).encode()).hexdigest() == FACTS_DIGEST


def test_another_instant_moves_the_whole_project_by_weeks() -> None:
    here, there = sample_project(AS_OF), sample_project(AS_OF - HUNDRED_DAYS)

    moved = {there.released[tag] - moment for tag, moment in here.released.items()}
    assert moved == {timedelta(days=-105)}
    assert list(here.released) == list(there.released)


@pytest.mark.parametrize("days", [0, 1, 6, 7, 400])
def test_the_plan_begins_on_a_monday_and_ends_less_than_a_week_before_now(days: int) -> None:
    now = AS_OF + timedelta(days=days, hours=3)

    start = plan_start(now)

    assert start.weekday() == 0
    assert timedelta(0) <= now - (start + timedelta(hours=END)) < timedelta(days=7)


def test_nothing_happens_after_now() -> None:
    assert max(item.merged for item in work()) <= END
    assert max(release.at for release in releases()) < END
    seconds = [int(found) for found in re.findall(rb"> (\d{10}) \+0000\n", sample_project(AS_OF).stream)]
    assert max(seconds) <= AS_OF.timestamp()


def test_each_pull_request_has_a_title_of_its_own() -> None:
    titles = Counter(item.title for item in work() if item.style != "direct")

    assert [title for title, count in titles.items() if count > 1] == []


def test_there_is_something_of_each_kind() -> None:
    styles = Counter(item.style for item in work())
    assert set(styles) == {"merge", "squash", "rebase", "direct", "open"}
    assert styles["merge"] > 100
    assert styles["squash"] > 100
    assert styles["rebase"] > 5
    assert sum(item.author == BOT for item in work()) > 20
    assert sum(item.branch.startswith("hotfix/") for item in work()) >= 5
    assert sum(bool(item.takes_back) for item in work()) >= 4


def test_releases_come_about_weekly_and_rest_before_christmas() -> None:
    by_quarter = Counter(int(release.at // (13 * WEEK)) for release in releases())

    assert 100 <= len(releases()) <= 150
    assert min(range(-1, 6), key=lambda quarter: by_quarter[quarter]) == 2


def test_versions_rise_on_each_line() -> None:
    def versions(major: str) -> list[list[int]]:
        full = [release.tag for release in releases() if not release.is_prerelease]
        return [[int(part) for part in tag[1:].split(".")] for tag in full if tag.startswith(f"v{major}.")]

    for major in "12":
        assert versions(major) == sorted(versions(major))
    assert len({release.tag for release in releases()}) == len(releases())


def test_an_old_line_gets_releases_after_the_new_one_began() -> None:
    at = {release.tag: release.at for release in releases()}

    late = [release for release in releases() if release.tag.startswith("v1.") and release.at > at["v2.0.0"]]

    assert [release.tag for release in late] == ["v1.36.1", "v1.36.2", "v1.36.3", "v1.36.4"]
    assert {release.source for release in late} == {"release/1.x"}
    newest = [release.tag for release in releases() if release.at < at["v2.0.0"] and release.tag.startswith("v1.")]
    assert newest[-1] == "v1.36.0"


def test_one_release_goes_back_to_an_earlier_commit() -> None:
    [rollback] = [release for release in releases() if release.source.startswith("v")]

    assert (rollback.tag, rollback.source) == ("v2.4.2", "v2.4.0")


def test_nothing_else_is_merged_between_a_failed_release_and_its_patch() -> None:
    """Else the patch release would hold ordinary work, and be no hotfix."""
    fixes = {mishap.branch for mishap in MISHAPS if mishap.branch}
    for mishap in (mishap for mishap in MISHAPS if mishap.shipped):
        released = release_hour(mishap.week, mishap.weekday)
        between = [item for item in work() if released < item.merged <= released + mishap.shipped]

        mended = [item for item in between if mishap.title in item.title or item.branch in fixes]
        assert between == mended != [], mishap.title


def test_only_what_is_meant_to_be_a_hotfix_looks_like_one() -> None:
    rule = HotfixRule(FailureSettings())

    found = {item.branch for item in work() if rule.reason(title=item.title, branch=item.branch, labels=None)}

    assert {branch.partition("/")[0] for branch in found} == {"hotfix"}


def test_no_real_address_is_in_it() -> None:
    people = set(re.findall(rb"^(?:author|committer|tagger) (.+?) <(.+?)>", sample_project(AS_OF).stream, re.MULTILINE))

    assert {name.decode() for name, _ in people} == {*PEOPLE, BOT}
    assert {pull.author for pull in FACTS.pull_requests} == {*(name.lower() for name in PEOPLE), BOT}
    assert "@" not in repr(FACTS)
    assert {address.rpartition(b"@")[2] for _, address in people} == {b"example.org"}


def test_each_deed_speaks_of_a_file() -> None:
    for subject, path in SUBJECTS.items():
        for deed in DEEDS:
            assert file_of(deed.format(subject)) == path
    assert file_of("Raise the log limit") == "README.md"
    assert set(SUBJECTS.values()) < set(FIRST_FILES)


def test_branch_names_are_fit_for_git() -> None:
    assert branch_of("Send an e-mail about the cart") == "send-an-e-mail-about-cart"


def test_a_revert_names_the_commit_that_it_takes_back() -> None:
    stream = sample_project(AS_OF).stream.decode()

    named = re.findall(r"This reverts commit ([0-9a-f]{40})\.\n", stream)

    assert len(named) == len(set(named)) == sum(bool(item.takes_back) for item in work())


def test_hashes_are_those_of_git() -> None:
    """`git commit` of the same two files gave this one."""
    git = GitStream()
    ada = Signature("Ada", 1_700_000_000)

    sha = git.commit(
        "refs/heads/main", parents=[], author=ada, committer=ada, message="a\n", files={"b/c": "d\n", "b.x": "e\n"}
    )

    assert sha == KNOWN_COMMIT


# ---- the answers


def review_file(*rows: dict[str, str]) -> bytes:
    columns = [
        "key",
        "date",
        "title",
        "deployment",
        "attention",
        "reviewed",
        "deployment_failed",
        "started_at",
        "resolved_at",
    ]
    columns += ["caused_by", "notes"]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def answered_rows(*rows: dict[str, str], leave_out: str = "") -> tuple[list[dict[str, str]], int]:
    released = {tag: datetime(2025, 1, 1, 10, tzinfo=timezone.utc) for tag in ANSWERS}
    about = [{"key": tag, "deployment": tag, "date": "2025-01-01T10:00:00Z"} for tag in ANSWERS if tag != leave_out]
    about += [{"key": "issue:7", "deployment": next(iter(ANSWERS)), "title": title} for title in INCIDENT_ANSWERS]
    until = datetime(2025, 7, 1, tzinfo=timezone.utc)
    content, count = answered(review_file(*rows, *about), released, until=until)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")))), count


def test_rows_that_need_a_person_are_reviewed_up_to_the_newest_quarter() -> None:
    rows, count = answered_rows(
        {"key": "old", "date": "2025-06-30T23:59:59Z", "attention": "yes"},
        {"key": "quiet", "date": "2025-06-30T23:59:59Z"},
        {"key": "new", "date": "2025-07-01T00:00:00Z", "attention": "yes"},
    )

    assert [row["reviewed"] for row in rows[:3]] == ["yes", "", ""]
    assert count == 1 + len(ANSWERS) + len(INCIDENT_ANSWERS)


def test_times_are_typed_as_hours_after_the_release() -> None:
    rows, _ = answered_rows()

    row = next(row for row in rows if row["deployment"] == "v1.14.0")
    assert (row["deployment_failed"], row["started_at"], row["resolved_at"]) == (
        "yes",
        "2025-01-01 10:18",
        "2025-01-01 14:30",
    )


def test_an_answer_without_its_row_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"v1\.14\.0"):
        answered_rows(leave_out="v1.14.0")


def test_the_row_of_an_incident_is_told_apart_from_the_release_it_blames() -> None:
    rows, _ = answered_rows()

    assert [row["caused_by"] for row in rows if row["key"] == "issue:7"] == ["none"]
