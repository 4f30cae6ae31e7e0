"""What is kept from one judging to the next, or looked up instead of made, changes no answer, and is not made again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dora_metrics.config import Settings
from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import LineCommit, decisions_in_force
from dora_metrics.processors.data_associator import DataAssociator
from dora_metrics.processors.judgement import Shared, judge
from dora_metrics.processors.review import MOST_ROWS, build_review_rows
from dora_metrics.processors.review_facts import BranchLine, RowFacts, ShownRows
from support.judgement_samples import a_change, a_dataset, a_decision, a_deployment
from support.judgement_samples import sha as number_sha
from support.oracle_comparison import facts_of, judged
from support.oracle_facts import World
from support.oracle_plans import PLANS, Plan, world_of
from support.small_history import SmallHistory, settings_with

HOST = "https://github.com"


@given(plan=PLANS, said=st.data())
def test_a_judging_that_others_came_before_gives_what_it_gives_alone(plan: Plan, said: st.DataObject) -> None:
    """An import judges by the words before it and by those after it, and makes what no word moved once."""
    world = world_of(plan)
    facts, shared = facts_of(world), Shared.of(facts_of(world))
    words = st.lists(st.sampled_from([*world.annotations, *_moved(world)]), unique=True) if world.tags else st.just([])
    for _ in range(3):
        now = said.draw(words)
        assert judge(facts, world.settings, now, shared=shared) == judge(facts, world.settings, now)


def _moved(world: World) -> list[Annotation]:
    """Words on the tags, which move a deployment in time, strike it, or leave it where it was."""
    said = (("deployed_at", "2024-03-01T12:00:00Z"), ("is_deployment", "no"), ("is_hotfix", "yes"))
    return [
        Annotation(world.repository, "", f"tag:{tag.name}", column, value, world.as_of, "0" * 64, number)
        for number, tag in enumerate(world.tags)
        for column, value in said
    ]


def counted(monkeypatch: pytest.MonkeyPatch, of: type, name: str) -> list[tuple[Any, ...]]:
    """What the method is called with from now on, call by call."""
    calls: list[tuple[Any, ...]] = []
    method = getattr(of, name)

    def noted(self: Any, *given: Any) -> Any:
        calls.append(given)
        return method(self, *given)

    monkeypatch.setattr(of, name, noted)
    return calls


def test_changes_are_made_again_only_when_a_deployment_or_a_setting_has_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    made = counted(monkeypatch, DataAssociator, "associate")
    history = SmallHistory().line("abcd").tag("v1.0", "b").tag("v1.1", "d")
    facts, shared, rules = history.facts(), Shared.of(history.facts()), settings_with()

    def judged_by(rules: Settings, **said: str) -> int:
        words = SmallHistory().say("c", **said).annotations
        judge(facts, rules, words, shared=shared)
        return len(made)

    assert [judged_by(rules), judged_by(rules), judged_by(rules, is_hotfix="yes", notes="mine")] == [1, 1, 1]
    assert judged_by(rules, is_deployment="yes") == 2
    assert judged_by(rules, is_deployment="yes", notes="mine") == 2
    assert judged_by(settings_with(exclude_bots=True), is_deployment="yes") == 3


def test_of_many_rows_only_those_that_say_something_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made = counted(monkeypatch, RowFacts, "of_commit")
    line = {name: LineCommit(name, None, "a title") for name in map(number_sha, range(MOST_ROWS + 1))}
    dataset = a_dataset(changes=(a_change(3, is_hotfix=True),), deployments=(a_deployment("v1", 9),))
    said = [a_decision(f"commit:{number_sha(5)}", "notes", "mine")]

    rows = build_review_rows(dataset, line, said)

    assert [commit.sha for (commit,) in made] == [number_sha(3), number_sha(5), number_sha(9)]
    assert {row.key for row in rows} == {f"commit:{number_sha(number)}" for number in (3, 5)}


@settings(max_examples=50)
@given(plan=PLANS)
def test_a_row_that_is_looked_up_shows_the_facts_of_the_row_in_the_file(plan: Plan) -> None:
    world = world_of(plan)
    facts, dataset = facts_of(world), judged(world)
    decided = {key for _, _, key in decisions_in_force(world.annotations)}
    shown = ShownRows(dataset, facts.history, decided, HOST)

    rows = build_review_rows(dataset, BranchLine(dataset, facts.history), world.annotations, rows="all", host=HOST)

    for row in rows:
        found = shown.get(row.key)
        assert found is not None
        assert found == found._replace(
            date=row.date,
            pull_request=row.pull_request,
            title=row.title,
            labels=row.labels,
            deployment=row.deployment,
        )
        assert (found.key, found.repository, found.service, found.url) == (row.key, row.repository, "", row.url)
    others = {f"commit:{sha}" for sha in world.commits} | {made.key for made in dataset.deployments} | {"tag:none"}
    assert [key for key in others - {row.key for row in rows} if shown.get(key)] == []
