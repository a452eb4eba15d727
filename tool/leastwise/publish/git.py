"""One branch with one commit for each principal and kind, found again by its name.

The branch belongs to leastwise as long as its last commit is leastwise's own.  Such a commit stands directly
on the base it was made from, so whatever lies below it is the base's history.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from leastwise.model.proposal import OutcomeKind, PublishOutcome
from leastwise.publish.names import BRANCHES, branch_name
from leastwise.repo import POLICIES, Identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leastwise.model.proposal import Proposal, ProposalKind, PullRequestText
    from leastwise.repo import Base, Commit, Repository

# ``.invalid`` is a reserved top-level domain (RFC 2606): the address can be nobody's.
BOT = Identity("leastwise", "leastwise@bot.invalid")

FINGERPRINT = "Leastwise-Fingerprint"
STALE = (
    "the committed policy is no longer the one that was compared: run again to have the proposal made anew"
)
HANDS_OFF = "the branch has a commit that leastwise did not make ({commit}): merge it, or delete the branch"
MOVED = "the branch was moved by somebody else while this ran: run again"

_LONGEST_TITLE = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


class GitPublisher:
    """Pushes proposals as branches; the user's working tree, index and current branch are never touched."""

    def __init__(
        self,
        repository: Repository,
        base: Base,
        heads: Mapping[str, str],
        now: datetime,
        author: Identity = BOT,
    ) -> None:
        """``heads``: the remote's ``leastwise/`` branches.  ``GitPublisher.connect`` asks the remote."""
        self._repository = repository
        self._base = base
        self._heads = dict(heads)
        self._now = now
        self._author = author

    @classmethod
    def connect(
        cls, repository: Repository, base: Base, now: datetime, author: Identity = BOT
    ) -> GitPublisher:
        """Ask the remote once which branches there are; a branch that moves later is noticed on pushing."""
        heads = repository.remote_heads(base.remote, f"{BRANCHES}/*")
        return cls(repository, base, heads, now, author)

    def ensure(self, proposal: Proposal, text: PullRequestText) -> PublishOutcome:
        """Have the proposal on its branch, as one commit on the base."""
        branch = branch_name(proposal.principal, proposal.kind)
        head = self._heads.get(branch)
        kind, why = self._refusal(proposal, branch, head)
        if kind is None:
            pushed = self._push(proposal, text, branch, head)
            moved_on = OutcomeKind.UPDATED if head else OutcomeKind.OPENED
            kind, why = (moved_on, "") if pushed else (OutcomeKind.FAILED, MOVED)
        return PublishOutcome(kind, proposal.kind, proposal.principal, branch, why)

    def withdraw(self, principal: str, kind: ProposalKind) -> PublishOutcome | None:
        """Delete the branch of a proposal that is no longer made, unless a person has worked on it."""
        branch = branch_name(principal, kind)
        head = self._heads.get(branch)
        if head is None:
            return None
        tip = self._tip(branch, head)
        if not self._is_ours(tip):
            return PublishOutcome(OutcomeKind.WITHHELD, kind, principal, branch, _hands_off(tip))
        if not self._repository.delete_branch(self._base.remote, branch, head):
            return PublishOutcome(OutcomeKind.FAILED, kind, principal, branch, MOVED)
        del self._heads[branch]
        return PublishOutcome(OutcomeKind.WITHDRAWN, kind, principal, branch, "no longer proposed")

    def _refusal(self, proposal: Proposal, branch: str, head: str | None) -> tuple[OutcomeKind | None, str]:
        """Why nothing is to be written: an outcome and words for it; ``None`` if there is something."""
        committed = self._repository.policies_at(self._base.commit)
        if any(committed.get(change.path) != change.before for change in proposal.files):
            return OutcomeKind.WITHHELD, STALE
        if head is None:
            return None, ""
        tip = self._tip(branch, head)
        if not self._is_ours(tip):
            return OutcomeKind.WITHHELD, _hands_off(tip)
        if _trailers(tip).get(FINGERPRINT) == proposal.fingerprint:
            return OutcomeKind.UNCHANGED, ""
        return None, ""

    def _push(self, proposal: Proposal, text: PullRequestText, branch: str, head: str | None) -> bool:
        files = {f"{POLICIES}/{change.path}": change.after for change in proposal.files}
        message = commit_message(proposal, text)
        commit = self._repository.commit(self._base.commit, files, message, self._author, self._now)
        pushed = self._repository.push(self._base.remote, commit, branch, head)
        if pushed:
            self._heads[branch] = commit
        return pushed

    def _tip(self, branch: str, head: str) -> Commit:
        self._repository.fetch(self._base.remote, branch, head)
        return self._repository.read_commit(head)

    def _is_ours(self, tip: Commit) -> bool:
        emails = {tip.author_email, tip.committer_email}
        return emails == {self._author.email} and FINGERPRINT in _trailers(tip)


def commit_message(proposal: Proposal, text: PullRequestText) -> str:
    """Title, one sentence, and trailers by which the commit is known again."""
    title = _one_line(text.title)
    if len(title) > _LONGEST_TITLE:
        title = title[: _LONGEST_TITLE - 1] + "…"
    counts = Counter(change.kind.value for change in proposal.changes)
    summary = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items())) or "none"
    return (
        f"{title}\n\n"
        f"Grants: {_one_line(summary)}.\n\n"
        f"Leastwise-Kind: {proposal.kind.value}\n"
        f"Leastwise-Principal: {_one_line(proposal.principal)}\n"
        f"{FINGERPRINT}: {proposal.fingerprint}\n"
    )


def _trailers(commit: Commit) -> dict[str, str]:
    """The ``Name: value`` lines of the message's last paragraph."""
    last = commit.message.rstrip().rsplit("\n\n", 1)[-1]
    pairs = (line.split(": ", 1) for line in last.splitlines() if ": " in line)
    return {name: value.strip() for name, value in pairs}


def _hands_off(tip: Commit) -> str:
    return HANDS_OFF.format(commit=tip.id[:12])


def _one_line(text: str) -> str:
    """Without line ends, control and direction characters: text from logs must not forge a trailer."""
    return _CONTROL.sub(" ", text).strip()
