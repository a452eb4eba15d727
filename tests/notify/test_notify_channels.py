"""What reaches people, within the limits of each channel, and what happens where it does not."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends
from moto.sns.models import sns_backends

from leastwise.aws.messages import Messages
from leastwise.aws.sessions import Aws
from leastwise.declare.principals_file import read_declaration
from leastwise.errors import NotifyError, one_line
from leastwise.model.declared import EmailTarget, Notify
from leastwise.model.report import Digest, DigestItem
from leastwise.notify.body import fitted, plain_text
from leastwise.notify.slack import SECTION, SlackWebhook, message
from leastwise.notify.sns import SUBJECT, Topic
from leastwise.notify.tell import tell

REGION = "eu-west-1"
RUN = "https://github.com/acme/iam/actions/runs/7"
PULL = "https://github.com/acme/iam/pull/3"
DIGEST = Digest("leastwise: 1 opened in acme/iam", (DigestItem("opened: tighten of role a & b", PULL),), RUN)
TO = EmailTarget("leastwise@acme.example", ("security@acme.example",), REGION)


def big(lines=2_000):
    return Digest(
        "leastwise: many", tuple(DigestItem(f"opened: number {n}", PULL) for n in range(lines)), RUN
    )


class Hook:
    """A webhook on loopback that answers what it is told to."""

    def __init__(self, status=200, words="ok"):
        self.payloads = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                hook.payloads.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(status)
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words.encode())

            def log_message(self, *args):
                pass

        self._server = TCPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/services/T0/B0/the-secret"

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def texts(payload):
    return [block["text"]["text"] for block in payload["blocks"] if block["type"] == "section"]


def test_slack_gets_one_message_with_a_link():
    with Hook() as hook:
        SlackWebhook(hook.address).send(DIGEST)
    (payload,) = hook.payloads
    assert payload["text"] == "leastwise: 1 opened in acme/iam"
    assert texts(payload) == [f"\u2022 opened: tighten of role a &amp; b <{PULL}>\n"]
    assert payload["blocks"][-1]["elements"][0]["text"] == f"<{RUN}|This run>"


def test_a_long_digest_fits_slacks_limits_and_says_what_it_left_out():
    payload = message(big())
    sections = texts(payload)
    assert len(payload["blocks"]) <= 50
    assert all(0 < len(text) <= SECTION for text in sections)
    shown = sum(text.count("\u2022") for text in sections)
    assert sections[-1].endswith(f"and {2_000 - shown:,} more\n")


def test_one_line_longer_than_a_section_is_left_out_by_count():
    payload = message(Digest("s", (DigestItem("x" * 4_000, ""), DigestItem("short", "")), ""))
    assert texts(payload) == ["and 2 more\n"]


def test_a_refusal_of_slack_does_not_name_the_webhook():
    with Hook(404, "no_service") as hook, pytest.raises(NotifyError, match="404 no_service") as caught:
        SlackWebhook(hook.address).send(DIGEST)
    assert "the-secret" not in str(caught.value)


def test_nobody_listening_does_not_name_the_webhook():
    with Hook() as hook:
        pass
    with pytest.raises(NotifyError, match="could not be reached") as caught:
        SlackWebhook(hook.address).send(DIGEST)
    assert "the-secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["", "http://hooks.slack.com/x", "ftp://x"])
def test_a_webhook_must_come_from_the_environment(value):
    with pytest.raises(NotifyError, match="SLACK_WEBHOOK_URL") as caught:
        SlackWebhook.of("SLACK_WEBHOOK_URL", {"SLACK_WEBHOOK_URL": value})
    assert not value or value not in str(caught.value)


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield Messages(Aws({}, session=boto3.Session(region_name=REGION)))


def test_a_topic_gets_subject_and_text(aws):
    arn = boto3.client("sns", REGION).create_topic(Name="leastwise")["TopicArn"]
    Topic(arn, aws).send(Digest("leastwise: " + "y" * 200, DIGEST.items, RUN))
    (sent,) = sns_backends[DEFAULT_ACCOUNT_ID][REGION].topics[arn].sent_notifications
    assert sent[1] == f"opened: tighten of role a & b\n  {PULL}\n\n{RUN}\n"
    assert len(sent[2]) == SUBJECT


def test_mail_is_sent(aws):
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity="leastwise@acme.example")
    assert tell(Notify(email=TO), DIGEST, {}, aws, pytest.fail) == 1
    (mail,) = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert (mail.source, mail.destinations["ToAddresses"]) == (TO.sender, list(TO.to))
    assert mail.subject == DIGEST.subject
    assert mail.body == plain_text(DIGEST, 1_000)


HEADER_ENDS = "acme/iam: 1 change\r\nBcc: evil@x.example\n\u2028\u202ex\0"


def test_a_subject_ends_no_header(aws):
    hostile = replace(DIGEST, subject=HEADER_ENDS)
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity="leastwise@acme.example")
    assert tell(Notify(email=TO), hostile, {}, aws, pytest.fail) == 1
    (mail,) = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    assert mail.subject == one_line(HEADER_ENDS)
    assert mail.subject.isprintable()


def test_no_failure_ends_a_run_and_the_other_channels_are_tried(aws):
    boto3.client("sesv2", REGION).create_email_identity(EmailIdentity="leastwise@acme.example")
    notify = Notify("SLACK_WEBHOOK_URL", f"arn:aws:sns:{REGION}:{DEFAULT_ACCOUNT_ID}:gone", TO)
    warnings = []
    assert tell(notify, DIGEST, {}, aws, warnings.append) == 1
    assert [warning.split(": ")[:2] for warning in warnings] == [
        ["nobody was told", "Slack"],
        ["nobody was told", "SNS"],
    ]
    assert "mend `notify`" in warnings[1]


def test_nothing_changed_so_nobody_is_told(aws):
    assert tell(Notify("NOT_SET", "arn:aws:sns:x:1:y", TO), None, {}, aws, pytest.fail) == 0


def test_whole_lines_are_left_out():
    assert fitted(["aa", "bb", "cc"], 9) == "aa\nbb\ncc\n"
    assert fitted(["a" * 10, "b" * 10, "c"], 23) == "a" * 10 + "\nand 2 more\n"


def test_declared_in_principals_yaml():
    declared = read_declaration(
        "version: 1\n"
        "notify:\n"
        "  slack: {webhook_variable: SLACK_WEBHOOK_URL}\n"
        "  sns: {topic: 'arn:aws:sns:eu-west-1:111122223333:leastwise'}\n"
        "  email: {from: leastwise@acme.example, to: [security@acme.example], region: eu-west-1}\n"
    )
    assert declared.notify == Notify("SLACK_WEBHOOK_URL", "arn:aws:sns:eu-west-1:111122223333:leastwise", TO)
    assert read_declaration("version: 1\n").notify == Notify()
