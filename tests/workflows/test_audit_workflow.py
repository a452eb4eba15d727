"""The monthly audit as GitHub runs it: one job reads and writes an artifact, the other one mails it."""

import base64
import json
from email import message_from_bytes, policy

import pytest

from tests.fakes.http_server import serve
from tests.fakes.runner import workflow
from tests.workflows.test_workflows import demo, git, place  # noqa: F401  fixtures

pytestmark = pytest.mark.whole

FILES = {"audit.csv", "audit.eml", "audit.html", "audit.json", "audit.txt"}
DECLARED = "audit:\n  email: {from: audit@acme.example, to: [security@acme.example], region: eu-west-1}\n"


class FakeSes:
    """SES's API version 2 on loopback: takes a message, or refuses it as SES does."""

    def __init__(self):
        self.taken = []
        self.refuses = False

    def answer(self, command, path, _headers, body):
        assert (command, path) == ("POST", "/v2/email/outbound-emails")
        if self.refuses:
            told = {"message": "Email address is not verified."}
            return 400, {"x-amzn-ErrorType": "MessageRejected"}, told
        self.taken.append(json.loads(body))
        return 200, {}, {"MessageId": "1"}


@pytest.fixture
def ses(place):  # noqa: F811  it is a fixture
    fake = FakeSes()
    with serve(fake) as url:
        place.variables |= {
            "AWS_ENDPOINT_URL_SESV2": url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }
        yield fake


@pytest.fixture
def declared(place):  # noqa: F811
    file = place.clone / "principals.yaml"
    file.write_text(file.read_text("utf-8") + DECLARED, "utf-8")
    place.commit("Say who gets the audit")
    place.runner.expressions |= {
        "inputs.month": "",
        "vars.LEASTWISE_NOTIFY_ROLE": "arn:aws:iam::111122223333:role/leastwise-send",
    }
    return place


def test_the_first_job_reads_and_the_second_one_sends(declared, ses):
    before = git(declared.remote, "for-each-ref")
    (audit,) = declared.runner.run("audit.yml", "collect")
    assert audit.code == 0, audit.output
    assert {call.method for call in declared.fake.calls} == {"GET"}
    assert git(declared.remote, "for-each-ref") == before, "nothing is committed"
    kept = declared.runner.artifacts["leastwise-audit"]
    assert {file.name for file in kept.iterdir()} == FILES
    assert declared.summary().startswith("## leastwise audit, October 2026\n")
    assert ses.taken == []
    (send,) = declared.runner.run("audit.yml", "send")
    assert send.code == 0, send.output
    (taken,) = ses.taken
    assert taken["FromEmailAddress"] == "audit@acme.example"
    assert taken["Destination"] == {"ToAddresses": ["security@acme.example"]}
    message = base64.b64decode(taken["Content"]["Raw"]["Data"])
    assert message == (kept / "audit.eml").read_bytes()
    read = message_from_bytes(message, policy=policy.default)
    assert "https://github.test/acme/policies/actions/runs/7" in read.get_body(("html",)).get_content()


@pytest.mark.parametrize(
    ("month", "words"),
    [("2026-12", "--month 2026-12 has not begun"), ("2026-09 --send; touch x $(id)", "$(id)' is no month")],
)
def test_a_month_chosen_by_hand_reaches_the_verb_and_is_no_code(declared, month, words):
    declared.runner.expressions["inputs.month"] = month
    (audit,) = declared.runner.run("audit.yml", "collect")
    assert audit.code == 2
    assert words in audit.output


def test_a_mail_that_is_refused_fails_the_job_and_is_annotated(declared, ses, tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "audit.json").write_text('{"format": "leastwise-audit", "version": 1, "subject": "Audit"}')
    (kept / "audit.txt").write_text("Audit\n")
    (kept / "audit.eml").write_text("Subject: Audit\n\nAudit\n")
    declared.runner.artifacts["leastwise-audit"] = kept
    ses.refuses = True
    (send,) = declared.runner.run("audit.yml", "send")
    assert send.code == 5
    assert send.fails_the_job
    assert "::error title=leastwise::the audit was not sent: SES: " in send.output


def test_each_job_has_a_role_of_its_own_and_runs_only_where_it_is_wanted():
    jobs = workflow("audit.yml")["jobs"]
    roles = [
        step["with"]["role-to-assume"]
        for job in jobs.values()
        for step in job["steps"]
        if "configure-aws-credentials" in step.get("uses", "")
    ]
    assert roles == ["${{ vars.LEASTWISE_AWS_ROLE }}", "${{ vars.LEASTWISE_NOTIFY_ROLE }}"]
    assert "vars.LEASTWISE_AUDIT != ''" in jobs["collect"]["if"]
    assert jobs["send"]["if"] == "vars.LEASTWISE_AUDIT == 'send'"
    assert all(set(job["permissions"]) == {"contents", "id-token"} for job in jobs.values())
    (when,) = workflow("audit.yml")[True]["schedule"]
    minute, _, day, month, weekday = when["cron"].split()
    assert (day, month, weekday) == ("1", "*", "*")
    assert minute != "0"
