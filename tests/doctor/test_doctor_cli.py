"""The command lines: ``leastwise doctor``, ``--policy``, and ``--state`` over two runs."""

from __future__ import annotations

import json
from datetime import date

import pytest

from tests.collect.s3_world import ONE, key_of, record
from tests.command_line import run

DECLARED = """version: 1
sources:
  logs: {kind: trail-files, path: logs}
  bucket: {kind: trail-files, path: "s3://org-trail/AWSLogs/"}
defaults: {source: logs}
principals:
  - arn: arn:aws-us-gov:iam::111122223333:role/gov
  - arn: arn:aws:iam::111122223333:role/app
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "principals.yaml").write_text(DECLARED)
    file = tmp_path / "logs" / key_of(ONE, "eu-west-1", date(2026, 11, 4)).removesuffix(".gz")
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"Records": [record(ONE, "2026-11-04")]}))
    return tmp_path


def test_doctor_says_what_a_source_lacks_and_fails(capsys, root):
    code, out, _ = run(capsys, "doctor", "logs", "--root", str(root), "--now", "2026-11-05")
    assert code == 1
    assert "get-event-selectors" in out
    code, out, _ = run(
        capsys, "doctor", "logs", "--root", str(root), "--now", "2026-11-05", "--format", "json"
    )
    assert {row["what"] for row in json.loads(out)} >= {
        "log files of 111122223333",
        "event selectors",
        "regions",
    }


def test_doctor_prints_a_policy_and_nothing_else(capsys, root):
    code, out, err = run(capsys, "doctor", "bucket", "--policy", "--root", str(root))
    assert code == 0
    assert [s["Sid"] for s in json.loads(out)["Statement"]] == ["ListLogFiles", "ReadLogFiles"]
    assert "the identity that leastwise runs as" in err


def test_doctor_prints_the_policy_for_kept_evidence_in_the_right_partition(capsys, root):
    _, out, _ = run(capsys, "doctor", "logs", "--policy", "--state", "s3://kept/x", "--root", str(root))
    assert "arn:aws-us-gov:s3:::kept/x/*" in out


def test_doctor_prints_what_the_jobs_that_send_need_where_somebody_is_told(capsys, root):
    _, _, err = run(capsys, "doctor", "--policy", "--root", str(root))
    assert "the jobs that send" not in err
    mail = "{from: audit@acme.example, to: [security@acme.example], region: eu-west-1}"
    (root / "principals.yaml").write_text(f"{DECLARED}audit:\n  email: {mail}\n")
    _, out, err = run(capsys, "doctor", "--policy", "--root", str(root))
    assert "`notify:` and `audit:`: the role of the jobs that send" in err
    assert "arn:aws:ses:eu-west-1:*:identity/audit@acme.example" in out
    assert "sns:Publish" not in out


def test_doctor_does_not_know_that_source(capsys, root):
    code, _, err = run(capsys, "doctor", "archive", "--root", str(root))
    assert code == 2
    assert "archive is no source of principals.yaml; there are: logs, bucket" in err


def test_a_second_run_shows_what_the_first_one_kept(capsys, root, monkeypatch):
    monkeypatch.chdir(root)
    words = ["observe", "--now", "2026-11-05", "--state", "kept"]
    first = run(capsys, *words)
    for file in (root / "logs").rglob("*.json"):
        file.unlink()
    second = run(capsys, *words)
    assert "s3:GetObject" in first[1]
    assert second[1] == first[1]


def test_a_state_that_is_no_place(capsys, root):
    code, _, err = run(capsys, "observe", "--root", str(root), "--state", "ftp://x")
    assert code == 2
    assert "expected a folder, s3://BUCKET/PREFIX" in err
