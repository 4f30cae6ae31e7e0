"""What a person should know about the services of a monorepo: what none of them has, and what several have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dora_metrics.domain.models import dataset_name
from dora_metrics.pipeline.derive import Derived
from dora_metrics.report.words import plural


def service_cautions(derived: Derived) -> list[str]:
    """One sentence each; empty where there is nothing to say."""
    return [*_uncovered(derived), *_untouched(derived), *_shared(derived), *_of_nobody(derived)]


def _uncovered(derived: Derived) -> Iterator[str]:
    for found in derived.uncovered:
        if found.count:
            yield (
                f"{found.repository}: {found.count:,} of {plural(found.changes, 'change')} belong to no service "
                f"({plural(len(found.pull_requests), 'pull request')}, {plural(len(found.commits), 'lone commit')}): "
                "they are in no number"
            )


def _untouched(derived: Derived) -> Iterator[str]:
    """Services whose folders nothing ever touched: most likely they are spelled in another way."""
    for dataset, facts in zip(derived.datasets, derived.facts):
        if dataset.service and len(facts.history) and not any(facts.history.in_prefix):
            yield f"{dataset.name}: no commit touches {facts.history.path_prefix}; look at its path_prefix"


def _shared(derived: Derived) -> Iterator[str]:
    """Deployments that several services have: without a pattern of its own a service has all of them."""
    held = Counter(
        (dataset.repository, made.key)
        for dataset in derived.datasets
        if dataset.service
        for made in dataset.deployments
    )
    shared = Counter(repository for (repository, _), services in held.items() if services > 1)
    for repository, count in shared.items():
        is_are = "is" if count == 1 else "are"
        yield (
            f"{repository}: {plural(count, 'deployment')} {is_are} of more than one service, and pooled numbers count "
            "one for each; give each service its tag_pattern or environment where that is not so"
        )


def _of_nobody(derived: Derived) -> Iterator[str]:
    """Decisions about what is configured no more, or was one and is several services now: kept, and not in force."""
    here = {(dataset.repository, dataset.service) for dataset in derived.datasets}
    lost = Counter(
        (word.repository, word.service) for word in derived.annotations if (word.repository, word.service) not in here
    )
    for (repository, service), count in sorted(lost.items()):
        yield (
            f"{plural(count, 'decision')} about {dataset_name(repository, service)}, "
            "which is not in the configuration: kept, and not in force"
        )
