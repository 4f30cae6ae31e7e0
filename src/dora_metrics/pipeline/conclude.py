"""How a run with news ends: everything is judged anew, tables and review file are written, the person is told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dora_metrics.domain.models import Dataset
from dora_metrics.pipeline.announce import run_link
from dora_metrics.pipeline.derive import Derived, derive, numbers_of
from dora_metrics.pipeline.git_facts import GitNews
from dora_metrics.pipeline.review_place import ReviewView
from dora_metrics.pipeline.run_news import RunNews
from dora_metrics.pipeline.service_cautions import service_cautions
from dora_metrics.pipeline.views import asked_before, write_views
from dora_metrics.pipeline.workspace import RunSummary, Workspace
from dora_metrics.processors.judgement import Facts
from dora_metrics.report.announcement import Asked
from dora_metrics.report.words import plural
from dora_metrics.storage.commit_record import CommitRecord
from dora_metrics.storage.repository_manager import RepositoryManager

MOST_NAMED = 5


def conclude(
    workspace: Workspace,
    manager: RepositoryManager,
    record: CommitRecord,
    news: RunNews,
    view: ReviewView,
    *,
    full: bool,
) -> RunSummary:
    """Judge the facts of `record`, write the views, and say what there is; under the store's lock, after the commit."""
    derived = derive(workspace, manager, record=record, tables=False)
    before = asked_before(workspace, view)
    asking = write_views(workspace, derived, view)
    storage, path = view.place(workspace)
    fresh = sum((row.repository, row.service, row.key) not in before for row in asking)
    asked = Asked(asking, fresh, storage.where(path), run_link(workspace.environ))
    sentences = (*news.sentences(full=full), _totals(derived), *view.sentences(workspace, len(asking)))
    return RunSummary(sentences, tuple(_cautions(derived, news.git)), needs_person=bool(asking), asked=asked)


def _totals(derived: Derived) -> str:
    counts = numbers_of(derived.datasets)
    times = [d.deployed_at for dataset in derived.datasets for d in dataset.deployments]
    span = f" from {min(times):%Y-%m-%d} to {max(times):%Y-%m-%d}" if times else ""
    return (
        f"{plural(counts['deployments'], 'deployment')}{span}, {plural(counts['changes'], 'change')}, "
        f"{plural(counts['failures'], 'proposed or confirmed failure')}."
    )


def _cautions(derived: Derived, news: Sequence[GitNews]) -> list[str]:
    """What a person should know about the numbers before they use them."""
    news_of = {found.name: found for found in news}
    told: list[str] = []
    for dataset, facts in zip(derived.datasets, derived.facts):
        told += [f"{dataset.repository}: {said}" for said in _about_facts(dataset, facts, news_of[dataset.repository])]
        told += [f"{dataset.name}: {said}" for said in _about_dataset(dataset, facts)]
    return list(dict.fromkeys([*told, *service_cautions(derived)]))


def _about_facts(dataset: Dataset, facts: Facts, news: GitNews) -> Iterator[str]:
    """The same for each service of a repository."""
    if dataset.unreachable:
        yield f"{plural(len(dataset.unreachable), 'stored commit')} can no longer be reached from any ref (force-push?)"
    if news.origin_tip is not None and facts.history.find(news.origin_tip) is None:
        yield "the branch is behind its remote: run `git pull` (or `git fetch` in a bare clone) for the newest commits"
    if dataset.undated_commits:
        yield f"{plural(dataset.undated_commits, 'commit')} without a readable time"


def _about_dataset(dataset: Dataset, facts: Facts) -> Iterator[str]:
    if dataset.undated_tags:
        names = ", ".join(dataset.undated_tags[:MOST_NAMED])
        yield f"{plural(len(dataset.undated_tags), 'tag')} without a readable time left out: {names}"
    if not dataset.deployments and facts.branch_tip is not None:
        yield (
            "no deployment found; set `tag_pattern` or `sources` (`dora-metrics init` shows what there is), or mark "
            "deployments in the review file"
        )
