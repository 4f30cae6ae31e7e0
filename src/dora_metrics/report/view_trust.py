"""How far the numbers can be trusted: one sentence for the first screen, and the counts behind it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

from dora_metrics.domain.measurements import Results
from dora_metrics.domain.timestamps import format_utc
from dora_metrics.report.view_basis import reason_words
from dora_metrics.report.view_frames import counts_of, flag_counts, has
from dora_metrics.report.view_metrics import FEWEST
from dora_metrics.report.view_periods import Focus
from dora_metrics.report.words import format_ratio, plural

if TYPE_CHECKING:
    import pandas as pd

NOTHING = "Nothing has been deployed yet, so there is nothing to measure."
SHALLOW = "Read lead times with care: the clone is shallow, old commits are missing."
NO_FAILURE = "The failure numbers may be too good: no failure is known in the whole history."
OF_OTHERS = "Another tool's numbers from the same data: read them beside that tool only."
MANY = 0.2
"""A share from which left-out changes deserve the first word."""
FLAGS = {
    "backfilled_tag": "tagged more than 30 days after the commit: the deployment may have been earlier",
    "out_of_order": "tag on an older commit than the last deployment",
    "sha_missing": "the commit is not in the clone: counted, delivers nothing",
    "no_new_changes": "delivers nothing new",
    "clamped": "started up to five minutes after its deployment: taken as zero",
    "bad_author_date": "impossible author date: the committer's is used",
    "start=pr_created": "no commits known: starts at the pull request's creation",
    "start=squash_commit": "squashed, its commits unknown: starts at the merge",
    "net_zero": "taken back before it reached users",
}


@dataclass(frozen=True)
class Fact:
    """One row of the data quality table."""

    what: str
    count: str
    meaning: str = ""


@dataclass(frozen=True)
class Trust:
    """The sentence of the first screen, and the rows it links to."""

    sentence: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Counts:
    """Totals over the whole data."""

    counted: int
    with_pull_request: int
    left_out: int
    undeployed: int

    @property
    def share(self) -> Optional[float]:
        """Of the counted and the waiting changes, those of a pull request; `None` for no change."""
        total = self.counted + self.undeployed
        return self.with_pull_request / total if total else None


def judge(
    results: Results,
    focus: Focus,
    *,
    changes: pd.DataFrame,
    deployments: pd.DataFrame,
    unresolved: int = 0,
    truncated: bool = False,
) -> Trust:
    """The sentence, and all counts behind it."""
    counts = count_rows(changes)
    return Trust(
        sentence=" ".join(say_trust(results, focus, counts, unresolved=unresolved, truncated=truncated)),
        facts=(
            *_change_facts(changes, counts, unresolved),
            *_failure_facts(results),
            *_flag_facts("Changes", changes),
            *_flag_facts("Deployments", deployments),
            *([Fact("Shallow clone", "yes", "old commits are missing: lead times are too short")] if truncated else []),
        ),
    )


def say_trust(
    results: Results, focus: Focus, counts: Counts, *, unresolved: int = 0, truncated: bool = False
) -> tuple[str, ...]:
    """How far to trust the numbers of `focus`: the gravest doubt there is first, then what it rests on."""
    if focus.result.by_other_rules:
        return _say_of_others(results, counts, truncated=truncated)
    doubt = _doubt(results, focus, counts, truncated=truncated)
    said = (
        doubt,
        _totals(counts, format_utc(results.as_of)[:10]),
        "" if doubt in (NOTHING, NO_FAILURE) else _proposals(results, focus),
        _not_found(unresolved),
        "The clone is shallow: old commits are missing." if truncated and doubt != SHALLOW else "",
    )
    return tuple(sentence for sentence in said if sentence)


def _say_of_others(results: Results, counts: Counts, *, truncated: bool) -> tuple[str, ...]:
    """The same where another tool's definitions made the numbers: what is true of the data, whoever counts."""
    nothing = not results.overall.deployment_frequency.deployments
    said = (
        NOTHING if nothing else SHALLOW if truncated else OF_OTHERS,
        "" if counts.share is None else f"{format_ratio(counts.share)} of the changes belong to a pull request.",
    )
    return tuple(sentence for sentence in said if sentence)


def count_rows(changes: pd.DataFrame) -> Counts:
    """The totals over all changes."""
    left_out, deployed = has(changes, "left_out"), has(changes, "deployment")
    return Counts(
        counted=int((deployed & ~left_out).sum()),
        with_pull_request=int((has(changes, "pull_request") & ~left_out).sum()),
        left_out=int(left_out.sum()),
        undeployed=int((~deployed & ~left_out).sum()),
    )


def _doubt(results: Results, focus: Focus, counts: Counts, *, truncated: bool) -> str:
    """The gravest doubt there is, in one sentence."""
    failures, here = results.overall.change_failure_rate, focus.result.change_failure_rate
    able = here.deployments
    doubts = (
        (not results.overall.deployment_frequency.deployments, NOTHING),
        (truncated, SHALLOW),
        (not able, "Read this period with care: it holds no deployment that could fail."),
        (able < FEWEST, f"Read this period with care: it holds only {plural(able, 'deployment')} that could fail."),
        (
            counts.left_out > MANY * (counts.left_out + counts.counted),
            "Read lead times with care: many changes were left out.",
        ),
        (not failures.failed, NO_FAILURE),
        (
            2 * here.proposals > here.failed,
            "Read the failure numbers with care: most failures of this period are proposals.",
        ),
        (
            2 * failures.proposals > failures.failed,
            "Read the failure numbers with care: most failures are proposals.",
        ),
    )
    return next((said for holds, said in doubts if holds), "The numbers rest on the whole history.")


def _totals(counts: Counts, date: str) -> str:
    if counts.share is None:
        return ""
    return (
        f"{format_ratio(counts.share)} of the changes belong to a pull request; {counts.left_out:,} "
        f"{'was' if counts.left_out == 1 else 'were'} left out, {counts.undeployed:,} not yet deployed on {date}."
    )


def _proposals(results: Results, focus: Focus) -> str:
    """How many failures nobody has reviewed, in the period of the headlines and in the whole window."""
    here, overall = focus.result.change_failure_rate, results.overall.change_failure_rate
    if not overall.failed:
        return "No failure is known in the whole history."
    whole = f"{overall.proposals:,} of the {plural(overall.failed, 'failed deployment')} of the whole window"
    if focus.index is None or results.grain == "all":
        said = whole
    elif not here.failed:
        said = f"{whole}; {focus.label} has none"
    else:
        said = (
            f"{here.proposals:,} of the {plural(here.failed, 'failed deployment')} of {focus.label}, "
            f"{overall.proposals:,} of the {overall.failed:,} of the whole window"
        )
    return f"Proposals that nobody has confirmed: {said}."


def _not_found(unresolved: int) -> str:
    if not unresolved:
        return ""
    requests = plural(unresolved, "merged pull request")
    return f"{requests} {'was' if unresolved == 1 else 'were'} not found in the history."


def _change_facts(changes: pd.DataFrame, counts: Counts, unresolved: int) -> list[Fact]:
    facts = [
        Fact("Changes deployed and counted", f"{counts.counted:,}"),
        Fact("Changes that belong to a pull request", format_ratio(counts.share), "the rest are commits on their own"),
        Fact("Changes not yet deployed", f"{counts.undeployed:,}"),
    ]
    if unresolved:
        facts.append(Fact("Pull requests not found in the history", f"{unresolved:,}", "no rule could tie them to it"))
    reasons = counts_of(changes, "left_out").items()
    return facts + [Fact("Changes left out", f"{count:,}", reason_words(reason)) for reason, count in reasons]


def _failure_facts(results: Results) -> list[Fact]:
    rate, mttr = results.overall.change_failure_rate, results.overall.mttr
    facts = [
        Fact("Failed deployments", f"{rate.failed:,}"),
        Fact("Of them proposals", f"{rate.proposals:,}", "found by a rule, confirmed by nobody; they count"),
    ]
    if rate.unattributed:
        facts.append(Fact("Failures tied to no deployment", f"{rate.unattributed:,}", "in neither rate nor recovery"))
    reasons = sorted(mttr.left_out.items())
    return facts + [Fact("Recoveries left out", f"{count:,}", reason_words(reason)) for reason, count in reasons]


def _flag_facts(what: str, frame: pd.DataFrame) -> list[Fact]:
    return [
        Fact(f"{what} marked {flag.replace('_', ' ')}", f"{count:,}", FLAGS.get(flag, ""))
        for flag, count in flag_counts(frame).items()
        if "=" not in flag or flag in FLAGS
    ]
