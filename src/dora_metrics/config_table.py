"""All settings, one row each: the only place that knows their names, kinds, explanations and order.

The keys of dora-metrics.toml, the options, the environment variables, `--help`, the file that `init` writes and the
checks all come from this table; the defaults come from `config.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dora_metrics import config
from dora_metrics.config_kinds import (
    Choice,
    Flag,
    Integer,
    Kind,
    ListOf,
    PeriodName,
    Regex,
    Text,
    TimeZone,
)
from dora_metrics.config_kinds_repository import CloneUrl, GraphQLUrl, PathPrefix, Services

if TYPE_CHECKING:
    from collections.abc import Sequence

SECTIONS = {
    "repository": "which history is read",
    "deployments": "what counts as a deployment",
    "failures": "what counts as a failure",
    "metrics": "how the numbers are cut and counted",
    "review": "the file that a person fills in",
    "privacy": "what leaves in an export",
    "github": "how GitHub is asked",
    "storage": "where the data lie",
    "notify": "who is told when a person is needed",
}
BRANCH = Text(
    metavar="BRANCH",
    form=r"(?!-)[^\s~^:?*\[\\]+",
    fault="is no name of a branch",
    remedy="write it as `git branch` lists it",
)
SLUG = Text(
    metavar="OWNER/NAME",
    form=r"(?!\.)[A-Za-z0-9._-]{1,100}/(?!\.\.?$)[A-Za-z0-9._-]{1,100}",
    fault="is not of the form owner/name",
    remedy="write it like acme/shop, or leave it empty for git only",
)
BUCKET = Text(
    metavar="BUCKET",
    form=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    fault="is no name of a bucket",
    remedy="use 3 to 63 small letters, digits, dots and dashes",
)
VARIABLE = Text(
    metavar="VARIABLE",
    form=r"[A-Za-z_][A-Za-z0-9_]*",
    fault="holds something other than names of environment variables",
    remedy="put each URL into an environment variable and write that variable's name here",
    show=False,
)


@dataclass(frozen=True)
class Setting:
    """One key of dora-metrics.toml, which is also an option and an environment variable."""

    section: str
    key: str
    kind: Kind
    explanation: str
    """What `--help` and the file say about it, without a full stop."""
    prefixed: bool = False
    """Whether the section stands in front of the bare name, which alone would be ambiguous."""
    other_variables: Sequence[str] = ()
    """Names that somebody else gave, read after our own."""
    is_local_path: bool = False
    """Whether a relative value means a place on this machine."""

    @property
    def name(self) -> str:
        """The option's and variable's name, with underscores."""
        return f"{self.section}_{self.key}" if self.prefixed else self.key

    @property
    def option(self) -> str:
        """Such as `--tag-pattern`."""
        return "--" + self.name.replace("_", "-")

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables, the first that is set counts; such as `DORA_TAG_PATTERN`."""
        return (f"DORA_{self.name.upper()}", *self.other_variables)

    @property
    def default(self) -> object:
        """The value when nobody says anything."""
        return value_in(config.Settings(), self)


def value_in(settings: config.Settings, setting: Setting, repository: int = 0) -> object:
    """The value that `settings` hold for one row of the table; of the given repository, where there are several."""
    if setting.section == "repository":
        return getattr(settings.repositories[repository], setting.key)
    return getattr(getattr(settings, setting.section), setting.key)


SETTINGS: tuple[Setting, ...] = (
    Setting("repository", "path", Text("PATH"), "A clone", prefixed=True, is_local_path=True),
    Setting(
        "repository",
        "url",
        CloneUrl(),
        "Instead of a path: cloned bare, without blobs, into a cache",
        prefixed=True,
    ),
    Setting("repository", "github", SLUG, "Its name on GitHub; empty = git only"),
    Setting("repository", "branch", BRANCH, "The branch that is delivered; empty = the one that HEAD names"),
    Setting(
        "repository",
        "path_prefix",
        PathPrefix(),
        "Count only what touches this folder, or one of several with commas between: a service in a monorepo",
    ),
    Setting(
        "repository",
        "services",
        Services(),
        'Several services: [{name = "api", path_prefix = "api/", tag_pattern = "api/v*", environment = ""}]',
    ),
    Setting(
        "deployments",
        "sources",
        ListOf(Choice(config.SOURCES)),
        "What makes a deployment: deployment, release, tag, merge; annotations always count",
    ),
    Setting("deployments", "environment", Regex(), "Names of GitHub environments that are production"),
    Setting("deployments", "tag_pattern", Text("PATTERN"), "Tags that are deployments; empty = version-like tags"),
    Setting("deployments", "release_line", Regex(groups=1), r"Parallel lines, such as ^v(\d+\.\d+); empty = one line"),
    Setting("deployments", "include_prereleases", Flag(), "Whether pre-releases are deployments"),
    Setting("deployments", "include_initial", Flag(), "Whether the first deployment's changes count"),
    Setting("failures", "hotfix_labels", ListOf(Text("LABEL")), "Labels of hotfix pull requests"),
    Setting("failures", "hotfix_branches", Regex(), "Branches of hotfixes"),
    Setting("failures", "hotfix_titles", Regex(), "Titles of hotfixes"),
    Setting("failures", "incident_labels", ListOf(Text("LABEL")), "Labels of issues that are incidents"),
    Setting("failures", "window_days", Integer(0, 3650), "How many days back an inferred cause may lie"),
    Setting(
        "failures",
        "rollback_blames",
        Choice(config.ROLLBACK_BLAMES),
        "The deployment that a rollback marks as failed: the one live, or the one that introduced the change",
    ),
    Setting("failures", "maturity_days", Integer(0, 3650), "Days after its end in which a period is provisional"),
    Setting("metrics", "period", PeriodName(), "Length of one period"),
    Setting("metrics", "timezone", TimeZone(), "Whose midnights divide the periods"),
    Setting("metrics", "fiscal_start_month", Integer(1, 12), "The month in which quarters and years start"),
    Setting("metrics", "lead_time_start", Choice(config.LEAD_TIME_STARTS), "Where a change's lead time starts"),
    Setting("metrics", "exclude_bots", Flag(), "Leave out changes made by bots"),
    Setting("metrics", "bots", ListOf(Text("LOGIN")), "Logins that are bots, besides those that end in [bot]"),
    Setting("metrics", "levels", Choice(config.LEVELS), "Show each metric's level by that year's report"),
    Setting("metrics", "profile", Choice(config.PROFILES), "The set of definitions"),
    Setting(
        "review",
        "format",
        Choice(config.REVIEW_FORMATS),
        "What the review file is written as; any of csv, xlsx and ods can be imported",
        prefixed=True,
    ),
    Setting(
        "review",
        "date_order",
        Choice(config.DATE_ORDERS),
        "How a typed 03/04/2025 is meant: day first, month first; none = it is refused",
    ),
    Setting("privacy", "include_authors", Flag(), "Let people's names into exports"),
    Setting(
        "github",
        "graphql_url",
        GraphQLUrl(),
        "GitHub's address; Enterprise: https://HOST/api/graphql",
        other_variables=("GITHUB_GRAPHQL_URL",),
    ),
    Setting("github", "page_size", Integer(1, 100), "Items asked for at first"),
    Setting("github", "requests_per_minute", Integer(0, 10_000), "At most; 0 = only GitHub's own limits"),
    Setting("github", "max_wait", Integer(0, 10_000), "Minutes to wait for GitHub, all in all"),
    Setting(
        "github", "max_page_size", Integer(1, 100), "Pages double after each quick one up to this, halve when slow"
    ),
    Setting("storage", "type", Choice(config.STORAGE_TYPES), "A folder, or an S3 bucket", prefixed=True),
    Setting(
        "storage",
        "path",
        Text("PATH"),
        "The folder, or the prefix in the bucket",
        prefixed=True,
        is_local_path=True,
    ),
    Setting("storage", "s3_bucket", BUCKET, "The bucket; it must exist"),
    Setting("storage", "lock_timeout", Integer(0, 86_400), "Seconds to wait for another run that writes there"),
    Setting("storage", "single_writer", Flag(), "No two runs ever write at once: for S3 services that cannot tell"),
    Setting(
        "notify",
        "targets",
        ListOf(VARIABLE),
        "Names of environment variables that hold the (secret) URLs",
        prefixed=True,
    ),
)


def settings_of(section: str) -> tuple[Setting, ...]:
    """The rows of one section, in the order of the file."""
    return tuple(setting for setting in SETTINGS if setting.section == section)
