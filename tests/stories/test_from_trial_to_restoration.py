"""One role on moto: trial, first policy, applied, tightened, applied, a denial, restored, applied."""

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import boto3
import pytest

from leastwise.apply.journal_files import name_of, pack, unpack
from leastwise.demo.day import Moment
from leastwise.demo.records import ACCOUNT as DEMO_ACCOUNT
from leastwise.demo.records import denied, role_session, s3_object
from leastwise.demo.write import write_selectors, write_trail
from leastwise.repo import Identity, Repository
from leastwise.store.generations import Generations
from leastwise.store.objects import FolderObjects
from tests.builders import allow, policy
from tests.command_line import run
from tests.fakes.iam_account import ACCOUNT, aws_managed, environment, mocked
from tests.scratch_git import git

START = datetime(2026, 1, 5, tzinfo=UTC)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reports"
DECLARED = f"""\
version: 1
sources: {{logs: {{kind: trail-files, path: logs/, selectors: logs/selectors.json, regions: all}}}}
defaults: {{source: logs}}
principals:
  - arn: {ROLE}
    ownership: apply
    trial: {{opens: {START.date()}, days: 90, policy: "arn:aws:iam::aws:policy/PowerUserAccess"}}
"""
EVERYTHING = allow(["s3:*"], "*")
READ, WRITE = ("GetObject", "PutObject")
KEY = "2026/q1.csv"


class Story:
    def __init__(self, folder, iam, capsys):
        self.folder, self.iam, self.capsys = folder, iam, capsys
        self.repository = Repository.open(folder)
        self.number = 0
        self.err = ""

    def run(self, verb, now, *words, state=True, code=None):
        kept = ["--state", str(self.folder / "state")] if state else []
        line = [verb, "--root", self.folder, "--now", now.isoformat(), *kept, *words]
        ended, said, self.err = run(self.capsys, *line)
        assert ended in ((0, 1) if code is None else (code,)), self.err
        return said

    def work(self, first, days, *calls):
        """A call of each kind on each of the days, by two sessions."""
        moments = [
            Moment(first + timedelta(days=day, hours=9), session(f"run-{day % 2}"), on_key(call))
            for day in range(days)
            for call in calls
        ]
        self.write(moments, first)

    def write(self, moments, first):
        write_trail(self.folder / "logs", moments, Random(first.toordinal()))  # noqa: S311
        for file in (self.folder / "logs").rglob("*.json.gz"):
            rename(file)

    def proposed(self, verb, now, *words):
        """The only proposal: its kind and its title, once it is merged as a pull request would be."""
        out = self.folder / "out"
        self.run(verb, now, "--publish", "handover", "--out", str(out), *words)
        handover = json.loads((out / "handover.json").read_text())
        assert len(handover["proposals"]) == 1, handover["reports"][0]["withheld"]
        (found,) = handover["proposals"]
        self.number += 1
        files = {f"policies/{file['path']}": file["after"] for file in found["files"]}
        self.commit(files, f"{found['title']} (#{self.number})", now)
        return found["kind"], found["title"]

    def commit(self, files, message, now):
        head = self.repository.commit_id("HEAD")
        made = self.repository.commit(head, files, message, Identity("Ada", "ada@example.com"), now)
        self.repository.set_branch("main", made)

    def apply(self, now):
        told = json.loads(self.run("plan", now, "--format", "json", state=False))
        (fingerprint,) = {found for found in strings(told) if len(found) == 64 and is_hex(found)}
        self.run("apply", now, fingerprint)

    def live(self):
        """Action -> resources of all that the role holds."""
        held = {}
        for each in self.iam.list_attached_role_policies(RoleName="reports")["AttachedPolicies"]:
            default = self.iam.get_policy(PolicyArn=each["PolicyArn"])["Policy"]["DefaultVersionId"]
            version = self.iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId=default)
            for statement in version["PolicyVersion"]["Document"]["Statement"]:
                actions = statement["Action"]
                for action in actions if isinstance(actions, list) else [actions]:
                    held[action] = statement["Resource"]
        return held


def on_key(call):
    return s3_object(call, "ledger", KEY)


def session(name):
    return role_session("reports", name, "10.0.0.1", "Boto3")


def rename(file):
    """The demo's records are of the demo's account: let them be of moto's."""
    text = gzip.decompress(file.read_bytes())
    file.write_bytes(gzip.compress(text.replace(DEMO_ACCOUNT.encode(), ACCOUNT.encode())))


def strings(value):
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(each)


def is_hex(text):
    return not {*text} - {*"0123456789abcdef"}


@pytest.fixture
def story(tmp_path, monkeypatch, capsys):
    environment(monkeypatch)
    folder = tmp_path / "repo"
    aws = folder / "policies" / "aws" / "PowerUserAccess.json"
    aws.parent.mkdir(parents=True)
    aws.write_text(policy(EVERYTHING))
    (folder / "principals.yaml").write_text(DECLARED)
    write_selectors(folder / "logs" / "selectors.json")
    git(folder, "init", "-q")
    git(folder, "add", "principals.yaml", "policies")
    git(folder, "commit", "-q", "-m", "Enrol")
    with mocked():
        iam = boto3.client("iam")
        iam.create_role(RoleName="reports", AssumeRolePolicyDocument="{}")
        iam.attach_role_policy(RoleName="reports", PolicyArn=aws_managed("PowerUserAccess", EVERYTHING))
        yield Story(folder, iam, capsys)


def test_a_role_is_tightened_too_far_and_gets_back_what_it_needs(story):
    story.work(START, 91, READ, WRITE)
    now = START + timedelta(days=91)
    kind, _ = story.proposed("propose", now)
    assert kind == "initial"
    story.apply(now)
    assert {*story.live()} == {"s3:GetObject", "s3:PutObject"}

    story.work(now, 96, READ)
    now += timedelta(days=96)
    kind, _ = story.proposed("propose", now, "--since", (now - timedelta(days=95)).isoformat())
    assert kind == "tighten"
    story.apply(now)
    assert {*story.live()} == {"s3:GetObject"}

    refused = denied(on_key(WRITE), session("q2"), "s3:PutObject", f"arn:aws:s3:::ledger/{KEY}")
    story.write([Moment(now + timedelta(hours=5), session("q2"), refused)], now + timedelta(days=1))
    now += timedelta(days=1)
    kind, title = story.proposed("watch", now)
    assert kind == "restore"
    assert title == f"Restore s3:PutObject for role reports ({ACCOUNT}): denied 1 time since #2 took it away"
    story.apply(now)
    assert story.live() == {
        "s3:GetObject": "arn:aws:s3:::ledger/2026/q1.csv",
        "s3:PutObject": "arn:aws:s3:::ledger/2026/q1.csv",
    }
    assert "3" in story.run("journal", now)


def first_policy_applied(story):
    """The trial is over, and what it held is gone; when that is."""
    story.work(START, 91, READ)
    now = START + timedelta(days=91)
    assert story.proposed("propose", now)[0] == "initial"
    story.apply(now)
    assert {*story.live()} == {"s3:GetObject"}
    return now


def test_what_only_the_policy_of_the_trial_allowed_comes_back_too(story):
    """No journal keeps what AWS's own policies say: the file below policies/aws/ tells."""
    now = first_policy_applied(story)
    refused = denied(on_key(WRITE), session("q2"), "s3:PutObject", f"arn:aws:s3:::ledger/{KEY}")
    story.write([Moment(now + timedelta(hours=5), session("q2"), refused)], now)
    now += timedelta(days=1)
    assert story.proposed("watch", now)[0] == "restore"
    story.apply(now)
    assert story.live() == {
        "s3:GetObject": f"arn:aws:s3:::ledger/{KEY}",
        "s3:PutObject": "arn:aws:s3:::ledger/2026/*",
    }


def test_what_a_policy_without_a_file_allowed_is_said_not_to_be_watched(story):
    now = first_policy_applied(story)
    declared = DECLARED.partition("    trial:")[0]
    (story.folder / "principals.yaml").write_text(declared)
    story.commit({"policies/aws/PowerUserAccess.json": None}, "The trial is over", now)
    story.run("watch", now + timedelta(days=1), "--out", str(story.folder / "out"))
    assert "policies/aws/PowerUserAccess.json is not there, so what it granted" in story.err


BOTH = policy(allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::ledger/*", Sid="Ledger"))
LESS = policy(allow(["s3:GetObject"], "arn:aws:s3:::ledger/*", Sid="Ledger"))
FILE = f"policies/{ACCOUNT}/role/reports/reports-main.json"


INLINE = f"policies/{ACCOUNT}/role/reports/inline/main.json"
QUEUE = policy(allow(["s3:GetObject"], "arn:aws:s3:::ledger/*", Sid="Ledger"), allow("sqs:SendMessage"))


def applied_and_denied(story, declared, file=FILE, afterwards=LESS):
    """Both actions are live, then one; the other is asked for a day later.  When that is."""
    text = DECLARED.partition("    trial:")[0] + f"    watch: {declared}\n"
    (story.folder / "principals.yaml").write_text(text)
    for hour, written in enumerate((BOTH, afterwards)):
        story.commit({file: written}, "Edit", START + timedelta(hours=hour))
        story.apply(START + timedelta(hours=hour))
    refused = denied(on_key(WRITE), session("q2"), "s3:PutObject", f"arn:aws:s3:::ledger/{KEY}")
    story.write([Moment(START + timedelta(hours=5), session("q2"), refused)], START)
    return START + timedelta(days=1)


def test_what_is_declared_to_be_rolled_back_is_back_at_once_and_once(story):
    now = applied_and_denied(story, "rollback")
    assert {*story.live()} == {"s3:GetObject"}
    out = str(story.folder / "out")
    said = story.run("watch", now, "--publish", "handover", "--out", out, "--no-rollback")
    assert {*story.live()} == {"s3:GetObject"}
    evidence = str(story.folder / "out" / "evidence.json")
    (story.folder / "logs").rename(story.folder / "elsewhere")
    said = story.run("watch", now, "--evidence", evidence, "--publish", "preview", "--out", out)
    assert {*story.live()} == {"s3:GetObject", "s3:PutObject"}
    assert "s3:PutObject on arn:aws:s3:::ledger/*" in said
    assert "restore" in said
    assert "git says something else now than what is live" in said
    assert "rollback" in story.run("journal", now)
    before = story.run("journal", now)
    story.run("watch", now, "--evidence", evidence, "--publish", "preview", "--out", out)
    assert story.run("journal", now) == before


def rewritten(story, change):
    """Somebody pushes another journal to where it is kept: the last record, changed."""
    shelf = Generations(FolderObjects(story.folder / "state" / "applied"), "state")
    before = shelf.load()
    *others, last = unpack(before.files[name_of(ROLE)])
    plan = replace(last.plan, changes=tuple(map(change, last.plan.changes)))
    text = pack([*others, replace(last, plan=plan)])
    assert shelf.swap({**before.files, name_of(ROLE): text}, before)


def test_a_journal_that_somebody_wrote_gives_nobody_more_without_a_review(story):
    """Whoever may push to the branch of the journal, and make one call that is denied."""
    now = applied_and_denied(story, "rollback")
    evil = policy(allow("*"))
    rewritten(story, lambda change: replace(change, before=evil, version_before="v9"))
    story.run("watch", now, "--out", str(story.folder / "out"), code=5)
    assert {*story.live()} == {"s3:GetObject"}
    assert "would write what was never committed" in story.err
    assert f"leastwise rollback {ROLE}" in story.err


def test_at_once_nothing_is_taken_away(story):
    now = applied_and_denied(story, "rollback", afterwards=QUEUE)
    assert {*story.live()} == {"s3:GetObject", "sqs:SendMessage"}
    story.run("watch", now, "--out", str(story.folder / "out"), code=5)
    assert {*story.live()} == {"s3:GetObject", "sqs:SendMessage"}
    assert "would take something away too" in story.err


def test_an_inline_policy_comes_back_at_once_as_it_was_committed(story):
    now = applied_and_denied(story, "rollback", file=INLINE)
    story.run("watch", now, "--out", str(story.folder / "out"))
    told = story.iam.get_role_policy(RoleName="reports", PolicyName="main")
    assert told["PolicyDocument"] == json.loads(BOTH)


@pytest.mark.parametrize("declared", ["restore", "report"])
def test_where_it_is_not_declared_nothing_is_written(story, declared):
    now = applied_and_denied(story, declared)
    story.run("watch", now, "--out", str(story.folder / "out"))
    assert {*story.live()} == {"s3:GetObject"}
