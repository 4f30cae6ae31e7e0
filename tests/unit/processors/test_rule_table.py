"""definitions.md 3 to 6 and 11, rule by rule beyond section 12: `case | history | what is asked | expected`.

Times are days. a@0 is always the first commit; unless said otherwise v1.0 deploys it at day 0 as the initial one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Callable

import pytest

from dora_metrics.domain.models import Dataset
from dora_metrics.domain.outages import outages_by_deployment
from dora_metrics.domain.timestamps import format_utc
from support.github_history import GitHubHistory
from support.small_history import change, day, days, kinds, sha

SECOND = 1 / 86_400
Build = Callable[[], GitHubHistory]
Ask = Callable[[Dataset], Any]


def start(letters: str = "a", **more: Any) -> GitHubHistory:
    history = GitHubHistory()
    history.line(letters, **more)
    history.tag("v1.0", "a", at=0)
    return history


def picked(letter: str) -> str:
    return f"again\n\n(cherry picked from commit {sha(letter)})"


def reverts(letter: str) -> str:
    return f'Revert "it"\n\nThis reverts commit {sha(letter)}.'


def lead(name: str) -> Ask:
    return lambda dataset: days(change(dataset, name).lead_time)


def told(name: str) -> Ask:
    """`via`, `left_out` and flags of a change."""
    return lambda dataset: (
        change(dataset, name).via,
        change(dataset, name).left_out,
        "; ".join(change(dataset, name).flags),
    )


def failures(dataset: Dataset) -> list[tuple[str, str]]:
    return [(failure.deployment or "", failure.attribution) for failure in dataset.failures]


def recovery(dataset: Dataset) -> list[Any]:
    """(deployment, days to recover; `None` = open or invalid) of each that failed."""
    return [(key, days(outage.recovery)) for key, outage in outages_by_deployment(dataset.failures).items()]


def flags(dataset: Dataset) -> dict[str, str]:
    return {made.key: "; ".join(made.flags) for made in dataset.deployments}


def picks() -> GitHubHistory:
    """Commit b, written at 1, picked to a release branch as x and from there as y; y is deployed at 2, b at 5."""
    history = start("ab").commit("x", "a", at=1.5, written=0.5, message=picked("b"), branch=False)
    history.commit("y", "x", at=1.7, message=picked("x"), branch=False)
    return history.tag("v1.0.1", "y", at=2).tag("v1.1", "b", at=5)


def hotfix(*, after: float) -> GitHubHistory:
    """Commit b, deployed at 1; a hotfix begun so much later, deployed at 20."""
    history = start("ab").tag("v1.1", "b", at=1).commit("h", "b", at=1 + after)
    return history.pull(7, merged=1 + after, merge="h", labels=("HotFix",), commits="h").tag("v1.2", "h", at=20)


def fixed_issue(*, closed_after: float) -> GitHubHistory:
    """Commit b, deployed at 1, broken at 1.5; the fix merged at 2, the issue closed soon after, all deployed at 4."""
    history = start("ab").tag("v1.1", "b", at=1).commit("h", "b", at=2)
    history.pull(7, merged=2, merge="h", commits="h").tag("v1.2", "h", at=4)
    return history.incident(50, opened=1.5, closed=2 + closed_after, by_pull=7)


def rollbacks() -> GitHubHistory:
    """Commits a, b, c, d deployed one by one, then back to b and back to a."""
    history = start("abcd")
    for number, (letter, at) in enumerate([("a", 0.5), ("b", 1), ("c", 2), ("d", 3), ("b", 4), ("a", 5)]):
        history.deploy(number, letter, at=at)
    return history


def in_two_regions() -> GitHubHistory:
    """Commit b reaches the EU at 1 and the US at 2; c the US at 3 and the EU at 4."""
    history = start("abc")
    for number, (letter, at, to) in enumerate(
        [("b", 1, "prod-eu"), ("b", 2, "prod-us"), ("c", 3, "prod-us"), ("c", 4, "prod-eu")]
    ):
        history.deploy(number, letter, at=at, to=to)
    return history


def two_release_lines() -> GitHubHistory:
    """2.0 on c, then 1.9 on its ancestor b, then 2.0's commit again."""
    return start("abc").tag("v2.0", "c", at=2).tag("v1.8", "b", at=3).tag("v1.9", "a", at=4)


def typed(opened: float, ended: float) -> GitHubHistory:
    said = {"started_at": format_utc(day(opened)), "resolved_at": format_utc(day(ended))}
    return start("ab").tag("v1.1", "b", at=1).say("b", deployment_failed="yes", **said)


CASES: dict[str, tuple[Build, dict[str, Any], Ask, Any]] = {
    # lead time
    "cherry-picks are one change: earliest start, earliest delivery": (picks, {}, lead("b"), 1.5),
    "…, also of a pick of a pick": (picks, {}, told("b"), ("cherry_pick", "", "")),
    "…, which is listed and not counted": (
        picks,
        {},
        told("y"),
        ("commit", "cherry_pick", f"cherry_pick_of=commit:{sha('b')}"),
    ),
    "an author date before git: the committer's counts": (
        lambda: start().commit("b", "a", at=1, written=-8000).tag("v1.1", "b", at=3),
        {},
        lead("b"),
        2,
    ),
    "… and is flagged": (
        lambda: start().commit("b", "a", at=1, written=-8000).tag("v1.1", "b", at=3),
        {},
        told("b"),
        ("commit", "", "bad_author_date"),
    ),
    "an author date a day after the committer's is true": (
        lambda: start().commit("b", "a", at=1, written=2).tag("v1.1", "b", at=3),
        {},
        lead("b"),
        1,
    ),
    "… and a second more is not": (
        lambda: start().commit("b", "a", at=1, written=2 + SECOND).tag("v1.1", "b", at=3),
        {},
        lead("b"),
        2,
    ),
    "changes of the first deployment have no lead time": (start, {}, told("a"), ("commit", "left_truncated", "")),
    "… unless include_initial": (lambda: start().tag("v0", "a", at=3), {"include_initial": True}, lead("a"), 0),
    "exclude_bots leaves out undeployed changes too": (
        lambda: start().commit("b", "a", at=1, author="x[bot]"),
        {"exclude_bots": True},
        told("b"),
        ("commit", "bot", ""),
    ),
    # deployments
    "a tag thirty days after its commit is none put on late": (
        lambda: start("ab").tag("v1.1", "b", at=31),
        {},
        lambda d: flags(d)["tag:v1.1"],
        "",
    ),
    "… a second more is": (
        lambda: start("ab").tag("v1.1", "b", at=31 + SECOND),
        {},
        lambda d: flags(d)["tag:v1.1"],
        "backfilled_tag",
    ),
    "drafts, pre-releases and what never succeeded reached nobody": (
        lambda: (
            start("ab")
            .release("v1.1", "b", at=None, draft=True)
            .release("v1.2", "b", at=2, prerelease=True)
            .deploy(1, "b", at=None)
        ),
        {},
        kinds,
        ["initial"],
    ),
    "a commit that the clone lacks counts and delivers nothing": (
        lambda: start("ab").deploy(1, "?", at=1),
        {},
        lambda d: flags(d)["deployment:1"],
        "no_new_changes; sha_missing",
    ),
    "regions: a later arrival of the same commit is a redeploy": (
        in_two_regions,
        {"environment": "^prod"},
        kinds,
        ["initial", "normal", "redeploy", "normal", "redeploy"],
    ),
    "release lines are judged one by one": (
        two_release_lines,
        {"release_line": r"^v(\d)"},
        kinds,
        ["initial", "normal", "normal", "rollback"],
    ),
    "is_deployment = no strikes every record of the commit": (
        lambda: start("ab").tag("v1.1", "b", at=1).deploy(1, "b", at=2).say("b", is_deployment="no"),
        {},
        kinds,
        ["initial"],
    ),
    "a commit by a person beside a hotfix makes the release normal": (
        lambda: hotfix(after=1).commit("n", "h", at=3).tag("v1.3", "n", at=21).say("n", is_hotfix="no"),
        {},
        kinds,
        ["initial", "normal", "hotfix", "normal"],
    ),
    "merges: none goes out before what it stands on": (
        lambda: start().commit("b", "a", at=3).commit("c", "b", at=1),
        {"sources": ("merge",)},
        lambda d: [made.deployed_at for made in d.deployments],
        [day(0), day(3), day(3)],
    ),
    # failures
    "a hotfix blames the last deployment within seven days": (
        lambda: hotfix(after=7),
        {},
        failures,
        [("tag:v1.1", "inferred")],
    ),
    "… a second more: unattributed": (lambda: hotfix(after=7 + SECOND), {}, failures, [("", "unattributed")]),
    "a revert of what the initial deployment brought: not_in_Dc": (
        lambda: start("ab").commit("r", "b", at=2, message=reverts("a")).tag("v1.1", "r", at=3),
        {},
        failures,
        [("tag:v1.0", "not_in_Dc")],
    ),
    "a revert of a revert is a new landing": (
        lambda: (
            start("ab")
            .tag("v1.1", "b", at=1.1)
            .commit("r", "b", at=2, message=reverts("b"))
            .tag("v1.2", "r", at=2.1)
            .commit("q", "r", at=3, message=reverts("r"))
            .tag("v1.3", "q", at=3.1)
        ),
        {},
        failures,
        [("tag:v1.1", "revert")],
    ),
    "consecutive rollbacks are one failure, over at the last": (rollbacks, {}, recovery, [("deployment:3", 2)]),
    "… introduced: the first after the one gone back to": (
        rollbacks,
        {"rollback_blames": "introduced"},
        recovery,
        [("deployment:1", 4)],
    ),
    "an issue closed 120 s after its fix's merge ends at the delivery": (
        lambda: fixed_issue(closed_after=120 * SECOND),
        {},
        recovery,
        [("tag:v1.1", 2.5)],
    ),
    "… 121 s after: it was closed by a person": (
        lambda: fixed_issue(closed_after=121 * SECOND),
        {},
        lambda d: round(recovery(d)[0][1] - 0.5, 4),
        0.0014,
    ),
    "an end before the beginning is no recovery": (lambda: typed(3, 2), {}, recovery, [("tag:v1.1", None)]),
    "typed times count": (lambda: typed(2, 3.5), {}, recovery, [("tag:v1.1", 1.5)]),
    "caused_by = none: no deployment caused it": (
        lambda: hotfix(after=1).say("h", caused_by="none"),
        {},
        failures,
        [("", "no_deployment")],
    ),
}


@pytest.mark.parametrize(("build", "settings", "ask", "expected"), CASES.values(), ids=CASES)
def test_rule(build: Build, settings: dict[str, Any], ask: Ask, expected: Any) -> None:
    found = ask(build().judged(**settings))

    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


def test_seconds_are_exact() -> None:
    """The table's seconds are what it means: 7 days and a second are one second more than 7 days."""
    assert day(7 + SECOND) - day(7) == timedelta(seconds=1)
