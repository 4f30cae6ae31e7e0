"""Attribution: how long it takes, how much memory, and whether it agrees with git.

    python benchmarks/attribution.py [--repository CLONE] [--commits 1000000]

With a clone, each commit's first tag is compared with what `git name-rev --tags` says. The synthetic histories have the
shape that history_of_300k.py makes, and are built in memory, each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from hashlib import sha1
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Optional

from dora_metrics.config import DeploymentSettings
from dora_metrics.domain.history import History
from dora_metrics.domain.models import Commit, Tag
from dora_metrics.processors.attribution import UNDEPLOYED, Attribution, attribute
from dora_metrics.processors.deployment_order import order_deployments
from dora_metrics.processors.deployments import tag_deployments
from measure import describe_machine, git, peak_memory_mb, table

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY_TAG = DeploymentSettings(tag_pattern="*", include_prereleases=True)
FIRST_SECOND = 1_200_000_000
MERGE_SHARE = 0.4
TAG_COUNTS = (100, 1_000, 10_000)
MOST_TAGS = max(TAG_COUNTS)
TURNS = 7


def attributed(history: History, tags: list[Tag]) -> Attribution:
    """What is timed: tags to deployments, their order, and the sweep."""
    found = tag_deployments(tags, history, EVERY_TAG, repository="local/benchmark")
    return attribute(history, order_deployments(found, history))


# ---- against git


def read_commits(repository: Path) -> Iterator[Commit]:
    """All commits that a ref reaches, with what attribution needs."""
    command = ["git", "-C", str(repository), "log", "--all", "--format=%H %ct %P"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            sha, seconds, *parents = line.split()
            yield Commit(sha, tuple(parents), "", int(seconds), int(seconds), "", ())


def read_tags(repository: Path) -> list[Tag]:
    """All tags that finally name a commit."""
    form = "%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(taggerdate:unix)"
    tags = []
    for line in git(repository, "for-each-ref", f"--format={form}", "refs/tags").splitlines():
        name, kind, sha, peeled_kind, peeled_sha, tagged = line.split("\0")
        if "commit" in (kind, peeled_kind):
            annotated = kind == "tag"
            tags.append(Tag(name, peeled_sha or sha, int(tagged) if annotated and tagged else None, annotated))
    return tags


def name_rev(repository: Path, commits: list[str]) -> dict[str, str]:
    """Each commit's first tag as git tells it; commits without one are left out."""
    command = ["git", "-C", str(repository), "name-rev", "--tags", "--annotate-stdin", "--name-only"]
    asked = "\n".join(commits)
    answers = subprocess.run(command, input=asked, check=True, capture_output=True, text=True).stdout.splitlines()
    return {
        sha: re.split(r"[~^]", answer.removeprefix("tags/"))[0]
        for sha, answer in zip(commits, answers)
        if answer != sha
    }


def compare(repository: Path) -> None:
    """Print on how many commits we and git agree."""
    history = History.from_commits(read_commits(repository))
    tags = read_tags(repository)
    started = time.process_time()
    result = attributed(history, tags)
    took = time.process_time() - started
    commits = [history.sha(commit) for commit in range(len(history))]
    oracle = name_rev(repository, commits)
    when = {deployment.tag: deployment.deployed_at for deployment in result.deployments}
    same = tied = 0
    other: list[str] = []
    for sha, position in zip(commits, result.first):
        ours: Optional[str] = None if position == UNDEPLOYED else result.deployments[position].tag
        its = oracle.get(sha)
        if ours == its:
            same += 1
        elif ours and its and when[ours] == when[its]:
            tied += 1
        else:
            other.append(f"{sha}: {ours} here, {its} there")
    print(f"### {repository}\n")
    print(f"{len(commits):,} commits, {len(tags):,} tags, {took:.2f} s. Against `git name-rev --tags`: {same:,} the")
    print(f"same, {tied:,} between two tags of the same second, {len(other):,} different.\n")
    for line in other[:10]:
        print(f"* {line}")


# ---- synthetic


def synthetic(commits: int, tags: int, *, subjects: bool) -> tuple[History, list[Tag]]:
    """A history with merged branches, and its tags."""
    random = Random(commits)  # noqa: S311 (not for secrets: the same history each time)
    history = History()
    made_tags: list[Tag] = []
    made = 0

    def add(parents: tuple[str, ...]) -> str:
        nonlocal made
        sha = sha1(b"%d" % made, usedforsecurity=False).hexdigest()
        seconds = FIRST_SECOND + made * 600
        message = f"Change {made} of something that takes some words to tell" if subjects else ""
        history.add(Commit(sha, parents, f"Author {made % 80}", seconds, seconds, message, ()))
        made += 1
        return sha

    tip = add(())
    every = max(1, commits // tags)
    while made < commits:
        if random.random() < MERGE_SHARE:
            head = tip
            for _ in range(random.randrange(1, 6)):
                head = add((head,))
            tip = add((tip, head))
        else:
            tip = add((tip,))
        if len(made_tags) < tags and made >= (len(made_tags) + 1) * every:
            made_tags.append(Tag(f"v{len(made_tags)}", tip, None, annotated=False))
    return history, made_tags


def one_size(commits: int, *, subjects: bool) -> None:
    """In a process of its own: build, time each number of tags in turns, print the medians and the memory as JSON."""
    history, tags = synthetic(commits, MOST_TAGS, subjects=subjects)
    choices = {count: tags[:: MOST_TAGS // count] for count in TAG_COUNTS}
    took: dict[int, list[float]] = {count: [] for count in TAG_COUNTS}
    for _ in range(TURNS):
        for count, chosen in choices.items():
            started = time.process_time()
            result = attributed(history, chosen)
            took[count].append(time.process_time() - started)
            assert len(result.deployments) == len(chosen)
    medians = {count: median(times) for count, times in took.items()}
    print(json.dumps({"seconds": list(medians.values()), "memory": peak_memory_mb()}))


def sizes(commits: int) -> None:
    """Print the table of sizes."""
    print(
        "### Synthetic histories\n\nTargets: 1,000 tags at most 1.15 times 100; ten times the commits at most 12 times"
    )
    print("the time; a million commits at most 5 s and 256 MB.\n")
    rows = []
    for count, subjects in ((commits // 10, False), (commits, False), (commits, True)):
        command = [sys.executable, __file__, "--one-size", str(count), str(int(subjects))]
        answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = json.loads(answer)
        kept = "graph, times and subjects" if subjects else "graph and times"
        took = [f"{seconds:.3f} s" for seconds in found["seconds"]]
        rows.append([f"{count:,}", kept, *took, f"{found['memory']:.0f} MiB"])
    times = [f"CPU, {count:,} tags" for count in TAG_COUNTS]
    print(table(["commits", "in memory", *times, "peak of the whole process"], rows))


def report(*, commits: int, repository: Optional[Path]) -> None:
    """Print both parts."""
    print(f"## Attribution\n\n{describe_machine()}.\n")
    if repository:
        compare(repository)
    sizes(commits)
    print()


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", type=Path)
    parser.add_argument("--commits", type=int, default=1_000_000)
    parser.add_argument("--one-size", type=int, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one_size:
        commits, subjects = chosen.one_size
        one_size(commits, subjects=bool(subjects))
    else:
        report(commits=chosen.commits, repository=chosen.repository)


if __name__ == "__main__":
    main()
