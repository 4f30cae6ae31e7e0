"""What is kept from one judging to the next, or looked up instead of made, changes no answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dora_metrics.domain.models import Annotation
from dora_metrics.domain.review import decisions_in_force
from dora_metrics.processors.judgement import Shared, judge
from dora_metrics.processors.review import build_review_rows
from dora_metrics.processors.review_facts import BranchLine, ShownRows
from support.oracle_comparison import facts_of, judged
from support.oracle_facts import World
from support.oracle_plans import PLANS, Plan, world_of

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
