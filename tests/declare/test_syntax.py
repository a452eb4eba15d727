"""Broken YAML, as people break it: the place, what is wrong, and what to write instead."""

from __future__ import annotations

import codecs

import pytest

from leastwise.declare.yaml_tree import decode, read_tree
from leastwise.errors import DeclarationError

ROLE = "arn:aws:iam::111122223333:role/a"


def complaint(text: str) -> str:
    with pytest.raises(DeclarationError) as caught:
        read_tree(text, "p")
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            f"- arn: {ROLE}\n trial: 1\n",
            (
                "p:2:2: expected indentation that fits the lines above (their block begins on "
                "line 1, column 1), found a key"
            ),
        ),
        (
            f"- arn: {ROLE}\n    trial: 1\n",
            (
                "p:2:10: expected the indentation of the line above, or quotes around a text that holds "
                '": ", found a ":" that cannot stand here'
            ),
        ),
        (f"- arn: {ROLE}\n\ttrial: 1\n", "p:2:1: expected spaces for indentation, found a tab"),
        (
            "principals: - arn: x\n",
            'p:1:13: expected every "- " at the start of a line of its own, found a "-"',
        ),
        (
            '- arn: "arn:aws\n  x: y\n',
            (
                "p:3:1: expected the closing quote of the text that begins on line 1, column 8, "
                "found the end of the file"
            ),
        ),
        (
            "never: [*]\n",
            'p:1:10: expected quotes around a text that begins with * or &, as in "*", found none',
        ),
        (
            "keep: [{why: a: b}]\n",
            (
                'p:1:15: expected "," or "}" of the bracket on line 1, column 8, or quotes around a text '
                'that holds ": ", found a ":"'
            ),
        ),
        ("version 1\nprincipals:\n", "p:2:11: expected the indentation of the line above, or quotes"),
        (
            "a: 1\nversion\nb: 2\n",
            "p:3:1: expected a colon and a space after the key on line 2, column 1, found none",
        ),
    ],
)
def test_each_slip_has_its_remedy(text: str, words: str) -> None:
    assert complaint(text).startswith(words)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_another_encoding_is_named(encoding: str) -> None:
    mark = codecs.BOM_UTF16_BE if encoding == "utf-16-be" else b""
    with pytest.raises(DeclarationError) as caught:
        decode(mark + "version: 1\n".encode(encoding), "p")
    named = encoding.upper().removesuffix("-BE")
    assert (
        str(caught.value) == f"p:1:1: expected text in UTF-8, found text in {named}: save the file as UTF-8"
    )


def test_another_encoding_without_its_mark_is_guessed_at() -> None:
    assert complaint(decode("version: 1\n".encode("utf-16-le"), "p")).endswith("as in a file saved as UTF-16")
