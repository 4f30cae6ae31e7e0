"""How far the data behind the numbers can be trusted (definitions.md 3 to 6): counted once, for everything shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Optional

from dora_metrics.domain.models import Annotation, Change, Dataset, Deployment
from dora_metrics.domain.outages import Outage, outages_by_deployment
from dora_metrics.domain.quality import ACT, FINE, WATCH, QualityFinding
from dora_metrics.domain.review import is_reviewed
from dora_metrics.processors.annotation_merger import AnnotationMerger, with_first_of_commit
from dora_metrics.processors.judgement import Facts
from dora_metrics.processors.quality_rules import RULES, VIA, Rule

CAN_FAIL = ("normal", "hotfix")
SAID = "a person said so"
"""The reason of a hotfix or rollback that a person named: no proposal."""
MANY = 0.2
"""From this share of left-out changes on they deserve a look."""
HALF = 0.5
SEVERITIES = (ACT, WATCH, FINE)


def assess_quality(
    datasets: Sequence[Dataset], facts: Iterable[Facts], annotations: Iterable[Annotation]
) -> tuple[QualityFinding, ...]:
    """The findings over all of `datasets`, the gravest first, then in the order of `RULES`; `facts` in any order.

    Of what there is nothing there is no finding, and no share of nothing; empty without a dataset.
    """
    annotations = tuple(annotations)
    failures = [_Failures(dataset, annotations) for dataset in datasets]
    found = [
        *_sources(datasets, {known.repository: known for known in facts}),
        *_failure_findings(failures),
        *_change_findings([change for dataset in datasets for change in dataset.changes]),
        *_date_findings(datasets),
        *_deployment_findings([made for dataset in datasets for made in dataset.deployments]),
    ]
    return tuple(sorted(found, key=_weight))


def _weight(finding: QualityFinding) -> tuple[int, int]:
    """Codes of a kind (`via:…`, unknown reasons) keep their order behind those that have a rule."""
    codes = list(RULES)
    place = codes.index(finding.code) if finding.code in RULES else len(codes)
    return SEVERITIES.index(finding.severity), place


def _finding(code: str, count: int, total: Optional[int] = None, *, severity: str = "") -> Iterator[QualityFinding]:
    """The finding of that code; none of nothing."""
    rule = RULES.get(code) or _unknown(code)
    if count:
        yield QualityFinding(code, rule.what, count, total, severity or rule.severity, rule.meaning, rule.remedy)


def _unknown(code: str) -> Rule:
    """The words of a reason that has no rule of its own: as it stands."""
    reason = code.partition(":")[2] or code
    return Rule(WATCH, f"Changes left out: {reason.replace('_', ' ')}", "they are in no lead time")


def _sources(datasets: Sequence[Dataset], facts: dict[str, Facts]) -> Iterator[QualityFinding]:
    """What the repositories lack as a whole; each names those concerned."""
    services = [(f"{made.repository} {made.service}".strip(), not made.deployments) for made in datasets]
    concerned = {
        "no_deployments": services,
        "truncated": [(name, known.truncated) for name, known in facts.items()],
        "without_github": [(name, not known.from_github) for name, known in facts.items()],
    }
    for code, places in concerned.items():
        names = [name for name, holds in places if holds]
        for finding in _finding(code, len(names), len(places)):
            yield replace(finding, what=f"{finding.what} ({', '.join(sorted(names))})")
    pulls = [pull for known in facts.values() for pull in known.pull_requests]
    yield from _finding("incomplete_pull_requests", sum(pull.incomplete for pull in pulls), len(pulls))


class _Failures:
    """What of one service's failures, hotfixes and rollbacks nobody has confirmed."""

    def __init__(self, dataset: Dataset, annotations: Sequence[Annotation]) -> None:
        self._words = AnnotationMerger(annotations, repository=dataset.repository, service=dataset.service)
        outages = outages_by_deployment(dataset.failures)
        self.able = [made for made in dataset.deployments if made.kind in CAN_FAIL]
        self.failed: list[Outage] = [outages[made.key] for made in self.able if made.key in outages]
        self.hotfixes = [change for change in dataset.changes if change.is_hotfix]
        first = with_first_of_commit(dataset.deployments)
        self.rollbacks = [(made, is_first) for made, is_first in first if made.kind == "rollback"]
        self.attributions = Counter(failure.attribution for failure in dataset.failures)
        self.all = len(dataset.failures)

    def proposed_hotfixes(self) -> int:
        return sum(
            change.hotfix_reason != SAID and not is_reviewed(self._words.on_change(change)) for change in self.hotfixes
        )

    def proposed_rollbacks(self) -> int:
        return sum(self._is_proposal(made, first=first) for made, first in self.rollbacks)

    def _is_proposal(self, made: Deployment, *, first: bool) -> bool:
        reviewed = made.explicit or is_reviewed(self._words.on_deployment(made, first_of_commit=first))
        return made.kind_reason != SAID and not reviewed


def _failure_findings(services: Sequence[_Failures]) -> Iterator[QualityFinding]:
    able = sum(len(service.able) for service in services)
    failed = [outage for service in services for outage in service.failed]
    proposed = sum(outage.provenance == "inferred" for outage in failed)
    if able and not failed:
        rule = RULES["no_failure_known"]
        yield QualityFinding("no_failure_known", rule.what, 0, able, rule.severity, rule.meaning, rule.remedy)
    yield from _finding(
        "unconfirmed_failures", proposed, len(failed), severity=ACT if proposed > HALF * len(failed) else WATCH
    )
    for code, count, total in (
        (
            "unconfirmed_hotfixes",
            sum(service.proposed_hotfixes() for service in services),
            sum(len(service.hotfixes) for service in services),
        ),
        (
            "unconfirmed_rollbacks",
            sum(service.proposed_rollbacks() for service in services),
            sum(len(service.rollbacks) for service in services),
        ),
    ):
        yield from _finding(code, count, total)
    everything = sum(service.all for service in services)
    for code in ("unattributed", "not_in_Dc"):
        yield from _finding(code, sum(service.attributions[code] for service in services), everything)
    yield from _finding("open_failures", sum(outage.restored_at is None for outage in failed), len(failed))
    invalid = sum(outage.restored_at is not None and outage.recovery is None for outage in failed)
    yield from _finding("recovery_left_out:invalid", invalid, len(failed))


def _change_findings(changes: Sequence[Change]) -> Iterator[QualityFinding]:
    """Shares are of changes that count or wait; those left out are no changes, or have no lead time."""
    reasons = Counter(change.left_out for change in changes)
    real = [change for change in changes if not change.left_out]
    undeployed = sum(change.deployment is None for change in real)
    with_pull_request = sum(change.pull_request is not None for change in real)
    few = with_pull_request < HALF * len(real)
    if real:
        rule = RULES["with_pull_request"]
        severity = WATCH if few else FINE
        yield QualityFinding("with_pull_request", rule.what, with_pull_request, len(real), severity, rule.meaning)
    yield from _finding("undeployed", undeployed, len(real), severity=WATCH if undeployed > HALF * len(real) else FINE)
    pulls = sum(change.pull_request is not None for change in changes)
    yield from _finding("unresolved", reasons.pop("unresolved", 0), pulls)
    for reason in sorted(reason for reason in reasons if reason):
        code = f"left_out:{reason}"
        many = WATCH if reasons[reason] > MANY * len(changes) else ""
        yield from _finding(code, reasons[reason], len(changes), severity=many)
    flags = Counter(flag for change in changes for flag in change.flags)
    for flag in sorted(flag for flag in flags if flag in RULES):
        yield from _finding(flag, flags[flag], len(changes))
    yield from _by_rule(changes)


def _by_rule(changes: Sequence[Change]) -> Iterator[QualityFinding]:
    """Delivered changes by the rule that tied each to its deployment."""
    rules = Counter(change.via for change in changes if change.deployment is not None)
    total = sum(rules.values())
    for rule in (*VIA, *sorted(rules.keys() - VIA.keys())):
        if rules[rule]:
            meaning = f"what a deployment reached first was {VIA.get(rule, rule)}"
            yield QualityFinding(f"via:{rule}", f"Changes delivered by rule {rule}", rules[rule], total, FINE, meaning)


def _date_findings(datasets: Sequence[Dataset]) -> Iterator[QualityFinding]:
    """Of a repository with several services each commit is counted once."""
    by_repository = {dataset.repository: dataset for dataset in datasets}.values()
    yield from _finding("undated_commits", sum(dataset.undated_commits for dataset in by_repository))
    yield from _finding("undated_tags", sum(len(dataset.undated_tags) for dataset in datasets))
    yield from _finding("unreachable", sum(len(dataset.unreachable) for dataset in by_repository))


def _deployment_findings(deployments: Sequence[Deployment]) -> Iterator[QualityFinding]:
    flags = Counter(flag for made in deployments for flag in made.flags)
    for flag in sorted(flag for flag in flags if flag in RULES):
        yield from _finding(flag, flags[flag], len(deployments))
