"""AWS that refuses, loses answers, or takes the process away at a chosen write."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from leastwise.aws.boto import BotoClient
from leastwise.aws.caller import Refusal
from tests.fakes.aws_wire import TestClock

READS = re.compile(r"^(Get|List|Describe|AssumeRole)")


class Killed(BaseException):
    """The process is gone: nothing of ours may catch it."""


@dataclass
class Faults:
    """What happens at the n-th write (from 0), before AWS has it or after; everybody's writes count."""

    at: dict[int, object] = field(default_factory=dict)
    after: dict[int, object] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    watch: object = None
    """Called after each write that AWS took."""


@contextmanager
def faulty(**what):
    """Every client of leastwise with these faults."""
    faults = Faults(**what)
    true = BotoClient.call

    def call(client, operation, parameters):
        if READS.match(operation):
            return true(client, operation, parameters)
        number = len(faults.seen)
        faults.seen.append(operation)
        if number in faults.at:
            raise faults.at[number]
        answer = true(client, operation, parameters)
        if faults.watch:
            faults.watch()
        if number in faults.after:
            raise faults.after[number]
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(BotoClient, "call", call)
        clock = TestClock(datetime(2026, 11, 23, tzinfo=UTC))
        time = "leastwise.aws.sessions.SystemClock"
        patched.setattr(f"{time}.sleep", lambda _self, seconds: clock.sleep(seconds))
        patched.setattr(f"{time}.now", lambda _self: clock.now())
        yield faults


def refused(code="AccessDenied"):
    return Refusal(code, "as the test wants")
