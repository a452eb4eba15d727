"""Steps of users and roles: IAM's calls."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.aws.advice import UNSURE
from leastwise.aws.iam import is_gone
from leastwise.errors import AwsError, PlanError
from leastwise.model.plan import ATTACHED, Operation, Part, says_the_same

if TYPE_CHECKING:
    from leastwise.aws.caller import Clock
    from leastwise.aws.iam import Iam
    from leastwise.aws.iam_writes import IamWrites
    from leastwise.model.plan import Step

FIRST_VERSION = "v1"
PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0)
"""Seconds: how often a new policy is asked for that IAM does not know everywhere yet."""


class IamHand:
    """See ``Hand``."""

    def __init__(self, kind: str, name: str, iam: Iam, writes: IamWrites, clock: Clock) -> None:
        """``kind`` is ``User`` or ``Role``, ``name`` whose policies are written."""
        self._kind = kind
        self._name = name
        self._iam = iam
        self._writes = writes
        self._clock = clock

    def value(self, step: Step) -> str | None:
        """See ``Hand``."""
        try:
            return self._value(step)
        except AwsError as error:
            if is_gone(error):
                return None
            raise

    def _value(self, step: Step) -> str | None:
        if step.operation is Operation.DELETE_VERSION:
            return "" if step.version in self._iam.versions(step.arn) else None
        if step.aspect.part is Part.ATTACHMENT:
            return ATTACHED if step.arn in self._iam.attached_to(self._kind, self._name) else None
        if step.operation in (Operation.PUT_INLINE, Operation.DELETE_INLINE):
            return json.dumps(self._iam.inline(self._kind, self._name, step.name))
        return json.dumps(self._iam.managed(step.arn).document)

    def do(self, step: Step) -> str:
        """See ``Hand``."""
        text = step.after or ""
        match step.operation:
            case Operation.CREATE_POLICY:
                self._writes.create_policy(_path_of(step.arn), step.name, text)
                return FIRST_VERSION
            case Operation.ADD_VERSION:
                return self._add_version(step.arn, text)
            case Operation.SET_DEFAULT:
                return self._set_default(step, text)
            case Operation.DELETE_VERSION:
                self._writes.delete_version(step.arn, step.version)
            case Operation.DELETE_POLICY:
                self._writes.delete_policy(step.arn)
            case _:
                self._held(step, text)
        return ""

    def _add_version(self, arn: str, text: str) -> str:
        """A version more, and no second one where an answer was lost: AWS would make it without a word."""
        for pause in PAUSES:
            try:
                return self._writes.add_version(arn, text)
            except AwsError as error:
                if error.code not in UNSURE:
                    raise
            self._clock.sleep(pause)
            held = self._iam.managed(arn)
            if says_the_same(json.dumps(held.document), text):
                return held.version
        return self._writes.add_version(arn, text)

    def _set_default(self, step: Step, text: str) -> str:
        """A policy that was deleted and made anew counts its versions anew: ``v1`` may say something else."""
        there = json.dumps(self._iam.document(step.arn, step.version))
        if not says_the_same(there, text):
            raise PlanError(
                f"{step.version} of {step.arn} says something else than the plan: somebody made the policy "
                "anew; make a new plan"
            )
        self._writes.set_default(step.arn, step.version)
        return step.version

    def _held(self, step: Step, text: str) -> None:
        """What the principal itself holds: inline policies and attachments."""
        kind, name = self._kind, self._name
        match step.operation:
            case Operation.ATTACH:
                self._attach(step.arn)
            case Operation.DETACH:
                self._writes.detach(kind, name, step.arn)
            case Operation.PUT_INLINE:
                self._writes.put_inline(kind, name, step.name, text)
            case Operation.DELETE_INLINE:
                self._writes.delete_inline(kind, name, step.name)
            case _:
                raise AssertionError(f"only permission sets are provisioned: {step.operation}")

    def _attach(self, arn: str) -> None:
        """A policy that was just created may be unknown for seconds where it is to be attached."""
        for pause in PAUSES:
            try:
                self._writes.attach(self._kind, self._name, arn)
            except AwsError as error:
                if not is_gone(error):
                    raise
                self._clock.sleep(pause)
            else:
                return
        self._writes.attach(self._kind, self._name, arn)


def _path_of(arn: str) -> str:
    """``/leastwise/role/payments-api/`` of a policy's ARN."""
    return arn.partition(":policy")[2].rpartition("/")[0] + "/"
