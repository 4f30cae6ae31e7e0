"""`explain` adds up to what is published: every period of every length, over random histories."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dora_metrics.domain.models import Dataset
from dora_metrics.processors.judgement import judge
from dora_metrics.report.explain_selection import Covered
from support.explained_sums import GRAINS, explained, published, require_sums
from support.github_history import LETTERS, GitHubHistory
from support.small_history import day, settings_with

SIZE = 9
TIMES = st.floats(0, 60).map(lambda days: round(days * 8) / 8)
"""Days, in steps of three hours: ties and ends of periods are hit."""
TITLES = ("Add a page", "hotfix: the page", 'Revert "Pull 1"')
LABELS = ((), ("hotfix",))


@st.composite
def datasets(draw: st.DrawFn) -> Dataset:
    """A shop's short life: pull requests, releases in any order, rollbacks, incidents, a person's word."""
    history = GitHubHistory()
    history.line(LETTERS[:SIZE], step=3)
    for number, letter in enumerate(LETTERS[1:SIZE], 1):
        if draw(st.booleans()):
            title, labels = draw(st.sampled_from(TITLES)), draw(st.sampled_from(LABELS))
            merged = draw(TIMES)
            history.pull(number, merged=merged, merge=letter, title=title, labels=labels, is_bot=draw(st.booleans()))
    for number, (letter, at) in enumerate(
        draw(st.lists(st.tuples(st.sampled_from(LETTERS[:SIZE]), TIMES), min_size=1, max_size=7)), 1
    ):
        history.deploy(number, letter, at=at)
        if draw(st.integers(0, 3)) == 0:
            history.say(f"deployment:{number}", deployment_failed="yes")
    for number, opened in enumerate(draw(st.lists(TIMES, max_size=4)), 90):
        closed = draw(st.one_of(st.none(), TIMES.map(lambda more, opened=opened: opened + more / 4 - 1)))
        history.incident(number, opened=opened, closed=closed)
        if draw(st.integers(0, 4)) == 0:
            history.say(f"issue:{number}", caused_by="none")
    chosen = settings_with(exclude_bots=draw(st.booleans()), include_initial=draw(st.booleans()))
    return judge(history.facts(), chosen, history.annotations)


@settings(max_examples=40, deadline=None)
@given(datasets(), TIMES, st.sampled_from(GRAINS), st.sampled_from(("UTC", "Europe/Berlin", "America/New_York")))
def test_rows_sum_to_the_published_numbers(dataset: Dataset, as_of: float, grain: str, timezone: str) -> None:
    require_sums([dataset], published([dataset], day(as_of), grain, timezone))


@settings(max_examples=10, deadline=None)
@given(datasets(), datasets(), st.sampled_from(("weekly", "monthly", "all")))
def test_several_services_are_pooled(one: Dataset, other: Dataset, grain: str) -> None:
    renamed = replace(
        other,
        service="api",
        changes=tuple(change._replace(service="api") for change in other.changes),
        deployments=tuple(replace(made, service="api") for made in other.deployments),
        failures=tuple(replace(failure, service="api") for failure in other.failures),
    )

    require_sums([one, renamed], published([one, renamed], day(45), grain))


def a_shop() -> Dataset:
    """Deployed at days 5, 10 (failed) and 20; a deployment after `as_of`, and one that waits."""
    history = GitHubHistory()
    history.line("abcde", step=2).deploy(1, "a", at=5).deploy(2, "b", at=10).deploy(3, "c", at=20)
    history.deploy(4, "d", at=25).incident(90, opened=10.5, closed=11)
    return judge(history.facts(), settings_with())


@pytest.mark.parametrize("grain", GRAINS)
def test_a_known_history_adds_up(grain: str) -> None:
    require_sums([a_shop()], published([a_shop()], day(22), grain))


def test_the_sums_catch_what_lies_after_as_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: items of a running period that happen after `as_of` are counted."""
    monkeypatch.setattr(Covered, "__contains__", lambda self, moment: moment is not None and moment in self.period)

    with pytest.raises(AssertionError, match="deployments"):
        require_sums([a_shop()], published([a_shop()], day(22), "monthly"))


def _any_time(covered: Covered, _: Optional[datetime], left: Optional[datetime]) -> bool:
    return left is None or left > covered.period.start


def test_the_sums_catch_what_waits_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: what was deployed within the period still counts as undeployed."""
    monkeypatch.setattr(Covered, "open_at_end", _any_time)

    with pytest.raises(AssertionError, match="undeployed"):
        require_sums([a_shop()], published([a_shop()], day(22), "monthly"))


def test_the_interval_of_a_month_holds_its_end_no_more() -> None:
    """Half-open: what happens at midnight belongs to the next day's period."""
    history = GitHubHistory()
    history.line("ab", step=1).deploy(1, "a", at=2).deploy(2, "b", at=31)
    dataset = judge(history.facts(), settings_with())

    results = published([dataset], day(31) + timedelta(hours=1), "monthly")

    january, february = (explained([dataset], period, results) for period in results.periods)
    assert [row["deployment"] for row in january["deployment_frequency.counted"]] == ["deployment:1"]
    assert [row["deployment"] for row in february["deployment_frequency.counted"]] == ["deployment:2"]
