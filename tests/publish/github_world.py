"""A repository on the fake GitHub, leastwise's publisher in front of it, and a clock that sleeping moves."""

import json
import os
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from leastwise.model.finding import StatementRef
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    OutcomeKind,
    Proof,
    Proposal,
    ProposalKind,
    PullRequestText,
)
from leastwise.publish.github import GitHubPublisher
from leastwise.publish.github_api import GitHubApi
from leastwise.publish.github_http import GitHubHttp
from leastwise.publish.github_run import Draft, Limits
from leastwise.publish.github_transport import PyGithubTransport
from leastwise.publish.names import branch_name
from leastwise.publish.pull_state import write_body
from leastwise.publish.rate_limits import Reply
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.fakes.openapi import load

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ROLE = "arn:aws:iam::111122223333:role/payments-api"
FILE = "111122223333/role/payments-api/policy.json"
BEFORE = '{"Statement": ["everything"]}\n'
AFTER = '{"Statement": ["less"]}\n'
LESS_YET = '{"Statement": ["less yet"]}\n'
DELETE, PUT = "s3:DeleteObject", "s3:PutObject"
GRANT, OTHER_GRANT = "removed s3:DeleteObject on *", "removed s3:PutObject on *"
BRANCH = branch_name(ROLE, ProposalKind.TIGHTEN)
TEXT = PullRequestText("Tighten payments-api", "3 calls on 2026-11-20.\n\n| grant | last seen |\n|---|---|\n")


class Killed(BaseException):
    """The process ends here: nothing may catch it."""


class Clock:
    def __init__(self):
        self.time = 1_790_000_000.0
        self.slept = []

    def __call__(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds
        if seconds:
            self.slept.append(seconds)


class Direct:
    """Requests to the fake without HTTP in between, for tests that make thousands."""

    def __init__(self, fake):
        self._fake = fake

    def send(self, method, path, query, payload):
        target = f"{path}?{urlencode(query)}" if query else path
        body = b"" if payload is None else json.dumps(payload).encode()
        status, headers, answer = self._fake.answer(method, target, {"Authorization": f"token {TOKEN}"}, body)
        lower = {name.lower(): value for name, value in headers.items()}
        return Reply(status, lower, "" if answer is None else json.dumps(answer))


class Faulty:
    """A transport on which request number ``number`` goes wrong, before or after it was carried out."""

    def __init__(self, inner, number, reply, *, carried_out):
        self._inner, self._left, self._reply, self._carried_out = inner, number, reply, carried_out

    def send(self, *request):
        self._left -= 1
        if self._left != 0:
            return self._inner.send(*request)
        if self._carried_out:
            self._inner.send(*request)
        return self._reply


class Interrupted:
    """A transport on which something happens right after request number ``after`` was carried out."""

    def __init__(self, inner, after, event):
        self._inner, self._left, self._event = inner, after, event

    def send(self, *request):
        reply = self._inner.send(*request)
        self._left -= 1
        if self._left == 0:
            self._event()
        return reply


class World:
    def __init__(self, fake, url):
        self.fake = fake
        self.url = url
        self.clock = Clock()
        self.transport = PyGithubTransport(TOKEN, url) if url else Direct(fake)
        fake.push("main", {f"policies/{FILE}": BEFORE, "principals.yaml": "version: 1\n"}, message="Start")

    def forge(self, transport=None):
        http = GitHubHttp(
            f"/repos/{self.fake.full_name}",
            transport or self.transport,
            clock=self.clock,
            sleep=self.clock.sleep,
        )
        return GitHubApi(self.fake.full_name, http)

    def publisher(self, *, now=NOW, transport=None, limits=None, public=False):
        return GitHubPublisher.connect(self.forge(transport), now, public=public, limits=limits)

    def ensure(self, proposal=None, text=TEXT, **options):
        """One whole run with one proposal."""
        return self.publisher(**options).ensure(proposal or tighten(), text)

    def open_by_hand(self, proposal):
        """An open pull request as leastwise would have left it, without the requests."""
        branch = branch_name(proposal.principal, proposal.kind)
        base = self.fake.store.branch("main")
        draft = Draft(proposal, TEXT, branch, {})
        self.fake.store.set_branch(branch, base)
        body = write_body("", TEXT.body, draft.state(base, base, NOW))
        self.fake.add(TEXT.title, body, branch=branch, base="main", head_repository=self.fake.full_name)

    def withdraw(self, **options):
        return self.publisher(**options).withdraw(ROLE, ProposalKind.TIGHTEN)

    def rejected(self):
        return self.publisher().rejected_grants(ROLE, ProposalKind.TIGHTEN)

    @property
    def pull(self):
        """The only open pull request."""
        (pull,) = self.fake.open_pulls
        return pull

    def proposed(self):
        return self.fake.text_at(BRANCH, f"policies/{FILE}")


def tighten(after=AFTER, *, before=BEFORE, actions=(DELETE,), principal=ROLE, path=FILE, owners=()):
    statement = StatementRef(path, 0)
    changes = tuple(GrantChange(ChangeKind.REMOVED, action, statement, before=("*",)) for action in actions)
    proof = Proof((), 3, 3)
    files = (FileChange(path, before, after),)
    return Proposal(ProposalKind.TIGHTEN, principal, files, changes, (), (), proof, owners=owners)


@contextmanager
def world(path, *, direct=False, **options):
    """A world that fails the test where it asked for what GitHub does not have, or broke its description."""
    described = os.environ.get("LEASTWISE_OPENAPI")
    fake = FakeGitHub(path / "policies.git", openapi=load(Path(described)) if described else None, **options)
    with nullcontext("") if direct else serve(fake) as url:
        yield World(fake, url)
    assert fake.unknown == []
    assert fake.violations == []
    assert all(call.path.startswith("/repos/acme/policies") for call in fake.calls)


def days(count):
    return NOW + timedelta(days=count)


def summary(outcome):
    return outcome.kind, outcome.why


OPENED, UPDATED, UNCHANGED = OutcomeKind.OPENED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED
WITHHELD, FAILED, WITHDRAWN = OutcomeKind.WITHHELD, OutcomeKind.FAILED, OutcomeKind.WITHDRAWN
FEW = Limits(open=2, per_run=1)
