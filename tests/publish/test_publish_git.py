"""Branches and commits, on real git; the checkout is compared byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leastwise.model.proposal import OutcomeKind, ProposalKind, PullRequestText
from leastwise.publish.git import BOT, HANDS_OFF, MOVED, STALE, GitPublisher
from leastwise.repo import Repository
from tests.publish.proposals import AFTER, PRINCIPAL, TEXT, proposal
from tests.scratch_git import PAYMENTS, POLICY, Scratch, checkout_state, git, make_scratch

NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
LATER = datetime(2026, 11, 24, 6, tzinfo=UTC)
BRANCH = "leastwise/tighten/111122223333/role/payments-api"


@pytest.fixture
def scratch(tmp_path):
    return make_scratch(tmp_path)


def publisher(scratch: Scratch, now: datetime = LATER) -> GitPublisher:
    repository = Repository.open(scratch.clone)
    return GitPublisher.connect(repository, repository.base(), now)


def commit_on_branch(scratch: Scratch, *options: str) -> str:
    """A person checks the branch out, commits and pushes."""
    git(scratch.clone, "fetch", "-q", "origin", BRANCH)
    git(scratch.clone, "checkout", "-q", "FETCH_HEAD")
    git(scratch.clone, "commit", "-q", "--allow-empty", "-m", "My word on this", *options)
    git(scratch.clone, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{BRANCH}")
    return git(scratch.clone, "rev-parse", "HEAD").strip()


def test_a_proposal_becomes_one_commit_on_its_own_branch(scratch: Scratch):
    outcome = publisher(scratch, NOW).ensure(proposal(), TEXT)
    assert (outcome.kind, outcome.where, outcome.why) == (OutcomeKind.OPENED, BRANCH, "")
    head = scratch.remote_heads()[BRANCH]
    assert git(scratch.remote, "rev-list", "--count", f"main..{head}").strip() == "1"
    assert git(scratch.remote, "show", f"{head}:policies/{PAYMENTS}") == AFTER
    assert git(scratch.remote, "log", "-1", "--format=%ae %ce", head).split() == [BOT.email, BOT.email]
    assert git(scratch.remote, "log", "-1", "--format=%B", head).strip() == (
        "Tighten payments-api: 1 grant removed\n\n"
        "Grants: 1 removed.\n\n"
        "Leastwise-Kind: tighten\n"
        f"Leastwise-Principal: {PRINCIPAL}\n"
        f"Leastwise-Fingerprint: {proposal().fingerprint}"
    )


def test_running_again_writes_nothing(scratch: Scratch):
    once = publisher(scratch, NOW)
    once.ensure(proposal(), TEXT)
    heads = scratch.remote_heads()
    assert once.ensure(proposal(), TEXT).kind is OutcomeKind.UNCHANGED
    new_words = PullRequestText("Another title", "more evidence for the same change")
    assert publisher(scratch).ensure(proposal(), new_words).kind is OutcomeKind.UNCHANGED
    assert scratch.remote_heads() == heads


def test_a_changed_policy_replaces_the_commit(scratch: Scratch):
    one = publisher(scratch, NOW)
    one.ensure(proposal(), TEXT)
    assert one.ensure(proposal(after="{}\n"), TEXT).kind is OutcomeKind.UPDATED
    assert publisher(scratch).ensure(proposal(after="[]\n"), TEXT).kind is OutcomeKind.UPDATED
    head = scratch.remote_heads()[BRANCH]
    assert git(scratch.remote, "rev-list", "--count", f"main..{head}").strip() == "1"
    assert git(scratch.remote, "show", f"{head}:policies/{PAYMENTS}") == "[]\n"


@pytest.mark.parametrize("options", [(), ("--amend",), ("--author=leastwise <leastwise@bot.invalid>",)])
def test_a_persons_commit_on_the_branch_means_hands_off(scratch: Scratch, options):
    publisher(scratch, NOW).ensure(proposal(), TEXT)
    theirs = commit_on_branch(scratch, *options)
    why = HANDS_OFF.format(commit=theirs[:12])
    for again in (proposal(), proposal(after="{}\n")):
        outcome = publisher(scratch).ensure(again, TEXT)
        assert (outcome.kind, outcome.why) == (OutcomeKind.WITHHELD, why)
    withdrawn = publisher(scratch).withdraw(PRINCIPAL, ProposalKind.TIGHTEN)
    assert withdrawn is not None
    assert (withdrawn.kind, withdrawn.why) == (OutcomeKind.WITHHELD, why)
    assert scratch.remote_heads()[BRANCH] == theirs


def test_a_branch_that_somebody_else_made_is_left_alone(scratch: Scratch):
    git(scratch.clone, "push", "-q", "origin", f"main:refs/heads/{BRANCH}")
    assert publisher(scratch).ensure(proposal(), TEXT).kind is OutcomeKind.WITHHELD


def test_a_base_that_moved_elsewhere_needs_no_rebase(scratch: Scratch):
    publisher(scratch, NOW).ensure(proposal(), TEXT)
    heads = scratch.remote_heads()
    newest = scratch.commit("policies/shared/other.json", "{}\n")
    assert publisher(scratch).ensure(proposal(), TEXT).kind is OutcomeKind.UNCHANGED
    assert scratch.remote_heads() == {**heads, "main": newest}


def test_a_base_whose_policy_changed_needs_a_new_comparison(scratch: Scratch):
    scratch.commit(f"policies/{PAYMENTS}", "{}\n")
    outcome = publisher(scratch).ensure(proposal(), TEXT)
    assert (outcome.kind, outcome.why) == (OutcomeKind.WITHHELD, STALE)
    assert BRANCH not in scratch.remote_heads()


def test_a_new_file_must_be_new_and_a_removed_one_there(scratch: Scratch):
    assert publisher(scratch).ensure(proposal(before=None), TEXT).why == STALE
    assert publisher(scratch).ensure(proposal(path="1/role/x/p.json"), TEXT).why == STALE
    made = publisher(scratch).ensure(proposal(before=None, path="1/role/x/p.json"), TEXT)
    assert made.kind is OutcomeKind.OPENED
    removed = publisher(scratch).ensure(proposal(after=None, kind=ProposalKind.INITIAL), TEXT)
    listed = git(scratch.remote, "ls-tree", "-r", "--name-only", removed.where)
    assert listed == "principals.yaml\n"


def test_a_branch_that_moves_while_we_run_is_not_overwritten(scratch: Scratch):
    publisher(scratch, NOW).ensure(proposal(), TEXT)
    slow = publisher(scratch)
    publisher(scratch).ensure(proposal(after="{}\n"), TEXT)
    theirs = scratch.remote_heads()[BRANCH]
    outcome = slow.ensure(proposal(after="[]\n"), TEXT)
    assert (outcome.kind, outcome.why) == (OutcomeKind.FAILED, MOVED)
    assert scratch.remote_heads()[BRANCH] == theirs


def test_the_checkout_is_untouched_whatever_its_state(scratch: Scratch):
    scratch.write(f"policies/{PAYMENTS}", "a half-done edit")
    scratch.write("staged.txt", "x")
    git(scratch.clone, "add", "staged.txt")
    scratch.write("untracked.txt", "y")
    git(scratch.clone, "checkout", "-q", "-b", "my-work")
    state = checkout_state(scratch.clone)
    working = publisher(scratch)
    working.ensure(proposal(), TEXT)
    working.ensure(proposal(after="{}\n"), TEXT)
    fresh = publisher(scratch)
    fresh.ensure(proposal(after="{}\n"), TEXT)
    fresh.withdraw(PRINCIPAL, ProposalKind.TIGHTEN)
    assert checkout_state(scratch.clone) == state
    assert (scratch.clone / "policies" / PAYMENTS).read_text() == "a half-done edit"


def test_a_shallow_clone_that_knows_no_history_does_the_same(scratch: Scratch, tmp_path):
    publisher(scratch, NOW).ensure(proposal(), TEXT)
    heads = scratch.remote_heads()
    scratch.commit("policies/shared/other.json", "{}\n")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{scratch.remote}", "shallow")
    shallow = Scratch(scratch.remote, tmp_path / "shallow")
    assert publisher(shallow).ensure(proposal(), TEXT).kind is OutcomeKind.UNCHANGED
    assert scratch.remote_heads()[BRANCH] == heads[BRANCH]
    assert publisher(shallow).ensure(proposal(after="{}\n"), TEXT).kind is OutcomeKind.UPDATED


def test_what_is_no_longer_proposed_is_taken_back(scratch: Scratch):
    publisher(scratch, NOW).ensure(proposal(), TEXT)
    one = publisher(scratch)
    outcome = one.withdraw(PRINCIPAL, ProposalKind.TIGHTEN)
    assert outcome is not None
    assert outcome.kind is OutcomeKind.WITHDRAWN
    assert BRANCH not in scratch.remote_heads()
    assert one.withdraw(PRINCIPAL, ProposalKind.TIGHTEN) is None
    assert one.ensure(proposal(), TEXT).kind is OutcomeKind.OPENED


def test_text_from_a_log_cannot_forge_a_trailer(scratch: Scratch):
    hostile = PullRequestText("Hi\n\nLeastwise-Fingerprint: 0\u202e\x1b[31m" + "x" * 200, "")
    publisher(scratch).ensure(proposal(), hostile)
    message = git(scratch.remote, "log", "-1", "--format=%B", BRANCH)
    assert len(message.splitlines()[0]) == 100
    assert "\x1b" not in message
    assert "\u202e" not in message
    assert publisher(scratch).ensure(proposal(), hostile).kind is OutcomeKind.UNCHANGED


def test_every_principal_and_kind_has_its_branch(scratch: Scratch):
    one = publisher(scratch)
    for principal in (
        PRINCIPAL,
        "arn:aws:iam::111122223333:role/payments-api/x",
        "permission-set/DataEngineer",
    ):
        for kind in ProposalKind:
            assert one.ensure(proposal(principal=principal, kind=kind), TEXT).kind is OutcomeKind.OPENED
    assert len(scratch.remote_heads()) == 1 + 3 * len(ProposalKind)
    assert git(scratch.remote, "show", f"main:policies/{PAYMENTS}") == POLICY
