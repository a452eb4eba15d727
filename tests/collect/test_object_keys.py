"""Putting another key into what a call on an object means gives what interpreting it would give."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.collect.decode import decode_record
from leastwise.collect.ledger import Ledger, observations
from leastwise.collect.meaning import Meanings
from leastwise.collect.object_keys import blanked
from leastwise.model.event import Locator
from leastwise.reference.interpret import interpret
from tests.collect.logs import record

HERE = Locator("file", 0)


def _call(key: str, name: str = "GetObject", bucket: str = "bucket", **more: Any) -> dict[str, Any]:
    resource = {"type": "AWS::S3::Object", "ARN": f"arn:aws:s3:::{bucket}/{key}"}
    parameters = {
        "bucketName": bucket,
        "Host": f"{bucket}.s3.amazonaws.com",
        "key": key,
        **more.pop("parameters", {}),
    }
    return record(eventName=name, requestParameters=parameters, resources=[resource], **more)


def _asked(meanings: Meanings, ledger: Ledger, call: dict[str, Any]) -> set[tuple[object, ...]]:
    """What one call asks for, by interpreting it with what came before in mind."""
    cells = meanings.of(decode_record(json.dumps(call).encode()), ("p",), HERE).cells
    held = {id(cell.standing_in()) for cell in cells}
    return {
        (entry.subject, entry.context, entry.family, entry.line.parts, entry.line.rolled)
        for entry in ledger.entries()
        if id(entry.line.cell) in held
    }


def _alone(call: dict[str, Any]) -> set[tuple[object, ...]]:
    ledger = Ledger()
    return _asked(Meanings(interpret, ledger), ledger, call)


KEYS = st.sampled_from(
    [
        "a/b",
        "a/c",
        "x/a/b",
        "a/b/",
        "a/*",
        "a/${x}",
        "b",
        "a/\u00e9",
        "a b/c",
        "bucket/key",
        "a//b",
        "k=1/a",
        "-/-",
        "",
    ]
)
CALLS = st.builds(
    lambda key, name, bucket, error, parameters: _call(
        key, name, bucket, parameters=parameters, **({"errorCode": error} if error else {})
    ),
    KEYS,
    st.sampled_from(["GetObject", "PutObject", "HeadObject", "DeleteObject", "CopyObject", "ListParts"]),
    st.sampled_from(["bucket", "a", "b"]),
    st.sampled_from(["", "NoSuchKey", "AccessDenied"]),
    st.sampled_from([{}, {"versionId": "v"}, {"x-amz-copy-source": "other/a/b"}, {"tag": {"key": "a/c"}}]),
)


@given(st.lists(CALLS, max_size=8))
def test_what_came_before_changes_no_meaning(calls):
    ledger = Ledger()
    meanings = Meanings(interpret, ledger)
    for call in calls:
        assert _asked(meanings, ledger, call) == _alone(call)


def test_a_thousand_objects_are_interpreted_once():
    asked = []
    ledger = Ledger()
    meanings = Meanings(lambda event: asked.append(event.name) or interpret(event), ledger)
    for number in range(16):
        meanings.of(decode_record(json.dumps(_call(f"a/{number}")).encode()), ("p",), HERE)
    assert asked == ["GetObject"]
    resources = {key.request.resource for key in observations("s", ledger)}
    assert resources == {f"arn:aws:s3:::bucket/a/{number}" for number in range(16)}


@pytest.mark.parametrize(
    "call",
    [
        _call("plain"),
        _call("a/*"),
        _call("a/b:c"),
        _call("a/\u00e9"),
        _call("a/b", "CopyObject"),
        _call("a/b", eventSource="other.amazonaws.com"),
        _call("a/b", parameters={"prefix": "a/b/c"}),
        _call("a/b", errorMessage="not authorized on resource: arn:aws:s3:::bucket/a/b because"),
        record(requestParameters={"bucketName": "b"}),
    ],
)
def test_a_key_that_may_mean_more_stays_in(call):
    decoded = decode_record(json.dumps(call).encode())
    content = b"\n".join((decoded.request_parameters, decoded.resources, decoded.error_message))
    assert blanked(decoded, content) is None
