"""What ``principals.yaml`` and ``policies/`` declare."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class PrincipalKind(Enum):
    """What can be enrolled.  The value is the folder below ``policies/<account>/`` (or ``policies/``)."""

    USER = "user"
    ROLE = "role"
    PERMISSION_SET = "permission-set"
    GROUP = "group"


class Ownership(Enum):
    """Who writes a principal's policies in AWS."""

    PROPOSE_ONLY = "propose-only"
    """Others deploy what is merged: nothing of it is ever written by leastwise."""
    APPLY = "apply"
    """``leastwise apply`` does."""


class OnDrift(Enum):
    """What follows when somebody changed what is live by hand."""

    REPORT = "report"
    PROPOSE = "propose"
    """A pull request that imports what is live."""
    UNDO = "undo"
    """What is committed is applied again."""


class OnDenial(Enum):
    """What follows when a call is denied that the policies before the last apply allowed."""

    REPORT = "report"
    RESTORE = "restore"
    """A pull request that gives back that grant."""
    ROLLBACK = "rollback"
    """The same, and at once the policies before."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The time during which a principal works as usual while its calls are recorded.

    ``opens`` is the first UTC day, ``closes`` the first day after the trial.  ``policy`` names what the
    principal holds during the trial: the upper bound of an initial proposal; ``None``: no bound is known.
    """

    opens: date
    days: int
    policy: str | None = None

    @property
    def closes(self) -> date:
        """The first day after the trial."""
        return self.opens + timedelta(days=self.days)

    def is_open(self, today: date) -> bool:
        """Whether ``today`` lies in the trial."""
        return self.opens <= today < self.closes


@dataclass(frozen=True, slots=True)
class Keep:
    """A grant never proposed for removal until ``until`` has passed; patterns in IAM's language."""

    action: str
    resource: str
    until: date
    why: str


@dataclass(frozen=True, slots=True)
class Principal:
    """One enrolled principal.

    A user or role has an ``arn``; a permission set has ``accounts``; a group has ``members`` (user and role
    ARNs) whose evidence merges into one prototype.  ``attached`` names the shared and AWS-managed policies
    it is attached to: paths below ``policies/`` (``shared/logging.json``) or AWS-managed policy ARNs, whose
    text is read from ``policies/aws/``.
    """

    kind: PrincipalKind
    name: str
    """The user's, role's, permission set's or group's name, without a path."""
    line: int
    """Where its entry stands in ``principals.yaml``."""
    arn: str | None = None
    accounts: tuple[str, ...] = ()
    """Twelve-digit account IDs: one for a user or role, any number for the others."""
    members: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    trial: Trial | None = None
    attached: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    keep: tuple[Keep, ...] = ()
    never: tuple[str, ...] = ()
    """Action patterns never proposed as an addition."""
    session_names: tuple[str, ...] = ()
    """Only calls of role sessions with one of these names count; empty: all."""
    source_identities: tuple[str, ...] = ()
    ownership: Ownership = Ownership.PROPOSE_ONLY
    on_drift: OnDrift = OnDrift.REPORT
    on_denial: OnDenial = OnDenial.RESTORE

    @property
    def key(self) -> str:
        """The principal's ARN, or ``permission-set/NAME`` or ``group/NAME``: unique, stable, printable."""
        return self.arn or f"{self.kind.value}/{self.name}"

    @property
    def references(self) -> tuple[str, ...]:
        """The policies of others that its entry names: those it is attached to, and its trial's."""
        held = self.trial.policy if self.trial else None
        return (*self.attached, held) if held else self.attached

    @property
    def folder(self) -> str:
        """Its folder below ``policies/``, with ``/`` between the parts."""
        if self.arn:
            return f"{self.accounts[0]}/{self.kind.value}/{self.name}"
        return f"{self.kind.value}/{self.name}"


@dataclass(frozen=True, slots=True)
class TrailFilesSource:
    """Trail log files in a folder of this machine or below an ``s3://`` prefix.

    ``selectors`` is a file with what ``aws cloudtrail get-event-selectors`` printed, ``trail`` the trail's
    ARN, of which AWS itself is asked; without either nothing counts as unused.  ``all_regions`` is true for
    ``regions: all``; else ``regions`` lists what is logged.  ``account`` owns the bucket: its role among the
    declared ones reads it; by default the trail's account.
    """

    name: str
    path: str
    selectors: str | None = None
    all_regions: bool = False
    regions: tuple[str, ...] = ()
    trail: str | None = None
    account: str | None = None

    kind = "trail-files"

    @property
    def place(self) -> str:
        """What is read: with another place it is another source, whatever its name."""
        return self.path


@dataclass(frozen=True, slots=True)
class LakeSource:
    """A CloudTrail Lake event data store."""

    name: str
    event_data_store: str

    kind = "cloudtrail-lake"

    @property
    def place(self) -> str:
        """What is read: with another place it is another source, whatever its name."""
        return self.event_data_store


@dataclass(frozen=True, slots=True)
class AthenaSource:
    """An Athena table over trail logs, or over a federated Lake store (``table_shape: lake``).

    ``account`` is that of the workgroup: its role among the declared ones runs the queries; by default the
    trail's account.
    """

    name: str
    workgroup: str
    database: str
    table: str
    region: str
    table_shape: str = "trail"
    output: str | None = None
    """``s3://`` location of results where the workgroup sets none."""
    trail: str | None = None
    """The trail's ARN: where the coverage is read from."""
    account: str | None = None

    kind = "athena"

    @property
    def reader(self) -> str:
        """The account whose role runs the queries; empty: the identity that leastwise runs as."""
        return self.account or (self.trail.split(":")[4] if self.trail else "")

    @property
    def place(self) -> str:
        """What is read: with another place it is another source, whatever its name."""
        return f"{self.region}/{self.database}/{self.table}"


@dataclass(frozen=True, slots=True)
class AccessAnalyzerSource:
    """IAM Access Analyzer policy generation from a trail."""

    name: str
    trail: str
    access_role: str
    region: str | None = None

    kind = "access-analyzer"

    @property
    def place(self) -> str:
        """What is read: with another place it is another source, whatever its name."""
        return self.trail


Source = TrailFilesSource | LakeSource | AthenaSource | AccessAnalyzerSource


def tells_sessions(source: Source) -> bool:
    """Whether a source knows in whose session a call was made: whatever holds log records does."""
    return not isinstance(source, AccessAnalyzerSource)


def region_of(source: Source) -> str:
    """Where a source lives, as far as the declaration says it."""
    match source:
        case TrailFilesSource():
            return _region_in(source.trail)
        case LakeSource():
            return _region_in(source.event_data_store)
        case AthenaSource():
            return source.region
        case AccessAnalyzerSource():
            return source.region or _region_in(source.trail)


def _region_in(arn: str | None) -> str:
    return arn.split(":")[3] if arn else ""


@dataclass(frozen=True, slots=True)
class EmailTarget:
    """A sender that SES knows in ``region``, and who gets the mail."""

    sender: str
    to: tuple[str, ...]
    region: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told of what a run changed, beside those whom pull requests ask; secrets are named, not held."""

    slack_variable: str | None = None
    """The environment variable that holds the address of a Slack webhook."""
    topic: str | None = None
    """An SNS topic's ARN."""
    email: EmailTarget | None = None


@dataclass(frozen=True, slots=True)
class AuditOrder:
    """Who gets the monthly audit, and whose it is: the enrolled, or everybody of whole accounts."""

    topic: str | None = None
    """An SNS topic's ARN."""
    email: EmailTarget | None = None
    whole_accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Which of AWS's own checks are asked about every proposal.

    ``validate`` (ValidatePolicy) is free.  ``custom_checks`` is how many calls of the checks that cost money
    (CheckNoNewAccess, CheckAccessNotGranted) one run may make; 0: none.
    """

    validate: bool = True
    custom_checks: int = 0


@dataclass(frozen=True, slots=True)
class IdentityCenter:
    """Where IAM Identity Center is administered; empty: where the credentials at hand lead."""

    account: str = ""
    """The management account of the organization, or the one it delegated the administration to."""
    region: str = ""


class People(Enum):
    """What a declaration says of showing people: names of sessions, and source addresses."""

    SHOWN = "shown"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Declaration:
    """The whole of ``principals.yaml``, defaults filled in."""

    sources: Mapping[str, Source]
    principals: tuple[Principal, ...]
    account_roles: Mapping[str, str] = field(default_factory=dict)
    """Account ID -> ARN of the role that leastwise assumes there."""
    apply_roles: Mapping[str, str] = field(default_factory=dict)
    """The same for writing; accounts without one are written to with the credentials at hand."""
    public: bool = False
    """Whether evidence may be published to a public repository."""
    people: People | None = None
    """Whether people may be shown; ``None``: it does not say, and they are not unless somebody asks."""
    redact: tuple[str, ...] = ()
    """Patterns of resource names that the text of a proposal does not show; its policy files do."""
    second_opinion: SecondOpinion = SecondOpinion()
    notify: Notify = Notify()
    identity_center: IdentityCenter = IdentityCenter()
    audit: AuditOrder = AuditOrder()
    named_at: Mapping[str, tuple[int, int]] = field(default_factory=dict, compare=False)
    """Policy of ``attached`` or ``trial.policy`` -> line and column where the file first names it."""

    def principal(self, key: str) -> Principal | None:
        """The principal with that key, if it is enrolled."""
        return next((principal for principal in self.principals if principal.key == key), None)
