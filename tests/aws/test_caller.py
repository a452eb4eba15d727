"""Calls of AWS: paced, tried again, renewed, and refused in words that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leastwise.aws.advice import PASSING
from leastwise.aws.caller import ATTEMPTS, LONGEST_PAUSE, Caller, Refusal
from leastwise.errors import AwsError
from tests.fakes.aws_wire import TestClock


class Scripted:
    """A client that answers with what the test has written down."""

    def __init__(self, answers):
        self.answers = answers

    def call(self, _operation, parameters):
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            raise Refusal(answer, "as AWS says.")
        return {**answer, **parameters}


def caller(answers, paces=None):
    clock = TestClock(datetime(2026, 11, 23, tzinfo=UTC))
    connections = []

    def connect():
        connections.append(1)
        return Scripted(answers)

    return Caller("athena", "eu-west-1", connect, clock, paces or {}), clock, connections


def test_an_answer():
    made, clock, connections = caller([{"a": 1}, {"b": 2}])
    assert made.call("GetX", Name="n") == {"a": 1, "Name": "n"}
    assert made.call("GetX") == {"b": 2}
    assert (clock.slept, len(connections)) == ([], 1)


@pytest.mark.parametrize("code", sorted(PASSING))
def test_what_passes_is_tried_again(code):
    made, clock, _ = caller([code, code, {"a": 1}])
    assert made.call("GetX") == {"a": 1}
    assert clock.slept == [0.5, 1.0]


def test_patience_ends():
    made, clock, _ = caller(["Throttling"] * ATTEMPTS)
    with pytest.raises(
        AwsError, match="athena:GetX in eu-west-1: AWS answers Throttling: as AWS says; AWS was asked"
    ):
        made.call("GetX")
    assert len(clock.slept) == ATTEMPTS - 1
    assert max(clock.slept) == LONGEST_PAUSE


def test_expired_credentials_are_renewed_once():
    made, _, connections = caller(["ExpiredToken", {"a": 1}])
    assert made.call("GetX") == {"a": 1}
    assert len(connections) == 2
    made, _, _ = caller(["ExpiredToken", "ExpiredToken"])
    with pytest.raises(AwsError, match="renew your AWS credentials"):
        made.call("GetX")


def test_calls_keep_their_pace():
    made, clock, _ = caller([{}] * 7, {"StartX": 3})
    for _ in range(4):
        made.call("StartX")
    assert clock.slept == pytest.approx([1 / 3] * 3)
    for _ in range(3):
        made.call("GetX")
    assert len(clock.slept) == 3


def test_a_clock_that_is_set_back_costs_no_hour():
    made, clock, _ = caller([{}] * 2, {"StartX": 3})
    made.call("StartX")
    clock.sleep(-3_600)
    made.call("StartX")
    assert clock.slept[-1] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "allow athena:GetX to the identity"),
        ("RequestTimeTooSkewed", "set this machine's clock"),
        ("SignatureDoesNotMatch", "set this machine's clock"),
        ("UnrecognizedClientException", "check the profile"),
        ("NoCredentials", "give AWS credentials"),
    ],
)
def test_advice(code, words):
    made, _, _ = caller([code])
    with pytest.raises(AwsError, match=words) as refused:
        made.call("GetX")
    assert refused.value.code == code


def test_a_hint_of_the_operation_comes_first():
    made, _, _ = caller(["AccessDenied"])
    with pytest.raises(AwsError, match=r"AWS answers AccessDenied: as AWS says; ask the owner$"):
        made.call("GetX", {"AccessDenied": "ask the owner"})


def test_an_unheard_of_error_is_told_as_it_is():
    made, _, _ = caller(["Odd"])
    with pytest.raises(AwsError, match=r"AWS answers Odd: as AWS says$"):
        made.call("GetX")
