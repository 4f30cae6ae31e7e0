"""The settings in force: what dora-metrics.toml, the environment and the options say, as frozen records.

Each field is one key of the file; its section is the record. Reading and checking them: `config_sources.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SOURCES = ("deployment", "release", "tag", "merge")
LEAD_TIME_STARTS = ("first_commit", "ready", "created", "merged")
LEVELS = ("none", "2021", "2023", "2024")
STORAGE_TYPES = ("local", "s3")
ROLLBACK_BLAMES = ("live", "introduced")
PROFILES = ("dora", "devlake", "fourkeys", "middleware", "gitlab")
REVIEW_FORMATS = ("csv", "xlsx")
DATE_ORDERS = ("none", "dmy", "mdy")


@dataclass(frozen=True)
class ServiceSettings:
    """One service of a monorepo."""

    name: str
    path_prefix: str = ""
    tag_pattern: str = ""
    environment: str = ""


@dataclass(frozen=True)
class RepositorySettings:
    """Which history is read."""

    path: str = "."
    """A clone; relative to the configuration file."""
    url: str = ""
    """Instead of `path`: cloned bare, without blobs, into a cache."""
    github: str = ""
    """`owner/name`; empty = git only."""
    branch: str = ""
    """Empty = the branch that HEAD names."""
    path_prefix: str = ""
    services: tuple[ServiceSettings, ...] = ()


@dataclass(frozen=True)
class DeploymentSettings:
    """What counts as a deployment."""

    sources: tuple[str, ...] = ("deployment", "release", "tag")
    environment: str = "^prod(uction)?$|^live$"
    tag_pattern: str = ""
    """A shell pattern (`*` crosses `/`); empty = version-like tags."""
    release_line: str = ""
    """A regular expression with one group; empty = one line for all."""
    include_prereleases: bool = False
    include_initial: bool = False


@dataclass(frozen=True)
class FailureSettings:
    """What counts as a failure, and how far back its cause may lie."""

    hotfix_labels: tuple[str, ...] = ("hotfix", "hot-fix", "urgent-fix")
    hotfix_branches: str = "^hotfix/"
    hotfix_titles: str = r"^hotfix\b|^\[hotfix\]"
    incident_labels: tuple[str, ...] = ("incident",)
    window_days: int = 7
    rollback_blames: str = "live"
    maturity_days: int = 30


@dataclass(frozen=True)
class MetricSettings:
    """How the numbers are cut and counted."""

    period: str = "monthly"
    timezone: str = "UTC"
    fiscal_start_month: int = 1
    lead_time_start: str = "first_commit"
    exclude_bots: bool = False
    bots: tuple[str, ...] = ()
    levels: str = "none"
    profile: str = "dora"


@dataclass(frozen=True)
class ReviewSettings:
    """How the person's file looks, and how what they type is read."""

    format: str = "csv"
    date_order: str = "none"
    """`dmy` or `mdy`: how a date such as 03/04/2025 is meant; `none` = it is refused."""

    @property
    def stated_date_order(self) -> str:
        """The order; empty when none was stated."""
        return "" if self.date_order == "none" else self.date_order


@dataclass(frozen=True)
class PrivacySettings:
    """What leaves in an export."""

    include_authors: bool = False


@dataclass(frozen=True)
class GitHubSettings:
    """How GitHub is asked."""

    graphql_url: str = "https://api.github.com/graphql"
    page_size: int = 25
    requests_per_minute: int = 0
    """0 = only GitHub's own limits."""
    max_wait: int = 70
    """Minutes."""
    max_page_size: int = 100


@dataclass(frozen=True)
class StorageSettings:
    """Where the data lie."""

    type: str = "local"
    path: str = "data"
    """A folder, relative to the configuration file, or the prefix in the bucket."""
    s3_bucket: str = ""
    lock_timeout: int = 60
    """Seconds to wait for another run that writes to the same folder."""
    single_writer: bool = False
    """A person warrants that no two runs write at once, where the bucket's service cannot tell."""


@dataclass(frozen=True)
class NotifySettings:
    """Who is told when a person is needed."""

    targets: tuple[str, ...] = ()
    """Names of environment variables that hold the (secret) URLs."""


@dataclass(frozen=True)
class Settings:
    """Everything in force for one run."""

    repositories: tuple[RepositorySettings, ...] = (RepositorySettings(),)
    deployments: DeploymentSettings = field(default_factory=DeploymentSettings)
    failures: FailureSettings = field(default_factory=FailureSettings)
    metrics: MetricSettings = field(default_factory=MetricSettings)
    review: ReviewSettings = field(default_factory=ReviewSettings)
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    github: GitHubSettings = field(default_factory=GitHubSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    notify: NotifySettings = field(default_factory=NotifySettings)
