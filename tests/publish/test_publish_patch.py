"""The law of patches: what git makes of ``before`` with the patch is ``after``, byte for byte."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.model.proposal import FileChange
from leastwise.publish.patch import patch
from tests.scratch_git import git


def applied(folder: Path, files: list[FileChange], below: str = "policies/") -> None:
    """Put the old files there, apply the patch with git, and compare."""
    for change in files:
        if change.before is not None:
            file = folder / below / change.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(change.before.encode())
    text = patch(files, below)
    if text:
        (folder / "the.patch").write_bytes(text.encode())
        git(folder, "apply", "--whitespace=nowarn", "the.patch")
    for change in files:
        file = folder / below / change.path
        found = file.read_bytes().decode() if file.exists() else None
        assert found == change.after, text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{\n}\n", "{\n  1\n}\n"),
        (None, '{"new": 1}\n'),
        (None, "no final newline"),
        (None, ""),
        ("", "was empty\n"),
        ("gone\n", None),
        ("gone, no newline", None),
        ("", None),
        ("{\r\n}\r\n", "{\r\n 1\r\n}\r\n"),
        ("a", "a\n"),
        ("a\n", "a"),
        ("a\nb", "a\nc"),
        ("mixed\r\nends\n\x0c\u2028\x85", "mixed\nends\r\n\x0c\u2028\x85"),
        ("same", "same"),
    ],
)
def test_git_applies_it(tmp_path, before, after):
    applied(tmp_path, [FileChange("1/role/x/p.json", before, after)])


@pytest.mark.parametrize(
    "name", ["with blank.json", 'quo"te.json', "back\\slash.json", "tab\t.json", "ünïcode.json"]
)
def test_odd_names(tmp_path, name):
    applied(tmp_path, [FileChange(name, None, "1\n"), FileChange(f"two/{name}", "1\n", "2\n")])


def test_a_patch_made_in_a_subfolder_counts_from_the_top(tmp_path):
    applied(tmp_path, [FileChange("a.json", "1\n", "2\n")], "infra/iam/policies/")


lines = st.lists(
    st.sampled_from(["{", "}", "  1,", "", "\r", "\\ No newline", "--- a", "+"]), max_size=12
).map("\n".join)


@settings(max_examples=40, deadline=None)
@given(st.none() | lines, st.none() | lines)
def test_any_change_applies(before, after):
    with tempfile.TemporaryDirectory() as folder:
        applied(Path(folder), [FileChange("a.json", before, after), FileChange("b.json", after, before)])
