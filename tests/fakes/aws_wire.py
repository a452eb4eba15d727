"""AWS behind botocore's own wire: real clients, real signing and parsing, our answers.

Every request is read back from the bytes that botocore would send, and it and every response are held against
botocore's service models; a member that the model does not know is an error of the test.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.awsrequest
import botocore.session

from tests.fakes.shapes import hold, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Answer = dict[str, Any]
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"


class Fault(Exception):  # noqa: N818  it is an answer
    """An error that AWS answers with."""

    def __init__(self, code: str, message: str = "as the test wants") -> None:
        super().__init__(code)
        self.code, self.message = code, message


class Killed(BaseException):
    """The process is gone: no handler of its own runs any more."""


class TestClock:
    """Time that passes only when somebody sleeps."""

    __test__ = False

    def __init__(self, now: datetime) -> None:
        self._now = now.timestamp()
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self._now, UTC)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._now += seconds


class Wire:
    """Answers for boto3: service -> operation -> function from parameters to the response."""

    def __init__(self, services: Mapping[str, Mapping[str, Callable[..., Answer]]]) -> None:
        self._services = services
        self.calls: list[tuple[str, Answer]] = []
        self.keys: list[str] = []
        self.faults: dict[str, list[Fault | None]] = {}
        """Operation -> what its next calls answer: a fault, or ``None`` for the true answer."""
        self.lives: int | None = None
        """How many more calls the process lives to make; ``None``: any number."""

    def session(self, region: str | None = None) -> boto3.Session:
        """A boto3 session that reaches nothing else (but moto, where a test uses that too)."""
        core = botocore.session.Session(profile=None)
        core.set_credentials(ACCESS_KEY, "secret")
        core.get_component("event_emitter").register_first("before-send", self._send)
        return boto3.Session(botocore_session=core, region_name=region)

    def names(self) -> list[str]:
        """The operations called so far."""
        return [name for name, _ in self.calls]

    def _send(self, request: Any, **_: Any) -> botocore.awsrequest.AWSResponse:
        service = request.url.split("//")[1].split(".")[0]
        service = ENDPOINTS.get(service, service)
        if service != "sts" and service not in self._services:
            return None  # another fake's, or an error of pytest-socket's
        self.keys.append(request.headers["Authorization"].decode().split("Credential=")[1].split("/")[0])
        if service == "sts":
            return self._sts(request)
        operation = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        parameters = json.loads(request.body)
        return self._answered(request.url, service, operation, parameters)

    def _answered(self, url: str, service: str, operation: str, parameters: Answer) -> Any:
        model = _model(service).operation_model(operation)
        hold(model.input_shape, parameters)
        self.calls.append((operation, parameters))
        try:
            self._fail(operation)
            answer = self._services[service][operation](parameters)
        except Fault as fault:
            return self._refused(url, fault, model)
        if model.output_shape is not None:
            hold(model.output_shape, answer)
        return response(url, 200, answer)

    def _refused(self, url: str, fault: Fault, model: Any) -> Any:
        """As the JSON protocol has it: the code is in the body."""
        status, body = refusal(model, fault.code, fault.message)
        return response(url, status, {"__type": fault.code, **body})

    def _sts(self, request: Any) -> Any:
        body = request.body if isinstance(request.body, str) else request.body.decode()
        if "Action=GetCallerIdentity" in body:
            return None  # moto's
        self.calls.append(("AssumeRole", {"body": body}))
        number = self.names().count("AssumeRole")
        text = (
            '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
            f"<AccessKeyId>ASIAASSUMED{number:05d}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
            "<SessionToken>t</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration></Credentials>"
            "</AssumeRoleResult></AssumeRoleResponse>"
        )
        return botocore.awsrequest.AWSResponse(request.url, 200, {}, _Raw(text.encode()))

    def _fail(self, operation: str) -> None:
        if self.lives is not None:
            self.lives -= 1
            if self.lives < 0:
                raise Killed
        planned = self.faults.get(operation)
        fault = planned.pop(0) if planned else None
        if fault is not None:
            raise fault


ENDPOINTS = {"sso": "sso-admin"}
"""Services whose endpoint has another name."""


@cache
def _model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


def response(url: str, status: int, body: Answer, headers: Mapping[str, str] | None = None) -> Any:
    raw = json.dumps(body, default=lambda moment: moment.timestamp()).encode()
    told = {"Content-Type": "application/x-amz-json-1.1", **(headers or {})}
    return botocore.awsrequest.AWSResponse(url, status, told, _Raw(raw))


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *_: Any, **__: Any) -> list[bytes]:
        return [self._body]
