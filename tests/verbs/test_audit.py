"""``leastwise audit`` on the demo's account: what it writes, keeps to itself, sends and refuses."""

from __future__ import annotations

import gzip
import json
import shutil
from email import message_from_bytes, policy

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from leastwise.cli import cli, main
from leastwise.demo import DEMO_NOW, build_demo

ACCOUNT = "111122223333"
FILES = {"audit.csv", "audit.eml", "audit.html", "audit.json", "audit.txt"}
REGION = "eu-west-1"
CHANNELS = f"""
audit:
  email: {{from: audit@acme.example, to: [security@acme.example], region: {REGION}}}
  sns: {{topic: "arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:audit"}}
"""


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo with all its records in one file, which is read much faster than a thousand."""
    places = build_demo(tmp_path_factory.mktemp("demo"), DEMO_NOW, 3_000)
    files = sorted(places.logs.rglob("*.json.gz"))
    records = [each for file in files for each in json.loads(gzip.decompress(file.read_bytes()))["Records"]]
    shutil.rmtree(places.logs / "AWSLogs")
    (places.logs / "log.json").write_text(json.dumps({"Records": records}), "utf-8")
    return places


@pytest.fixture(autouse=True)
def nowhere(monkeypatch):
    for name in ("GITHUB_ACTIONS", "GITHUB_TOKEN", "GITHUB_STEP_SUMMARY", "LEASTWISE_STATE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(demo, tmp_path):
    """A copy of the demo's repository, beside the same logs; nobody gets the audit."""
    folder = tmp_path / "acme-iam"
    shutil.copytree(demo.root, folder)
    declared = folder / "principals.yaml"
    text, _, _ = declared.read_text("utf-8").partition("\naudit:")
    declared.write_text(f"{text.replace('../logs/', f'{demo.logs}/')}\n", "utf-8")
    return folder


def run(root, *arguments, now=DEMO_NOW, out="out"):
    where = ("--root", str(root), "--now", now.isoformat(), "--out", str(root.parent / out))
    return CliRunner().invoke(cli, ["audit", *where, *arguments])


def exit_code(capsys, *arguments):
    with pytest.raises(SystemExit) as ended:
        main(["audit", *arguments])
    return ended.value.code, capsys.readouterr()


def written(root, out="out"):
    return {file.name: file.read_bytes() for file in (root.parent / out).iterdir()}


def told(root, out="out"):
    return json.loads(written(root, out)["audit.json"])


def test_the_month_just_past_is_written_in_every_form(root):
    result = run(root)
    assert result.exit_code == 0, result.output
    assert "What was new in October 2026 cannot be told: no records before 2026-08-20." in result.output
    assert set(written(root)) == FILES
    assert told(root)["month"] == "2026-10"
    assert len(told(root)["principals"]) == 8
    assert run(root, out="again").exit_code == 0
    assert written(root, "again") == written(root)


def test_nobody_is_named_who_is_no_principal(demo, root):
    people = {
        record["userIdentity"]["arn"].rpartition("/")[2]
        for record in json.loads((demo.logs / "log.json").read_text("utf-8"))["Records"]
        if "/support-console/" in record["userIdentity"].get("arn", "")
    }
    assert len(people) > 1
    run(root)
    run(root, "--whole-account", ACCOUNT, out="whole")
    texts = [content.decode() for out in ("out", "whole") for content in written(root, out).values()]
    assert [name for name in people for text in texts if name in text] == []
    run(root, "--show-people", "--principal", f"arn:aws:iam::{ACCOUNT}:role/support-console", out="people")
    sessions = {each["session"] for each in told(root, "people")["principals"]}
    assert people & sessions
    assert told(root, "people")["notes"] == ["Sessions are told apart, by names of people."]


def test_a_whole_account_shows_root_and_whoever_is_not_enrolled(root):
    assert run(root, "--whole-account", ACCOUNT).exit_code == 0
    found = {each["name"]: each for each in told(root)["principals"]}
    assert found["root"]["kind"] == "root"
    assert not found["legacy-cron"]["enrolled"]
    assert found["payments-api"]["enrolled"]
    assert [name for name, each in found.items() if "DataEngineer" in name and each["enrolled"]]
    (source,) = told(root)["sources"]
    assert "AWS service" in source["coverage"]["excluded"]
    assert "Not enrolled in principals.yaml." in written(root)["audit.txt"].decode()
    run(root, out="enrolled")
    mine = {each["principal"]: each["calls"] for each in told(root, "enrolled")["principals"]}
    whole = {each["principal"]: each["calls"] for each in told(root)["principals"]}
    assert {key: calls for key, calls in mine.items() if key in whole} == {
        key: calls for key, calls in whole.items() if key in mine
    }


def test_a_whole_account_can_be_declared_and_one_principal_asked_for_all_the_same(root):
    declared = root / "principals.yaml"
    declared.write_text(declared.read_text("utf-8") + f'audit: {{whole_accounts: ["{ACCOUNT}"]}}\n', "utf-8")
    run(root)
    assert told(root)["whole_accounts"] == [ACCOUNT]
    run(root, "--principal", "permission-set/DataEngineer", out="one")
    assert [each["principal"] for each in told(root, "one")["principals"]] == ["permission-set/DataEngineer"]


def test_what_is_kept_is_read_and_nothing_is_added_to_it(root):
    state = root.parent / "state"
    kept = ("--root", str(root), "--now", DEMO_NOW.isoformat(), "--state", str(state))
    assert CliRunner().invoke(cli, ["observe", *kept]).exit_code == 0
    before = {file: file.read_bytes() for file in state.rglob("*") if file.is_file()}
    assert before
    assert run(root, "--state", str(state), out="kept").exit_code == 0
    assert {file: file.read_bytes() for file in state.rglob("*") if file.is_file()} == before
    run(root, out="read")
    for mine, other in zip(told(root, "kept")["principals"], told(root, "read")["principals"], strict=True):
        assert mine == other | {"new_cannot_be_told": mine["new_cannot_be_told"], "uses": mine["uses"]}
        assert [use | {"why_it_cannot_be_told": None} for use in mine["uses"]] == [
            use | {"why_it_cannot_be_told": None} for use in other["uses"]
        ]


def test_a_name_that_is_redacted_is_in_no_form(root):
    declared = root / "principals.yaml"
    declared.write_text(declared.read_text("utf-8") + 'redact: ["arn:aws:secretsmanager:*"]\n', "utf-8")
    run(root)
    texts = [content.decode() for content in written(root).values()]
    assert not any("arn:aws:secretsmanager:eu" in text for text in texts)
    assert "arn:(redacted)" in written(root)["audit.csv"].decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--month", "2026-12"), "has not begun"),
        (("--month", "2013-10"), "no record of CloudTrail is older"),
        (("--month", "October"), "is no month: write 2026-10"),
        (("--whole-account", "1234"), "twelve digits"),
        (("--whole-account", ACCOUNT, "--principal", "group/x"), "leave one out"),
        (("--principal", "group/x"), "not enrolled"),
        (("--send",), "nobody is declared to get the audit"),
    ],
)
def test_a_command_line_that_asks_for_what_is_not_there_is_told_what_to_do(root, capsys, arguments, words):
    code, said = exit_code(
        capsys,
        "--root",
        str(root),
        "--now",
        DEMO_NOW.isoformat(),
        "--out",
        str(root.parent / "o"),
        *arguments,
    )
    assert code == 2
    assert words in said.err


def test_where_nobody_is_enrolled_it_says_what_can_be_audited(tmp_path, capsys):
    (tmp_path / "principals.yaml").write_text("version: 1\nprincipals: []\n")
    code, said = exit_code(capsys, "--root", str(tmp_path))
    assert code == 2
    assert "enrols nobody" in said.err


def test_without_a_source_there_is_nothing_to_audit(tmp_path, capsys):
    (tmp_path / "principals.yaml").write_text("version: 1\n")
    code, said = exit_code(capsys, "--root", str(tmp_path), "--whole-account", ACCOUNT)
    assert code == 4
    assert "names no source of evidence" in said.err


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def ready(root, aws):
    """Both channels are declared; SES knows the sender, and SNS has the topic."""
    declared = root / "principals.yaml"
    declared.write_text(declared.read_text("utf-8") + CHANNELS, "utf-8")
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity="audit@acme.example")
    boto3.client("sns", REGION).create_topic(Name="audit")
    return root


def test_it_is_mailed_and_noted(ready):
    result = run(ready, "--send")
    assert result.exit_code == 0, result.output
    assert "mailed by SES to 1 address\n" in result.output
    (mail,) = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert (mail.source, set(mail.destinations)) == ("audit@acme.example", {"security@acme.example"})
    read = message_from_bytes(mail.raw_data.encode(), policy=policy.default)
    assert read["Subject"] == told(ready)["subject"]
    assert read["To"] == "security@acme.example"
    text = written(ready)["audit.txt"].decode()
    assert read.get_body(("plain",)).get_content().split() == text.split()
    (topic,) = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics.values()
    ((_, note, subject, *_),) = topic.sent_notifications
    assert note.split() == text.split()
    assert subject == told(ready)["subject"]


def test_another_job_sends_what_the_first_one_wrote(ready, capsys, monkeypatch):
    run(ready)
    monkeypatch.setattr("leastwise.pipeline.observe", None)
    code, said = exit_code(capsys, "--root", str(ready), "--send-from", str(ready.parent / "out"))
    assert code == 0, said.err
    (mail,) = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert mail.raw_data.encode() == written(ready)["audit.eml"]


def test_a_channel_that_fails_is_said_and_the_other_is_tried(ready, capsys):
    boto3.client("sesv2", REGION).delete_email_identity(EmailIdentity="audit@acme.example")
    run(ready)
    code, said = exit_code(capsys, "--root", str(ready), "--send-from", str(ready.parent / "out"))
    assert code == 5
    assert "the audit was not sent: SES" in said.err
    assert "verify the sender" in said.err
    assert f"published to arn:aws:sns:{REGION}" in said.out


@pytest.mark.parametrize("damage", [None, "[]", "{", '{"format": "leastwise-audit", "version": 2}'])
def test_a_folder_without_an_audit_is_not_sent(ready, capsys, tmp_path, damage):
    for name, text in (("audit.json", damage), ("audit.txt", "x"), ("audit.eml", "Subject: x\n\nx\n")):
        if text:
            (tmp_path / name).write_text(text)
    code, _ = exit_code(capsys, "--root", str(ready), "--send-from", str(tmp_path))
    assert code == 5
    assert ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages == []


def test_in_actions_the_runs_page_shows_the_head_and_the_mail_links_it(root, tmp_path, monkeypatch):
    page = tmp_path / "summary.md"
    variables = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(page),
        "GITHUB_SERVER_URL": "https://github.test",
        "GITHUB_REPOSITORY": "acme/policies",
        "GITHUB_RUN_ID": "7",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert run(root).exit_code == 0
    assert page.read_text("utf-8").startswith("## leastwise audit, October 2026\n")
    assert "| role support-console" in page.read_text("utf-8")
    address = "https://github.test/acme/policies/actions/runs/7"
    assert f'<a href="{address}">' in written(root)["audit.html"].decode()
    assert address in written(root)["audit.txt"].decode()


@pytest.mark.usefixtures("in_a_public_repository")
def test_in_a_public_repository_nothing_is_written(root, tmp_path, capsys):
    code, said = exit_code(capsys, "--root", str(root), "--out", str(tmp_path / "out"))
    assert code == 5
    assert "is public" in said.err
    assert not (tmp_path / "out").exists()
