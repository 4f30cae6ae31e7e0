"""What there is to know about the data behind the numbers: for each finding its words, its weight, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from dora_metrics.domain.quality import ACT, FINE, WATCH

IMPORT = "then `dora-metrics import` it"
FETCH = "`git fetch --tags` in the clone, then `dora-metrics extract`"
PULL_HEADS = "`git fetch origin '+refs/pull/*/head:refs/pull/*/head'` in the clone, then `dora-metrics extract --full`"


class Rule(NamedTuple):
    """One kind of finding."""

    severity: str
    what: str
    """What is counted; stands before "12 of 175"."""
    meaning: str
    remedy: str = ""


RULES: Mapping[str, Rule] = {
    "no_deployments": Rule(
        ACT,
        "Services without any deployment",
        "nothing is known to have reached users, so there is nothing to measure",
        "set `sources` or `tag_pattern` under [deployments] (`dora-metrics init` shows what there is), or write yes "
        f"into is_deployment in the review file, {IMPORT}",
    ),
    "truncated": Rule(
        ACT,
        "Shallow clones",
        "old commits are missing: lead times are too short, and first deliveries may be wrong",
        "`git fetch --unshallow` in the clone, then `dora-metrics extract --full`",
    ),
    "sha_missing": Rule(
        ACT,
        "Deployments whose commit the clone lacks",
        "they count for the frequency, and deliver nothing: their changes look later than they were",
        FETCH,
    ),
    "unresolved": Rule(
        WATCH,
        "Merged pull requests that no rule can tie to the history",
        "they are in no lead time: listed, never guessed",
        f"{PULL_HEADS}; nothing for those merged into a branch that never reaches the measured one",
    ),
    "incomplete_pull_requests": Rule(
        WATCH,
        "Pull requests that GitHub gave only in part",
        "commits or labels may be missing: a lead time may be too short, a hotfix unseen",
        "`dora-metrics extract --full` asks again; `page_size` under [github] makes its answers smaller",
    ),
    "without_github": Rule(
        WATCH,
        "Repositories without GitHub's data",
        "labels, reviews, creation times of pull requests and incident issues are NA; failures are found by reverts, "
        "rollbacks and titles alone",
        "give a token (`dora-metrics auth set`, or GITHUB_TOKEN) and `github` under [repository], then "
        "`dora-metrics extract`",
    ),
    "no_failure_known": Rule(
        WATCH,
        "Deployments known to have failed",
        "failure rate and recovery may be too good: more often nobody has said so than nothing ever failed",
        f"write yes into deployment_failed in the review file, {IMPORT}; or give incident issues one of "
        "`incident_labels`",
    ),
    "unconfirmed_failures": Rule(
        WATCH,
        "Failed deployments that are proposals",
        "a rule found them and nobody has confirmed them; they count in the failure rate and in recovery",
        f"answer these rows of the review file, {IMPORT}; `dora-metrics status` names the first ones",
    ),
    "unconfirmed_hotfixes": Rule(
        WATCH,
        "Hotfixes that are proposals",
        "a label, branch or title made them hotfixes, and with it rework and failures",
        f"answer these rows of the review file, {IMPORT}",
    ),
    "unconfirmed_rollbacks": Rule(
        WATCH,
        "Rollbacks that are proposals",
        "going back to an older commit made them rollbacks, and with it rework and failures",
        f"answer these rows of the review file, {IMPORT}",
    ),
    "unattributed": Rule(
        WATCH,
        "Failures tied to no deployment",
        "they are in neither failure rate nor recovery",
        f"write what caused them (a tag, #123, a commit, or none) into caused_by in the review file, {IMPORT}",
    ),
    "not_in_Dc": Rule(
        FINE,
        "Failures blamed on an initial deployment, a redeploy or a rollback",
        "those cannot fail by definition: such failures are in neither failure rate nor recovery",
    ),
    "open_failures": Rule(
        WATCH,
        "Failed deployments not restored yet",
        "they are in no recovery time until they end",
        f"write when it was over into resolved_at in the review file, {IMPORT}",
    ),
    "recovery_left_out:invalid": Rule(
        WATCH,
        "Failed deployments restored before they began to fail",
        "their recovery is left out",
        f"correct started_at or resolved_at in the review file, {IMPORT}",
    ),
    "with_pull_request": Rule(
        FINE,
        "Changes with a pull request",
        "the others are commits on their own, each a change by itself",
    ),
    "undeployed": Rule(
        FINE,
        "Changes not deployed yet",
        "they are in no lead time, which speaks only of what reached users",
    ),
    "left_out:left_truncated": Rule(
        FINE,
        "Changes left out: delivered by the first known deployment",
        "it brought all history at once, so how long they waited for it is unknown",
        "`include_initial = true` under [deployments] counts them all the same",
    ),
    "left_out:negative": Rule(
        WATCH,
        "Changes left out: written after their deployment",
        "more than five minutes: one of the two clocks is wrong",
        f"correct deployed_at of that deployment in the review file, {IMPORT}",
    ),
    "left_out:no_start": Rule(
        WATCH,
        "Changes left out: where their lead time starts is unknown",
        "the configured start has no time for them",
        '`lead_time_start = "first_commit"` under [metrics] knows most starts',
    ),
    "left_out:cherry_pick": Rule(
        FINE, "Changes left out: cherry-picks of another change", "they count once, with the change that they repeat"
    ),
    "left_out:carrier": Rule(
        FINE, "Changes left out: pull requests that only carried others", "what they carried counts by itself"
    ),
    "left_out:bot": Rule(FINE, "Changes left out: made by bots", "as `exclude_bots` under [metrics] says"),
    "undated_commits": Rule(
        WATCH, "Commits without a readable time", "they begin no lead time, and make no deployment's time"
    ),
    "undated_tags": Rule(
        WATCH,
        "Version tags without a readable time",
        "they make no deployment",
        f"write yes into is_deployment and the time into deployed_at in the review file, {IMPORT}",
    ),
    "unreachable": Rule(
        FINE,
        "Stored commits that no ref reaches any more",
        "after a force-push: they deliver nothing",
    ),
    "bad_author_date": Rule(
        WATCH, "Changes with an impossible author date", "the committer's time is used: lead times may be too short"
    ),
    "clamped": Rule(FINE, "Changes written up to five minutes after their deployment", "their lead time is taken as 0"),
    "start=pr_created": Rule(
        WATCH,
        "Changes whose commits are unknown",
        "their lead time starts when the pull request was opened, later than the work",
        PULL_HEADS,
    ),
    "start=squash_commit": Rule(
        WATCH,
        "Squashed changes whose branch is unknown",
        "their lead time starts at the merge: too short",
        f"give a token, or {PULL_HEADS}",
    ),
    "start=merge_commit": Rule(
        WATCH,
        "Merged changes whose commits are unknown",
        "their lead time starts at the merge: too short",
        f"give a token, or {PULL_HEADS}",
    ),
    "net_zero": Rule(FINE, "Changes taken back before they reached users", "they count as changes, and as no failure"),
    "backfilled_tag": Rule(
        WATCH,
        "Deployments by a tag made over 30 days after its commit",
        "the tag's time stands for the deployment's, which may have been earlier",
        f"write the true time into deployed_at in the review file, {IMPORT}",
    ),
    "out_of_order": Rule(
        WATCH,
        "Deployments by a tag on a commit older than what was live",
        "a tag made later than the release, or a release line of its own",
        f"`release_line` under [deployments] for lines kept apart; else correct deployed_at in the review file, "
        f"{IMPORT}",
    ),
    "no_new_changes": Rule(
        FINE,
        "Deployments without new changes",
        "they count for the frequency, and give no lead time",
        f"those that reached nobody: no into is_deployment in the review file, {IMPORT}",
    ),
}
"""By code, in the order in which findings of one severity stand."""
VIA: Mapping[str, str] = {
    "commit": "a commit of its own",
    "merge_commit": "its merge commit",
    "subject": "the commit whose message names it",
    "head": "its branch's tip",
    "cherry_pick": "a cherry-pick of it",
    "parent_pr": "the pull request that it was merged into",
}
"""How each rule knows that a change was delivered."""
