"""Enrolling edits the text of ``principals.yaml`` and keeps every other byte."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.declare.enrol import STARTER, Enrolment, enrol
from leastwise.declare.principals_file import read_declaration
from leastwise.errors import DeclarationError, UsageError
from leastwise.model.declared import PrincipalKind, Trial

ARN = "arn:aws:iam::111122223333:role/service/new"
NEW = Enrolment(arn=ARN)
FULL = Enrolment(
    arn=ARN,
    opens=date(2026, 11, 1),
    days=30,
    policy="arn:aws:iam::aws:policy/PowerUserAccess",
    owners=("@acme/payments", "jane@example.com"),
    sources=("logs",),
)
FULL_LINES = """\
  - arn: arn:aws:iam::111122223333:role/service/new
    trial: {opens: 2026-11-01, days: 30, policy: "arn:aws:iam::aws:policy/PowerUserAccess"}
    owners: ["@acme/payments", "jane@example.com"]
    source: logs
"""
A = "arn:aws:iam::111122223333:role/a"
B = "arn:aws:iam::111122223333:role/b"


def enrolled(text: str, entry: Enrolment = NEW) -> str:
    return enrol(text, "principals.yaml", entry)


def test_an_empty_file_becomes_a_commented_starter() -> None:
    assert enrolled("") == f"{STARTER}  - arn: {ARN}\n"


def test_comments_alone_are_kept_above_the_starter() -> None:
    assert enrolled("# ours") == f"# ours\n{STARTER}  - arn: {ARN}\n"


def test_everything_asked_for_is_written_and_read() -> None:
    text = "version: 1\nsources: {logs: {kind: trail-files, path: logs/}}\nprincipals:\n"
    result = enrolled(text, FULL)
    assert result == text + FULL_LINES
    (principal,) = read_declaration(result).principals
    assert principal.trial == Trial(date(2026, 11, 1), 30, "arn:aws:iam::aws:policy/PowerUserAccess")
    assert (principal.owners, principal.sources) == (FULL.owners, ("logs",))


def test_a_permission_set_with_its_accounts() -> None:
    entry = Enrolment(permission_set="DataEngineer", accounts=("111122223333", "011122223333"))
    result = enrolled("version: 1\nprincipals: []\n", entry)
    lines = '  - permission_set: DataEngineer\n    accounts: ["111122223333", "011122223333"]\n'
    assert result == f"version: 1\nprincipals:\n{lines}"
    (principal,) = read_declaration(result).principals
    assert (principal.kind, principal.name) == (PrincipalKind.PERMISSION_SET, "DataEngineer")


@pytest.mark.parametrize("name", ["null", "Yes", "123", "a,b", "@a"])
def test_a_name_that_yaml_would_read_as_something_else_is_quoted(name: str) -> None:
    result = enrolled("", Enrolment(permission_set=name, accounts=("111122223333",)))
    assert f'- permission_set: "{name}"\n' in result


IN_LINES = f"""\
version: 1
principals:
  - arn: {A}
    keep:
      - action: s3:Put*
        until: 2027-01-01
        why: >
          two
          lines
"""
FORMS = {
    "after the last entry, before the comment of the next key": (
        f"version: 1\nprincipals:\n  - arn: {A}  # why\n    never: []\n\n# our\nredact: []\n",
        f"version: 1\nprincipals:\n  - arn: {A}  # why\n    never: []\n  - arn: {ARN}\n\n# our\nredact: []\n",
    ),
    "after the comments of the last entry": (
        f"version: 1\nprincipals:\n  - arn: {A}\n    # steady\n  # - arn: {B}\nredact: []\n",
        f"version: 1\nprincipals:\n  - arn: {A}\n    # steady\n  # - arn: {B}\n  - arn: {ARN}\nredact: []\n",
    ),
    "list without indentation": (
        f"version: 1\nprincipals:\n- arn: {A}\n# of public\npublic: false\n",
        f"version: 1\nprincipals:\n- arn: {A}\n- arn: {ARN}\n# of public\npublic: false\n",
    ),
    "wide dashes": (
        f"version: 1\nprincipals:\n    -   arn: {A}\n",
        f"version: 1\nprincipals:\n    -   arn: {A}\n    -   arn: {ARN}\n",
    ),
    "dash on a line of its own": (
        f"version: 1\nprincipals:\n  -\n    arn: {A}\n",
        f"version: 1\nprincipals:\n  -\n    arn: {A}\n  - arn: {ARN}\n",
    ),
    "blank lines between entries": (
        f"version: 1\nprincipals:\n  - arn: {A}\n\n  - arn: {B}\n",
        f"version: 1\nprincipals:\n  - arn: {A}\n\n  - arn: {B}\n\n  - arn: {ARN}\n",
    ),
    "no final line break": (
        f"version: 1\nprincipals:\n  - arn: {A}",
        f"version: 1\nprincipals:\n  - arn: {A}\n  - arn: {ARN}\n",
    ),
    "carriage returns": (
        f"version: 1\r\nprincipals:\r\n  - arn: {A}\r\nredact: []\r\n",
        f"version: 1\r\nprincipals:\r\n  - arn: {A}\r\n  - arn: {ARN}\r\nredact: []\r\n",
    ),
    "entries in braces": (
        f"version: 1\nprincipals:\n  - {{arn: {A}}}\n  - {{arn: '{B}'}}  # b\n",
        f"version: 1\nprincipals:\n  - {{arn: {A}}}\n  - {{arn: '{B}'}}  # b\n  - arn: {ARN}\n",
    ),
    "a text in lines as the last value": (
        f"{IN_LINES}redact: []\n",
        f"{IN_LINES}  - arn: {ARN}\nredact: []\n",
    ),
    "empty brackets with a comment": (
        "version: 1\nprincipals: []  # nobody yet\nredact: []\n",
        f"version: 1\nprincipals:  # nobody yet\n  - arn: {ARN}\nredact: []\n",
    ),
    "a comment inside empty brackets": (
        "version: 1\nprincipals: [\n  # nobody yet\n]\n",
        f'version: 1\nprincipals: [\n  # nobody yet\n{{arn: "{ARN}"}}]\n',
    ),
    "nothing below the key but a comment": (
        f"version: 1\nprincipals:  # ours\n  # - arn: {A}\n\nredact: []\n",
        f"version: 1\nprincipals:  # ours\n  # - arn: {A}\n  - arn: {ARN}\n\nredact: []\n",
    ),
    "null": ("principals: null\nversion: 1\n", f"principals:\n  - arn: {ARN}\nversion: 1\n"),
    "no such key": ("version: 1\n# the end\n", f"version: 1\n# the end\n\nprincipals:\n  - arn: {ARN}\n"),
    "no such key, no line break": ("version: 1", f"version: 1\n\nprincipals:\n  - arn: {ARN}\n"),
    "no such key before the end of the document": (
        "---\nversion: 1\n...\n",
        f"---\nversion: 1\n\nprincipals:\n  - arn: {ARN}\n...\n",
    ),
    "brackets on one line": (
        f'version: 1\nprincipals: [{{arn: "{A}"}}, {{arn: "{B}"}}]\n',
        f'version: 1\nprincipals: [{{arn: "{A}"}}, {{arn: "{B}"}}, {{arn: "{ARN}"}}]\n',
    ),
    "brackets on many lines": (
        f'version: 1\nprincipals: [\n  {{arn: "{A}"}},\n  {{arn: "{B}"}}\n]\n',
        f'version: 1\nprincipals: [\n  {{arn: "{A}"}},\n  {{arn: "{B}"}},\n  {{arn: "{ARN}"}}\n]\n',
    ),
    "brackets on many lines, last comma and comment": (
        f'version: 1\nprincipals: [\n  {{arn: "{A}"}},  # a\n  {{arn: "{B}"}},  # b\n]',
        f'version: 1\nprincipals: [\n  {{arn: "{A}"}},  # a\n  {{arn: "{B}"}},  # b\n  {{arn: "{ARN}"}},\n]',
    ),
    "brackets that close on the last line": (
        f'version: 1\nprincipals: [\n  {{arn: "{A}"}} ]\n',
        f'version: 1\nprincipals: [\n  {{arn: "{A}"}},\n  {{arn: "{ARN}"}} ]\n',
    ),
    "all in braces": (
        "{version: 1, principals: []}\n",
        f'{{version: 1, principals: [{{arn: "{ARN}"}}]}}\n',
    ),
    "all in braces, no such key": (
        "{version: 1}\n",
        f'{{version: 1, principals: [{{arn: "{ARN}"}}]}}\n',
    ),
    "all in braces, nothing there": (
        "{principals: , version: 1}\n",
        f'{{principals: [{{arn: "{ARN}"}}] , version: 1}}\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), FORMS.values(), ids=list(FORMS))
def test_each_way_to_write_the_file_is_kept(before: str, after: str) -> None:
    assert enrolled(before) == after


@pytest.mark.parametrize("entry", [NEW, Enrolment(permission_set="P", accounts=("111122223333",))])
def test_enrolling_again_says_where_it_stands(entry: Enrolment) -> None:
    text = enrolled("version: 1\nprincipals:\n", entry)
    with pytest.raises(DeclarationError, match=r"^principals\.yaml:3:1: .* enrolled here$"):
        enrolled(text, entry)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (Enrolment(), "Name one principal"),
        (Enrolment(arn=ARN, permission_set="P"), "Name one principal"),
        (Enrolment(permission_set="P"), "in which accounts"),
        (Enrolment(arn=ARN, accounts=("111122223333",)), "Leave out --account"),
        (Enrolment(arn=ARN, days=90), "day on which it opens"),
        (Enrolment(arn=ARN, policy="arn:aws:iam::aws:policy/PowerUserAccess"), "--days"),
        (Enrolment(arn="arn:aws:iam::111122223333:root"), "root user"),
        (Enrolment(arn=f"{ARN}\n  - arn: {A}"), "printable ASCII"),
        (replace(NEW, sources=("nowhere",)), "`sources`"),
        (replace(NEW, owners=("nobody",)), "@user"),
        (replace(NEW, opens=date(2026, 11, 1)), "`days` or `closes`"),
        (replace(NEW, opens=date(2026, 11, 1), days=0), "1 to 3650"),
        (Enrolment(permission_set="P", accounts=("1",)), "twelve-digit"),
    ],
)
def test_what_the_file_could_not_take_is_refused_in_words(entry: Enrolment, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        enrolled("version: 1\n", entry)


def test_two_principals_with_one_folder_are_refused() -> None:
    with pytest.raises(UsageError, match="a folder of its own"):
        enrolled("version: 1\nprincipals: [{arn: 'arn:aws:iam::111122223333:role/other/new'}]\n")


def test_a_file_with_problems_is_not_edited() -> None:
    with pytest.raises(DeclarationError, match="unknown key"):
        enrolled("version: 1\nprincipal: []\n")


def test_the_starter_is_a_declaration_that_takes_the_next_one_too() -> None:
    first = enrolled("")
    second = enrolled(first, Enrolment(arn=A))
    assert second == f"{first}  - arn: {A}\n"


COMMENTS = st.sampled_from(["", "# note", "  # indented note", "      # deep note", " "])
TAILS = st.sampled_from(["", "  # why", " "])
MARGINS = st.integers(0, 4)


@st.composite
def files(draw: st.DrawFn) -> str:
    """Block-style files of every habit: margins, gaps, comments, blank lines, keys after, endings."""
    margin, gap = " " * draw(MARGINS), " " * draw(st.integers(1, 4))
    lines = ["version: 1", draw(COMMENTS), "principals:" + draw(TAILS)]
    for number in range(draw(st.integers(0, 3))):
        lines.append(draw(COMMENTS))
        lines.append(f"{margin}-{gap}arn: arn:aws:iam::111122223333:role/r{number}{draw(TAILS)}")
        if draw(st.booleans()):
            lines.append(
                f"{margin} {gap}never: {draw(st.sampled_from(['[]', '[iam:*, kms:*]', '[iam:*,]']))}"
            )
        lines.append(draw(COMMENTS))
    lines += draw(st.sampled_from([[], ["redact: []"], ["# of public", "public: false", ""]]))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines) + draw(st.sampled_from(["", "\n"]))


@given(files(), st.sampled_from([NEW, Enrolment(permission_set="P", accounts=("111122223333",))]))
def test_one_insertion_and_nothing_else(text: str, entry: Enrolment) -> None:
    """The result is the text with one piece put in, and declares what it did and one principal more."""
    before = read_declaration(text)
    result = enrolled(text, entry)
    added = len(result) - len(text)
    assert any(result[:at] + result[at + added :] == text for at in range(len(text) + 1))
    after = read_declaration(result)
    assert replace(after, principals=before.principals) == before
    assert after.principals[:-1] == before.principals
    assert after.principals[-1].key == entry.key
