"""A small GitHub that a test can change between two requests: its records, and the one clock of everything in it.

Times are Unix seconds (`…_s`). `World.touch` is what GitHub does on every edit: `updatedAt` becomes now.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Optional, Union

START_S = 1_700_000_000
"""2023-11-14T22:13:20Z"""


@dataclass
class FakeActor:
    login: str
    kind: str = "User"
    """Its `__typename`: User, Bot, Organization, Mannequin, EnterpriseUserAccount."""

    @property
    def typename(self) -> str:
        return self.kind


@dataclass
class FakeRef:
    name: str
    typename: ClassVar[str] = "Ref"


@dataclass
class FakeCommit:
    oid: str
    authored_date_s: int = START_S
    committed_date_s: int = START_S
    typename: ClassVar[str] = "Commit"


@dataclass
class FakeEvent:
    """One item of a pull request's timeline."""

    typename: str
    """ReadyForReviewEvent, PullRequestReview or IssueComment."""
    created_s: Optional[int]
    """For a review the time of its submission; `None` = not submitted."""
    author: Optional[FakeActor] = None

    @property
    def submitted_s(self) -> Optional[int]:
        return self.created_s


@dataclass
class FakePull:
    number: int
    repository: FakeRepository
    id: str = ""
    title: str = "A change"
    body: str = ""
    created_s: int = START_S
    updated_s: int = START_S
    merged_s: Optional[int] = START_S
    state: str = "MERGED"
    head_ref_name: str = "topic"
    head_ref_oid: str = ""
    base_ref_name: str = "main"
    author: Optional[FakeActor] = field(default_factory=lambda: FakeActor("ada"))
    merge_oid: Optional[str] = None
    labels: list[str] = field(default_factory=list)
    commits: list[FakeCommit] = field(default_factory=list)
    timeline: list[FakeEvent] = field(default_factory=list)
    closes: list[FakeIssue] = field(default_factory=list)
    typename: ClassVar[str] = "PullRequest"


@dataclass
class FakeRelease:
    tag_name: str
    id: str = ""
    commit_oid: Optional[str] = None
    created_s: int = START_S
    """The commit date of the tag's target, as GitHub has it."""
    published_s: Optional[int] = START_S
    is_draft: bool = False
    is_prerelease: bool = False
    typename: ClassVar[str] = "Release"


@dataclass
class FakeStatus:
    state: str
    created_s: int
    typename: ClassVar[str] = "DeploymentStatus"


@dataclass
class FakeDeployment:
    database_id: Optional[int]
    commit_oid: str
    id: str = ""
    environment: Optional[str] = "production"
    ref_name: Optional[str] = "main"
    created_s: int = START_S
    state: str = "PENDING"
    statuses: list[FakeStatus] = field(default_factory=list)
    typename: ClassVar[str] = "Deployment"


@dataclass
class FakeIssue:
    number: int
    repository: FakeRepository
    id: str = ""
    title: str = "An outage"
    body: str = ""
    created_s: int = START_S
    updated_s: int = START_S
    closed_s: Optional[int] = None
    labels: list[str] = field(default_factory=list)
    closer: Union[FakePull, FakeCommit, None] = None
    typename: ClassVar[str] = "Issue"


@dataclass
class FakeRepository:
    """All that one repository has, each by its key: number, tag or database id."""

    name_with_owner: str
    id: str = "R_1"
    default_branch: Optional[str] = "main"
    old_names: list[str] = field(default_factory=list)
    """Names that still lead here."""
    pulls: dict[int, FakePull] = field(default_factory=dict)
    releases: dict[str, FakeRelease] = field(default_factory=dict)
    deployments: dict[int, FakeDeployment] = field(default_factory=dict)
    issues: dict[int, FakeIssue] = field(default_factory=dict)
    typename: ClassVar[str] = "Repository"


@dataclass
class World:
    """Repositories and the time. `add_…` and `touch` stamp with the world's now; `tick` lets time pass."""

    repositories: list[FakeRepository] = field(default_factory=lambda: [FakeRepository("acme/shop")])
    now_s: float = START_S
    cursors: int = 2
    """Version written into cursors; those of other versions are refused."""
    made: int = 0

    @property
    def repository(self) -> FakeRepository:
        """The first one: most tests need no other."""
        return self.repositories[0]

    def tick(self, seconds: float = 60) -> World:
        """Let time pass."""
        self.now_s += seconds
        return self

    def add_pull(self, number: Optional[int] = None, **fields: Any) -> FakePull:
        """A pull request merged now, with one commit, unless `fields` say otherwise."""
        number = self._number() if number is None else number
        now_s = int(self.now_s)
        pull = FakePull(
            **{
                "number": number,
                "repository": self.repository,
                "id": f"PR_{self._next()}",
                "created_s": now_s - 3600,
                "updated_s": now_s,
                "merged_s": now_s,
                "merge_oid": _oid("a", number),
                "head_ref_oid": _oid("b", number),
                "commits": [FakeCommit(_oid("b", number), now_s - 7200, now_s - 7200)],
                **fields,
            }
        )
        self.repository.pulls[number] = pull
        return pull

    def add_issue(self, number: Optional[int] = None, **fields: Any) -> FakeIssue:
        """An open issue with the label `incident`, unless `fields` say otherwise."""
        number = self._number() if number is None else number
        now_s = int(self.now_s)
        issue = FakeIssue(
            **{
                "number": number,
                "repository": self.repository,
                "id": f"I_{self._next()}",
                "created_s": now_s,
                "updated_s": now_s,
                "labels": ["incident"],
                **fields,
            }
        )
        self.repository.issues[number] = issue
        return issue

    def add_release(self, tag_name: str, **fields: Any) -> FakeRelease:
        """A release published now."""
        now_s = int(self.now_s)
        made = self._next()
        release = FakeRelease(
            **{
                "tag_name": tag_name,
                "id": f"RE_{made}",
                "commit_oid": _oid("c", made),
                "created_s": now_s,
                "published_s": now_s,
                **fields,
            }
        )
        self.repository.releases[release.id] = release
        return release

    def add_deployment(self, *states: str, **fields: Any) -> FakeDeployment:
        """A deployment made now that went through `states`, a minute each; its `state` is the last one's."""
        now_s = int(self.now_s)
        made = self._next()
        statuses = [FakeStatus(state, now_s + 60 * place) for place, state in enumerate(states)]
        state = {"SUCCESS": "ACTIVE"}.get(states[-1], states[-1]) if states else "PENDING"
        deployment = FakeDeployment(
            **{
                "database_id": made,
                "id": f"DE_{made}",
                "commit_oid": _oid("d", made),
                "created_s": now_s,
                "state": state,
                "statuses": statuses,
                **fields,
            }
        )
        self.repository.deployments[made] = deployment
        return deployment

    def touch(self, item: Union[FakePull, FakeIssue], **fields: Any) -> None:
        """Change an item as an edit does: its `updated_s` becomes now."""
        for name, value in fields.items():
            setattr(item, name, value)
        item.updated_s = int(self.now_s)

    def _next(self) -> int:
        self.made += 1
        return self.made

    def _number(self) -> int:
        return max([0, *self.repository.pulls, *self.repository.issues]) + 1


@dataclass
class FakeWaiter:
    """Time that is the world's own: a sleep is written down and passes at once."""

    world: World
    slept: list[tuple[float, str]] = field(default_factory=list)
    """Seconds and reason of each sleep."""
    wrong_by_s: float = 0
    """How wrong the local clock is."""

    def sleep(self, seconds: float, why: str) -> None:
        self.slept.append((seconds, why))
        self.world.tick(seconds)

    def monotonic(self) -> float:
        return self.world.now_s - START_S

    def local_time(self) -> float:
        return self.world.now_s + self.wrong_by_s

    @property
    def total_s(self) -> float:
        return sum(seconds for seconds, _ in self.slept)


def _oid(letter: str, number: int) -> str:
    return f"{letter * 8}{number:032x}"
