"""IAM Access Analyzer in one region and account: policy generation and checks, as frozen values.

Shapes: botocore 1.44.5, ``accessanalyzer`` service model (2019-11-01).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from leastwise.aws.moments import utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from leastwise.aws.caller import Caller
    from leastwise.aws.sessions import Aws
    from leastwise.model.window import Window

SERVICE = "accessanalyzer"
_IDENTITY = "IDENTITY_POLICY"
TAKEN = frozenset({"ConflictException", "ServiceQuotaExceededException"})
"""Another generation of this account and region is under way, or the day's quota is used."""
UNFIT = "ValidationException"
"""What was asked for cannot be: no such principal, trail or role."""

_HINTS: Mapping[str, str] = MappingProxyType(
    {
        UNFIT: "check that the principal, the trail and `access_role` of the source are there",
        "AccessDeniedException": "allow access-analyzer:{operation} to the identity that leastwise runs "
        "as, and to start generations also iam:PassRole on the source's `access_role`",
    }
)
_NO_RESULT: Mapping[str, str] = MappingProxyType(
    {
        UNFIT: "a result is kept for 7 days, and until the next generation of the same user or role, which "
        "comes in its turn"
    }
)


class JobState(Enum):
    """Where a generation stands; values as Access Analyzer writes them."""

    IN_PROGRESS = "IN_PROGRESS"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"


@dataclass(frozen=True, slots=True)
class Job:
    """A generation of the last seven days."""

    job_id: str
    principal: str
    """The ARN of a user or role."""
    state: JobState
    started: datetime


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a generation failed; ``code`` is AWS's own, empty where AWS does not say."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Generated:
    """What came of a generation.

    ``trail``, ``start`` and ``end`` say what was looked at; empty and ``None`` where AWS does not tell, or
    names several trails.  ``all_regions``: not only some of the trail's.
    ``is_complete`` is false where some service was used by actions that are not in ``policies``, which are
    texts of policy documents: several where one would be too long.
    """

    state: JobState
    failure: Failure | None
    policies: tuple[str, ...]
    is_complete: bool
    trail: str
    all_regions: bool
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Order:
    """What to generate: for whom, from which trail, read in which role.

    The same ``token`` never starts a second job: AWS answers with the first.
    """

    principal: str
    trail: str
    access_role: str
    window: Window
    token: str


class PolicyGeneration:
    """The generations of one account and region.  Every method raises ``AwsError``."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``accessanalyzer``."""
        self._caller = caller

    def jobs(self) -> Iterator[Job]:
        """Every generation of the last seven days, whoever started it."""
        page: dict[str, Any] = {}
        while True:
            told = self._call("ListPolicyGenerations", **page)
            for row in told["policyGenerations"]:
                yield Job(row["jobId"], row["principalArn"], JobState(row["status"]), utc(row["startedOn"]))
            if not told.get("nextToken"):
                return
            page["nextToken"] = told["nextToken"]

    def start(self, order: Order) -> str:
        """Start a generation; its job's ID.  ``AwsError`` with a code in ``TAKEN``: not now."""
        told = self._call(
            "StartPolicyGeneration",
            policyGenerationDetails={"principalArn": order.principal},
            cloudTrailDetails={
                "trails": [{"cloudTrailArn": order.trail, "allRegions": True}],
                "accessRole": order.access_role,
                "startTime": order.window.start,
                "endTime": order.window.end,
            },
            clientToken=order.token,
        )
        return str(told["jobId"])

    def generated(self, job_id: str) -> Generated:
        """What came of a generation.

        Resources are asked for without placeholders (``${BucketName}``): those must never reach a policy.
        Services of which no action is known are asked for by name.
        """
        told = self._call(
            "GetGeneratedPolicy",
            _NO_RESULT,
            jobId=job_id,
            includeResourcePlaceholders=False,
            includeServiceLevelTemplate=True,
        )
        details, result = told["jobDetails"], told["generatedPolicyResult"]
        error = details.get("jobError")
        looked_at = result["properties"].get("cloudTrailProperties", {})
        trails = looked_at.get("trailProperties", ())
        return Generated(
            state=JobState(details["status"]),
            failure=Failure(str(error["code"]), str(error["message"])) if error else None,
            policies=tuple(str(found["policy"]) for found in result.get("generatedPolicies", ())),
            is_complete=bool(result["properties"].get("isComplete")),
            trail=str(trails[0]["cloudTrailArn"]) if len(trails) == 1 else "",
            all_regions=all(trail.get("allRegions") for trail in trails),
            start=utc(looked_at["startTime"]) if "startTime" in looked_at else None,
            end=utc(looked_at["endTime"]) if "endTime" in looked_at else None,
        )

    def _call(self, operation: str, hints: Mapping[str, str] = _HINTS, **parameters: object) -> Any:  # noqa: ANN401  JSON enters here
        filled = {code: words.format(operation=operation) for code, words in {**_HINTS, **hints}.items()}
        return self._caller.call(operation, filled, **parameters)


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """What ValidatePolicy says of one place of a policy; ``line`` counts from 1, 0 where it names none."""

    kind: str
    """ERROR, SECURITY_WARNING, SUGGESTION or WARNING."""
    code: str
    details: str
    line: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a custom policy check says."""

    passes: bool
    reasons: tuple[str, ...] = ()


class PolicyChecks:
    """Checks of identity policies.  Every method raises ``AwsError``; all but ``validate`` cost money."""

    def __init__(self, caller: Caller) -> None:
        """``caller`` is one of service ``accessanalyzer``."""
        self._caller = caller

    def validate(self, policy: str) -> Iterator[PolicyFinding]:
        """Everything that ValidatePolicy finds in a policy's text."""
        page: dict[str, Any] = {}
        while True:
            told = self._caller.call(
                "ValidatePolicy", policyDocument=policy, policyType=_IDENTITY, locale="EN", **page
            )
            for row in told["findings"]:
                lines = [int(place["span"]["start"]["line"]) for place in row["locations"]]
                yield PolicyFinding(
                    row["findingType"], row["issueCode"], row["findingDetails"], min(lines, default=0)
                )
            if not told.get("nextToken"):
                return
            page["nextToken"] = told["nextToken"]

    def no_new_access(self, existing: str, new: str) -> CheckResult:
        """Whether the new policy allows nothing that the existing one does not."""
        return _checked(
            self._caller.call(
                "CheckNoNewAccess",
                existingPolicyDocument=existing,
                newPolicyDocument=new,
                policyType=_IDENTITY,
            )
        )

    def not_granted(self, policy: str, actions: Sequence[str]) -> CheckResult:
        """Whether a policy grants none of the actions, which may have wildcards; at most 100 of them."""
        return _checked(
            self._caller.call(
                "CheckAccessNotGranted",
                policyDocument=policy,
                access=[{"actions": list(actions)}],
                policyType=_IDENTITY,
            )
        )


def _checked(told: Mapping[str, Any]) -> CheckResult:
    reasons = tuple(str(reason.get("description", "")) for reason in told.get("reasons", ()))
    return CheckResult(told.get("result") == "PASS", reasons or (str(told.get("message", "")),))


def policy_checks(aws: Aws, region: str, account: str) -> PolicyChecks:
    """The checks as an account in a region is given (and charged for) them."""
    return PolicyChecks(aws.caller(SERVICE, region, account))


def policy_generation(aws: Aws, region: str, account: str) -> PolicyGeneration:
    """The generations of an account in a region."""
    return PolicyGeneration(aws.caller(SERVICE, region, account))
