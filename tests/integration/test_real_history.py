"""A real project, from its clone to its numbers, held against git and against what GitHub says of it.

Source: github.com/cfrg/draft-irtf-cfrg-hpke (see tests/fixtures/hpke_history.json).
"""

from __future__ import annotations

import csv
import json
import re
import statistics

import pytest

from support.prompt import CommandLine
from support.real_history import RealHistory


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> RealHistory:
    return RealHistory(tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="module")
def cli(real: RealHistory, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    cli = CommandLine(tmp_path_factory.mktemp("work"), as_of="2024-09-01T00:00:00Z")
    cli.run("init", "--yes", str(real.repository.path))
    cli.run("extract", "--full")
    return cli


def table(cli: CommandLine, name: str) -> list[dict[str, str]]:
    with (cli.folder / "data" / "processed" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def first_tags(real: RealHistory) -> dict[str, str]:
    """What `git name-rev --tags` says of each commit; it names the oldest tag that reaches it."""
    listed = "\n".join(real.shas)
    named = real.repository.git("name-rev", "--tags", "--annotate-stdin", stdin=listed.encode())
    found = re.findall(r"^([0-9a-f]{40}) \(tags/([^~^)]+)[~^0-9]*\)$", named, re.MULTILINE)
    return dict(found)


def tag_times(real: RealHistory) -> dict[str, int]:
    """An annotated tag's own time, a lightweight one's commit time."""
    return {
        name: real.facts["commits"][commit][2] if tagged_s is None else tagged_s
        for name, commit, tagged_s in real.facts["tags"]
    }


def delivered_by(real: RealHistory, sha: str, named: dict[str, str], *, merged: bool) -> str:
    """The oldest tag of the commit and, for a merge, of the branch that it merged; empty when there is none."""
    candidates = [sha, real.repository.git("rev-parse", f"{sha}^2")] if merged else [sha]
    times = tag_times(real)
    return min((named[c] for c in candidates if c in named), key=lambda name: times[name], default="")


def test_init_finds_the_tags_habit(cli: CommandLine) -> None:
    written = (cli.folder / "dora-metrics.toml").read_text(encoding="utf-8")

    assert 'tag_pattern = "draft-irtf-cfrg-hpke-*"' in written


def test_each_change_is_delivered_by_the_tag_that_git_names(real: RealHistory, cli: CommandLine) -> None:
    named = first_tags(real)
    assert len(set(named.values())) == 13

    for row in table(cli, "changes.csv"):
        merge = row["merge_commit"]
        expected = delivered_by(real, merge or row["key"].partition(":")[2], named, merged=bool(merge))
        assert row["deployment"].partition(":")[2] == expected, row["key"]


def test_all_merged_pull_requests_are_found_where_github_says(real: RealHistory, cli: CommandLine) -> None:
    found = {int(row["pull_request"]): row for row in table(cli, "changes.csv") if row["pull_request"]}
    merged = {number: (real.shas[commit], merged_s) for number, commit, merged_s in real.facts["merged"]}

    assert found.keys() == merged.keys()
    assert {number: row["merge_commit"] for number, row in found.items()} == {n: sha for n, (sha, _) in merged.items()}
    assert sum(bool(row["deployment"]) for row in found.values()) >= 144


def test_the_median_lead_time_equals_one_made_from_git_alone(real: RealHistory, cli: CommandLine) -> None:
    """First commit of each pull request (`rev-list M^2 ^M^1`) to its first tag, by another way."""
    times, named = tag_times(real), first_tags(real)
    initial = min(times, key=lambda name: times[name])
    waits = []
    for _, commit, _ in real.facts["merged"]:
        sha = real.shas[commit]
        delivered = delivered_by(real, sha, named, merged=True)
        if delivered not in ("", initial):
            branch = real.repository.git("log", "--no-merges", "--format=%at", f"{sha}^2", "--not", f"{sha}^1").split()
            waits.append(times[delivered] - min(map(int, branch)))

    rows = [row for row in table(cli, "changes.csv") if row["pull_request"] and row["lead_time_hours"]]
    ours = [round(float(row["lead_time_hours"]) * 3600) for row in rows]
    assert len(ours) == len(waits)
    assert statistics.median(ours) == statistics.median(waits)


def test_a_quarter_counted_with_git_alone(real: RealHistory, cli: CommandLine) -> None:
    """The fourth of 2020: two drafts, their gap, and the wait of each commit that `rev-list` gives to them."""
    results = json.loads(cli.run("calculate", "--period", "quarterly", "--format", "json").out)
    quarter = next(period for period in results["periods"] if period["label"] == "2020-Q4")
    times = tag_times(real)
    ordered = sorted(times, key=lambda name: times[name])
    here = [name for name in ordered if 1_601_510_400 <= times[name] < 1_609_459_200]
    waits = []
    for name in here:
        before = ordered[: ordered.index(name)]
        written = real.repository.git("log", "--no-merges", "--format=%at", name, "--not", *before).split()
        waits += [times[name] - int(at) for at in written]

    assert [name[-2:] for name in here] == ["06", "07"]
    lead_time, frequency = quarter["lead_time"], quarter["deployment_frequency"]
    assert (lead_time["per_commit_n"], len(waits)) == (115, 115)
    assert lead_time["per_commit_hours"] == round(statistics.median(waits) / 3600, 6) == 140.584167
    assert (frequency["deployments"], frequency["days_with_deployments"]) == (2, 2)
    assert frequency["median_gap_hours"] == round((times[here[1]] - times[here[0]]) / 3600, 6)
    assert frequency["per_week"] == round(2 / 92 * 7, 6)


def test_the_numbers_are_there_and_none_is_invented(cli: CommandLine) -> None:
    results = json.loads(cli.run("calculate", "--period", "yearly", "--format", "json").out)

    by_label = {period["label"]: period for period in results["periods"]}
    assert list(by_label) == ["2019", "2020", "2021", "2022", "2023", "2024"]
    quiet = by_label["2023"]
    assert quiet["deployment_frequency"]["deployments"] == 0
    assert quiet["lead_time"]["median_hours"] is None
    assert quiet["change_failure_rate"]["ratio"] is None
