"""Calls that differ only in what interpreting never looks at are interpreted once, and mean the same."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.collect.decode import decode_record
from leastwise.collect.ledger import Ledger
from leastwise.collect.meaning import Meanings
from leastwise.model.event import Locator
from leastwise.reference.interpret import interpret
from tests.collect.logs import record

HERE = Locator("file", 0)
KEY = "arn:aws:kms:eu-west-1:111122223333:key/0d6c1f3e-5b1a-4f0e-9c55-0a2b7d9e4c11"


def decrypt(event_id="e", region="eu-west-1", key=KEY, **parameters):
    return record(
        event_id,
        eventSource="kms.amazonaws.com",
        eventName="Decrypt",
        awsRegion=region,
        requestParameters={"keyId": key, **parameters},
    )


def meaning(meanings, call):
    return meanings.of(decode_record(json.dumps(call).encode()), ("p",), HERE)


def counting():
    asked = []
    return asked, Meanings(lambda event: asked.append(event) or interpret(event), Ledger())


def test_what_is_never_looked_at_makes_no_other_call():
    asked, meanings = counting()
    found = [meaning(meanings, decrypt(encryptionContext={"object": str(n)})) for n in range(9)]
    assert len(asked) == 1
    assert all(each.cells[0] is found[0].cells[0] for each in found)


@pytest.mark.parametrize(
    "other",
    [
        {"key": KEY.replace("0d6c", "1d6c")},
        {"region": "us-east-1"},
        {"encryptionAlgorithm": "RSAES_OAEP_SHA_256"},
        {"grantTokens": [{"nested": {"encryptionContext": 1}}]},
    ],
)
def test_what_is_looked_at_does(other):
    asked, meanings = counting()
    meaning(meanings, decrypt(encryptionContext={"a": "b"}))
    meaning(meanings, decrypt(encryptionContext={"a": "b"}, **other))
    assert len(asked) == 2


MEMBERS = st.dictionaries(
    st.sampled_from(["keyId", "encryptionContext", "EncryptionContext", "numberOfBytes", "limit", "grants"]),
    st.sampled_from([KEY, "x", 1, None, {"a": [1, "1"]}, ["1", 1], True]),
)


@given(st.lists(MEMBERS, max_size=8))
def test_what_came_before_changes_no_meaning(calls):
    ledger = Ledger()
    meanings = Meanings(interpret, ledger)
    for parameters in calls:
        call = record("e", eventSource="kms.amazonaws.com", eventName="Decrypt", requestParameters=parameters)
        alone = Ledger()
        meaning(Meanings(interpret, alone), call)
        before = {id(cell) for cell in meaning(meanings, call).cells}
        lines = {
            (entry.subject, entry.context, entry.family, entry.line.parts)
            for entry in ledger.entries()
            if id(entry.line.cell) in before
        }
        assert lines == {
            (entry.subject, entry.context, entry.family, entry.line.parts) for entry in alone.entries()
        }
