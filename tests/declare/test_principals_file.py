"""The cases of ``cases/``: a folder each, with a ``principals.yaml``, its problems, and what it is for."""

from __future__ import annotations

import json
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from leastwise.declare.principals_file import read_declaration
from leastwise.declare.yaml_tree import MAX_CHARACTERS, decode
from leastwise.errors import DeclarationError, Problem
from leastwise.model.declared import AthenaSource, Declaration, Keep, PrincipalKind, TrailFilesSource, Trial

CASES = sorted((Path(__file__).parent / "cases").iterdir())
SOUND = [case for case in CASES if not (case / "expected.txt").read_text()]


def text_of(case: Path) -> str:
    return (case / "principals.yaml").read_bytes().decode()


def answer_to(text: str) -> Declaration | tuple[Problem, ...]:
    try:
        return read_declaration(text)
    except DeclarationError as error:
        return error.problems


def problems_of(text: str) -> str:
    answer = answer_to(text)
    return "" if isinstance(answer, Declaration) else "".join(f"{problem}\n" for problem in answer)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_has_exactly_its_problems(case: Path) -> None:
    assert (case / "description").read_text().strip()
    assert problems_of(text_of(case)) == (case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", SOUND, ids=lambda case: case.name)
def test_what_we_accept_an_editor_accepts(case: Path) -> None:
    """Editors read numbers, dates and booleans where we read texts; one schema has to do for both."""
    schema = json.loads(resources.files("leastwise.declare").joinpath("principals.schema.json").read_text())
    as_editors_read = json.loads(json.dumps(yaml.safe_load(text_of(case)), default=date.isoformat))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(as_editors_read)] == []


def test_the_schema_is_a_schema_and_explains_itself() -> None:
    schema = json.loads(resources.files("leastwise.declare").joinpath("principals.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    for name, definition in schema["$defs"]["principal"]["properties"].items():
        referred = schema["$defs"].get(definition.get("$ref", "").rpartition("/")[2], {})
        assert "description" in definition or "description" in referred, name


def test_the_sketch_of_the_design_is_read_whole() -> None:
    declaration = read_declaration(text_of(Path(__file__).parent / "cases" / "sketch-of-the-design"))
    role, permission_set, group = declaration.principals

    assert role.key == "arn:aws:iam::111122223333:role/payments-api"
    assert role.folder == "111122223333/role/payments-api"
    assert role.trial == Trial(date(2026, 11, 1), 90, "arn:aws:iam::aws:policy/PowerUserAccess")
    assert role.sources == ("archive",)
    assert role.owners == ("@acme/payments", "jane.doe@example.com")
    assert role.never == ("iam:*", "kms:*"), "guards add up"
    assert role.keep == (
        Keep("s3:DeleteObject", "arn:aws:s3:::backups/*", date(2027, 3, 31), "quarterly restore drill"),
    )
    assert role.attached == ("shared/logging.json", "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess")

    assert permission_set.kind is PrincipalKind.PERMISSION_SET
    assert permission_set.accounts == ("111122223333", "011122223333")
    assert permission_set.sources == ("lake", "logs")
    assert permission_set.owners == ("@acme/cloud-security",)
    assert permission_set.session_names == ("jane.doe@example.com",)
    assert permission_set.trial == Trial(date(2026, 11, 1), 30)

    assert (group.key, group.accounts, group.trial) == ("group/backend-developers", ("111122223333",), None)
    assert declaration.account_roles == {"111122223333": "arn:aws:iam::111122223333:role/leastwise-read"}
    assert declaration.sources["logs"] == TrailFilesSource(
        "logs", "logs/", "logs/selectors.json", all_regions=True
    )
    assert not declaration.public
    assert declaration.principal("permission-set/DataEngineer") is permission_set


def test_the_only_source_needs_no_naming() -> None:
    text = "version: 1\nsources: {logs: {kind: trail-files, path: logs/}}\nprincipals:\n- group: g\n"
    declaration = read_declaration(text + '  members: ["arn:aws:iam::111122223333:user/alice"]\n')
    assert declaration.principals[0].sources == ("logs",)


def test_whose_role_runs_athenas_queries() -> None:
    table = "kind: athena, workgroup: w, database: d, table: t, region: eu-west-1"
    trail = 'trail: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org"'
    for more, reader in (
        ("", ""),
        (f", {trail}", "111122223333"),
        (f', {trail}, account: "011122223333"', "011122223333"),
    ):
        source = read_declaration(f"version: 1\nsources: {{a: {{{table}{more}}}}}\n").sources["a"]
        assert isinstance(source, AthenaSource)
        assert source.reader == reader


def test_own_lists_replace_defaults_even_when_empty() -> None:
    defaults = 'version: 1\ndefaults: {owners: ["@acme/all"]}\n'
    text = f"{defaults}principals:\n- arn: arn:aws:iam::111122223333:role/a\n"
    assert read_declaration(text).principals[0].owners == ("@acme/all",)
    assert read_declaration(text + "  owners: []\n").principals[0].owners == ()


@pytest.mark.parametrize(
    "empty", ["version: 1\n", "version: 1\nprincipals:\n", "version: '1'\nprincipals: []"]
)
def test_nobody_may_be_enrolled_yet(empty: str) -> None:
    assert read_declaration(empty).principals == ()


def test_a_huge_file_is_refused_unread() -> None:
    assert "at most 1,048,576 characters" in problems_of("#" * (MAX_CHARACTERS + 1))


def test_bytes_that_are_no_utf_8_have_a_place() -> None:
    with pytest.raises(DeclarationError) as caught:
        decode("version: 1\n# Zoë\n".encode("latin-1"), "principals.yaml")
    assert str(caught.value) == "principals.yaml:2:5: expected text in UTF-8, found the byte 0xeb"


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(b"\xef\xbb\xbfversion: 1\n", "principals.yaml") == "version: 1\n"


def test_a_character_that_yaml_forbids_has_a_place() -> None:
    expected = 'principals.yaml:2:3: expected printable text, found the character "\\u0000"\n'
    assert problems_of("version: 1\n# \0\n") == expected


def test_the_path_names_the_file_in_errors() -> None:
    with pytest.raises(DeclarationError, match=r"^other\.yaml:1:1: "):
        read_declaration("[]", "other.yaml")


@pytest.mark.parametrize(
    "bomb",
    [
        "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nversion: 1\n",
        "{" * 5000,
        "- " * 5000,
        "? " * 5000,
        "version: !!python/name:os.system\n",
        "version: !!binary aGk=\n",
        "%TAG ! tag:example.com,2000:\n---\nversion: !x 1\n",
    ],
)
def test_bombs_are_refused(bomb: str) -> None:
    assert problems_of(bomb)


SKETCH = text_of(Path(__file__).parent / "cases" / "sketch-of-the-design")
PIECES = st.sampled_from(
    [*"[]{}:,-&*!|>\"'#% \n\t@", "", "null", "<<", "x", "0", "arn:", "\r\n", "\u2028", "\0"]
)


@given(st.lists(st.tuples(st.integers(0, len(SKETCH)), st.integers(0, 30), PIECES), min_size=1, max_size=4))
def test_however_a_file_is_broken_the_answer_is_a_declaration_or_its_problems(
    cuts: list[tuple[int, int, str]],
) -> None:
    text = SKETCH
    for at, length, piece in cuts:
        text = text[:at] + piece + text[at + length :]
    lines = len(text.splitlines()) + 1
    answer = answer_to(text)
    assert answer
    if not isinstance(answer, Declaration):
        assert all(0 < problem.line <= lines and problem.column > 0 for problem in answer)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    assert answer_to(text)
