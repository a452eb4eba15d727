"""``--publish git`` over smart HTTP: the pushes that a person's machine or a runner makes."""

from datetime import UTC, datetime

import pytest

from leastwise.errors import RepositoryError
from leastwise.model.proposal import OutcomeKind, ProposalKind
from leastwise.publish.git import MOVED, GitPublisher
from leastwise.repo import Repository
from tests.fakes.smart_http import USER, serve_git
from tests.publish.proposals import AFTER, PRINCIPAL, TEXT, proposal
from tests.scratch_git import PAYMENTS, POLICY, checkout_state, git, make_scratch

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
TOKEN = "ghs_sesame"
BRANCH = "leastwise/tighten/111122223333/role/payments-api"


@pytest.fixture
def scratch(tmp_path):
    return make_scratch(tmp_path)


@pytest.fixture
def hosted(scratch):
    with serve_git(scratch.remote.parent, TOKEN) as hosted:
        point(scratch, hosted, TOKEN)
        yield hosted


def point(scratch, hosted, token):
    address = hosted.url.replace("http://", f"http://{USER}:{token}@")
    git(scratch.clone, "remote", "set-url", "origin", f"{address}/remote.git")


def publisher(scratch):
    repository = Repository.open(scratch.clone)
    return GitPublisher.connect(repository, repository.base(), NOW)


def test_a_proposal_is_pushed_once_and_taken_back(scratch, hosted):
    before = checkout_state(scratch.clone)
    assert publisher(scratch).ensure(proposal(), TEXT).kind is OutcomeKind.OPENED
    assert git(scratch.remote, "show", f"{BRANCH}:policies/{PAYMENTS}") == AFTER
    assert publisher(scratch).ensure(proposal(), TEXT).kind is OutcomeKind.UNCHANGED
    assert len(hosted.pushes()) == 1
    assert publisher(scratch).withdraw(PRINCIPAL, ProposalKind.TIGHTEN).kind is OutcomeKind.WITHDRAWN
    assert BRANCH not in scratch.remote_heads()
    assert checkout_state(scratch.clone)[:3] == before[:3]


def test_a_changed_proposal_replaces_it(scratch, hosted):
    publisher(scratch).ensure(proposal(), TEXT)
    other = proposal(after=AFTER.replace("New", "Newer"))
    assert publisher(scratch).ensure(other, TEXT).kind is OutcomeKind.UPDATED
    assert "Newer" in git(scratch.remote, "show", f"{BRANCH}:policies/{PAYMENTS}")


def test_of_two_runs_at_once_one_loses_and_nothing_is_overwritten(scratch, hosted):
    first, second = publisher(scratch), publisher(scratch)
    first.ensure(proposal(), TEXT)
    head = scratch.remote_heads()[BRANCH]
    outcome = second.ensure(proposal(after=AFTER.replace("New", "Newer")), TEXT)
    assert (outcome.kind, outcome.why) == (OutcomeKind.FAILED, MOVED)
    assert scratch.remote_heads()[BRANCH] == head


def test_a_proposal_of_a_megabyte_is_pushed(scratch, hosted):
    """More than ``http.postBuffer``: git sends it in chunks."""
    noise = "".join(f"{number * 2654435761 % 2**32:08x}" for number in range(400_000))
    large = proposal(after=POLICY.replace("[]", f'[{{"Sid": "{noise}"}}]'))
    assert publisher(scratch).ensure(large, TEXT).kind is OutcomeKind.OPENED
    assert noise in git(scratch.remote, "show", f"{BRANCH}:policies/{PAYMENTS}")


def test_a_refused_token_is_named_by_nobody(scratch, hosted):
    point(scratch, hosted, "ghs_stolen")
    with pytest.raises(RepositoryError) as caught:
        publisher(scratch)
    assert "ghs_stolen" not in str(caught.value)
    assert "renew the token" in str(caught.value)
    assert hosted.pushes() == []
