"""A mistake on the command line gets advice and the documented exit code, never a traceback."""

from __future__ import annotations

import json

import pytest

from tests.command_line import run

WIDE = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wide.json").write_text(WIDE)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\n")
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "text.txt").write_text("zz")
    (tmp_path / "empty").mkdir()
    return tmp_path


@pytest.mark.parametrize(
    ("option", "file", "advice"),
    [
        ("--certificate", "binary", "not UTF-8"),
        ("--certificate", "list.json", "no JSON object"),
        ("--certificate", "text.txt", "not JSON"),
        ("--evidence", "binary", "not UTF-8"),
    ],
)
def test_what_is_no_certificate_or_evidence_is_said_to_be_none(capsys, option, file, advice):
    code, _, said = run(capsys, "prove", "wide.json", "wide.json", option, file)
    assert code == 2
    assert advice in said
    assert "leastwise" in said.partition(advice)[2]


@pytest.mark.parametrize(
    "line",
    [
        '{"action": 1, "resource": "*"}',
        '{"action": "s3:GetObject", "resource": ["arn:aws:s3:::b/k"]}',
        '{"action": "s3:GetObject", "resource": ""}',
        '{"action": "GetObject", "resource": "*"}',
        '{"action": "s3:Get*", "resource": "*"}',
        '{"action": "s3:GetObject", "resource": "*", "context": {"a": {}}}',
        "[]",
        "{",
    ],
)
def test_a_line_that_is_no_request_is_named(capsys, folder, line):
    good = '{"action": "s3:GetObject", "resource": "arn:aws:s3:::b/k"}'
    (folder / "requests.jsonl").write_text(f"{good}\n{line}\n")
    code, shown, said = run(capsys, "replay", "--policy", "wide.json", "--requests", "requests.jsonl")
    assert (code, shown.split()[0]) == (2, "ALLOW")
    assert "line 2 of the requests: expected one action on one resource" in said


def test_requests_that_are_no_text_are_said_to_be_none(capsys):
    code, _, said = run(capsys, "replay", "--policy", "wide.json", "--requests", "binary")
    assert code == 2
    assert "not UTF-8" in said


def test_a_folder_without_logs_is_no_success(capsys):
    code, _, said = run(capsys, "trace", "empty")
    assert code == 4
    assert "no record was found" in said


def test_without_a_source_there_is_no_evidence_to_speak_of(capsys):
    role = "arn:aws:iam::111122223333:role/app"
    assert run(capsys, "enrol", role)[0] == 0
    for verb in ("observe", "diff", "propose"):
        code, _, said = run(capsys, verb)
        assert code == 4
        assert "add one below `sources:`" in said


def test_selectors_that_are_not_there_are_asked_for(capsys, folder):
    run(capsys, "enrol", "arn:aws:iam::111122223333:role/app")
    (folder / "principals.yaml").write_text(
        "version: 1\nsources:\n  logs: {kind: trail-files, path: empty, selectors: nowhere.json}\n"
        "principals:\n  - arn: arn:aws:iam::111122223333:role/app\n"
    )
    code, _, said = run(capsys, "observe")
    assert code == 4
    assert "get-event-selectors" in said
    assert "Errno" not in said


def test_a_trial_policy_without_a_trial_asks_for_its_length(capsys):
    code, _, said = run(
        capsys, "enrol", "arn:aws:iam::111122223333:role/app", "--policy", "arn:aws:iam::aws:policy/X"
    )
    assert code == 2
    assert "--days" in said


def test_evidence_without_a_base_is_not_passed_over(capsys):
    code, _, said = run(capsys, "check", "--evidence", "wide.json")
    assert code == 2
    assert "--base" in said


def test_a_mistake_in_a_file_begins_with_its_place_for_editors_to_jump_to(capsys, folder):
    (folder / "principals.yaml").write_text("version: 1\nprincipal: []\n")
    code, _, said = run(capsys, "check")
    assert (code, said) == (
        3,
        'principals.yaml:2:1: expected `principals`, found the unknown key "principal"\n',
    )


def test_what_is_no_mistake_and_yet_not_meant_is_a_note(capsys, folder):
    keep = "keep: [{action: 's3:Get*', until: 2026-10-31, why: drill}]"
    (folder / "principals.yaml").write_text(
        f"version: 1\nprincipals:\n  - arn: arn:aws:iam::111122223333:role/app\n    {keep}\n"
    )
    assert "is past" not in run(capsys, "check", "--now", "2026-10-31")[1]
    code, shown, _ = run(capsys, "check", "--now", "2026-11-01")
    assert code == 0
    assert "principals.yaml:3: keep s3:Get* until 2026-10-31: that day is past, nothing is kept." in shown
    assert "names no `sources`" in shown


def test_enrolling_says_which_policy_is_still_missing_and_how_to_get_it(capsys):
    policy = "arn:aws:iam::aws:policy/PowerUserAccess"
    role = "arn:aws:iam::111122223333:role/app"
    code, shown, _ = run(capsys, "enrol", role, "--days", "90", "--policy", policy)
    assert code == 0
    assert (
        "still missing: the file policies/aws/PowerUserAccess.json (made by: mkdir -p policies/aws" in shown
    )


def test_a_permission_set_by_the_name_of_other_verbs_is_enrolled_with_its_option(capsys):
    code, _, said = run(capsys, "enrol", "permission-set/DataEngineer")
    assert code == 2
    assert "--permission-set DataEngineer --account" in said


def test_a_folder_in_the_place_of_the_file_is_no_defect(capsys, folder):
    (folder / "principals.yaml").mkdir()
    for verb in (["check"], ["enrol", "arn:aws:iam::111122223333:role/app"]):
        assert run(capsys, *verb)[0] == 3
