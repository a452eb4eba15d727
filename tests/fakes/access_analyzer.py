"""IAM Access Analyzer as documented: one generation at a time, so many a day, a list of seven days.

Requests are read back from the bytes that botocore sends, by the service model's own paths, and every request
and answer is held against that model.  Beside the model:
https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-policy-generation.html ("If you
generate another policy, the existing policy is replaced"), .../access-analyzer-quotas.html, and the examples
of the AWS CLI (``list-policy-generations``: the newest first).
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import botocore.session

from leastwise.aws.caller import Refusal
from tests.fakes.aws_wire import Fault, Wire, response
from tests.fakes.shapes import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.fakes.aws_wire import TestClock

Answer = dict[str, Any]
SERVICE = "accessanalyzer"
KEPT = timedelta(days=7)
LONGEST = timedelta(days=90)


class RestWire(Wire):
    """A wire for services that tell their operations by method and path."""

    def _send(self, request: Any, **_: Any) -> Any:
        parts = urlsplit(request.url)
        self.keys.append(request.headers["Authorization"].decode().split("Credential=")[1].split("/")[0])
        operation, parameters = _operation(request.method, parts.path)
        shape = _model().operation_model(operation).input_shape
        for name, (value,) in parse_qs(parts.query).items():
            parameters[name] = _typed(value, shape.members[name].type_name)
        parameters |= json.loads(request.body) if request.body else {}
        return self._answered(request.url, SERVICE, operation, parameters)

    def _refused(self, url: str, fault: Fault, model: Any) -> Any:
        """As the REST protocol has it: the code is in a header."""
        status, body = refusal(model, fault.code, fault.message)
        return response(url, status, body, {"x-amzn-ErrorType": f"{fault.code}:"})


@dataclass
class Job:
    job_id: str
    principal: str
    trail: Answer
    """As it was asked for: ARN, and all regions or some."""
    start: str | datetime
    end: str | datetime
    started: datetime
    takes: timedelta
    error: tuple[str, str] | None = None
    canceled: datetime | None = None

    @property
    def ended(self) -> datetime:
        return self.canceled or self.started + self.takes

    def status(self, now: datetime) -> str:
        if self.canceled:
            return "CANCELED"
        if now < self.started + self.takes:
            return "IN_PROGRESS"
        return "FAILED" if self.error else "SUCCEEDED"


@dataclass
class FakeAccessAnalyzer:
    """One account and region.

    ``uses`` holds the actions of each principal, ``templates`` services of which only the use is known;
    ``takes`` says how long the next job works, ``fails`` why a principal's jobs fail (code, message).
    ``replaces``: a new generation of a principal replaces what its last one made.
    """

    clock: TestClock
    account: str = "111122223333"
    a_day: int = 50
    uses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    """Principals that were deleted: nothing is started for them."""
    takes: Callable[[], timedelta] = lambda: timedelta(minutes=20)
    fails: Callable[[str], tuple[str, str] | None] = lambda _principal: None
    busy_code: str = "ServiceQuotaExceededException"
    page: int = 5
    replaces: bool = True

    def __post_init__(self) -> None:
        self.jobs: list[Job] = []
        self.by_id: dict[str, Job] = {}
        self.newest: dict[str, Job] = {}
        self.tokens: dict[str, tuple[Answer, str]] = {}
        self.most_at_once = 0

    def operations(self) -> dict[str, Callable[[Answer], Answer]]:
        return {
            "StartPolicyGeneration": self.start,
            "GetGeneratedPolicy": self.get,
            "ListPolicyGenerations": self.list,
            "CancelPolicyGeneration": self.cancel,
        }

    def start(self, request: Answer) -> Answer:
        token = request["clientToken"]
        asked = {name: value for name, value in request.items() if name != "clientToken"}
        if token in self.tokens:
            before, job_id = self.tokens[token]
            if before != asked:
                raise Fault("ConflictException", "the token was used with other parameters")
            return {"jobId": job_id}
        self._check(asked)
        if self._running():
            raise Fault(self.busy_code, "another policy generation is in progress")
        if sum(job.started.date() == self._now().date() for job in self.jobs) >= self.a_day:
            raise Fault("ServiceQuotaExceededException", "the daily limit is reached")
        job = self._made(asked)
        self.tokens[token] = (asked, job.job_id)
        self.most_at_once = max(self.most_at_once, len(self._running()))
        return {"jobId": job.job_id}

    def get(self, request: Answer) -> Answer:
        job = self._job(request["jobId"])
        status = job.status(self._now())
        details: Answer = {"jobId": job.job_id, "status": status, "startedOn": job.started}
        if status == "FAILED" and job.error:
            details["jobError"] = {"code": job.error[0], "message": job.error[1]}
        if status != "IN_PROGRESS":
            details["completedOn"] = job.ended
        result: Answer = {"properties": self._properties(job)}
        if status == "SUCCEEDED":
            result["generatedPolicies"] = [{"policy": text} for text in self._policies(job, request)]
        return {"jobDetails": details, "generatedPolicyResult": result}

    def list(self, request: Answer) -> Answer:
        asked = request.get("principalArn")
        listed = [
            self._row(job)
            for job in reversed(self.jobs)
            if self._is_kept(job) and asked in (None, job.principal)
        ]
        first, many = int(request.get("nextToken", 0)), min(self.page, request.get("maxResults", self.page))
        told: Answer = {"policyGenerations": listed[first : first + many]}
        return {**told, "nextToken": str(first + many)} if first + many < len(listed) else told

    def cancel(self, request: Answer) -> Answer:
        job = self._job(request["jobId"])
        if job.status(self._now()) != "IN_PROGRESS":
            raise Fault("ValidationException", "the policy generation is not in progress")
        job.canceled = self._now()
        return {}

    def _made(self, asked: Answer) -> Job:
        principal = asked["policyGenerationDetails"]["principalArn"]
        details = asked["cloudTrailDetails"]
        job = Job(
            job_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{principal}{len(self.jobs)}")),
            principal=principal,
            trail=details["trails"][0],
            start=details["startTime"],
            end=details["endTime"],
            started=self._now(),
            takes=self.takes(),
            error=self.fails(principal),
        )
        self.jobs.append(job)
        self.by_id[job.job_id] = self.newest[principal] = job
        return job

    def _check(self, asked: Answer) -> None:
        principal = asked["policyGenerationDetails"]["principalArn"]
        details = asked["cloudTrailDetails"]
        if principal in self.gone:
            raise Fault("ValidationException", f"principal {principal} does not exist")
        for arn in (principal, details["accessRole"]):
            if arn.split(":")[4] != self.account:
                raise Fault("ValidationException", f"{arn} is not of account {self.account}")
        start, end = _moment(details["startTime"]), _moment(details["endTime"])
        if not timedelta() < end - start <= LONGEST:
            raise Fault("ValidationException", "the time range must be at most 90 days")

    def _running(self) -> list[Job]:
        return [job for job in self.jobs if job.status(self._now()) == "IN_PROGRESS"]

    def _row(self, job: Job) -> Answer:
        status = job.status(self._now())
        row = {
            "jobId": job.job_id,
            "principalArn": job.principal,
            "status": status,
            "startedOn": job.started,
        }
        return row if status == "IN_PROGRESS" else {**row, "completedOn": job.ended}

    def _is_kept(self, job: Job) -> bool:
        return self._now() - job.started < KEPT

    def _job(self, job_id: str) -> Job:
        job = self.by_id.get(job_id)
        if job is None or not self._is_kept(job) or (self.replaces and self.newest[job.principal] is not job):
            raise Fault("ValidationException", "no such job")
        return job

    def _properties(self, job: Job) -> Answer:
        return {
            "isComplete": not self.templates.get(job.principal),
            "principalArn": job.principal,
            "cloudTrailProperties": {
                "trailProperties": [{"regions": [], **job.trail}],
                "startTime": _moment(job.start),
                "endTime": _moment(job.end),
            },
        }

    def _policies(self, job: Job, request: Answer) -> list[str]:
        """The actions as AWS writes them, a few to a policy; ``Resource`` as it was asked for."""
        actions = sorted(self.uses.get(job.principal, ()))
        resource = "arn:aws:s3:::${BucketName}" if request.get("includeResourcePlaceholders") else "*"
        groups = [actions[first : first + 20] for first in range(0, len(actions), 20)]
        if request.get("includeServiceLevelTemplate"):
            groups += [[f"{service}:*"] for service in self.templates.get(job.principal, ())]
        return [_policy(number, group, resource) for number, group in enumerate(groups)]

    def _now(self) -> datetime:
        return self.clock.moment()


def _moment(written: str | datetime) -> datetime:
    """A time as the wire writes it, or as a caller without a wire gives it."""
    return datetime.fromisoformat(written) if isinstance(written, str) else written


class Direct:
    """A ``Client`` without the wire, for simulations of many calls."""

    def __init__(self, operations: Mapping[str, Callable[[Answer], Answer]]) -> None:
        self._operations = operations

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Answer:
        try:
            return self._operations[operation](dict(parameters))
        except Fault as fault:
            raise Refusal(fault.code, fault.message) from fault


def _policy(number: int, actions: list[str], resource: str) -> str:
    statement = {
        "Sid": f"SupportedServiceSid{number}",
        "Effect": "Allow",
        "Action": actions,
        "Resource": resource,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@cache
def _model() -> Any:
    """See ``aws_wire._model``: read once for all tests of a process."""
    return botocore.session.get_session().get_service_model(SERVICE)


def _operation(method: str, path: str) -> tuple[str, Answer]:
    """The operation of a request line, with the parameters that its path holds."""
    for name in _model().operation_names:
        http = _model().operation_model(name).http
        pattern = re.sub(r"\{(\w+)\+?\}", r"(?P<\1>[^/]+)", http["requestUri"])
        found = re.fullmatch(pattern, path)
        if found and http["method"] == method:
            return name, {key: unquote(value) for key, value in found.groupdict().items()}
    raise AssertionError(f"{method} {path} is no operation of {SERVICE}")


def _typed(value: str, type_name: str) -> object:
    return {"boolean": lambda: value == "true", "integer": lambda: int(value)}.get(type_name, lambda: value)()
