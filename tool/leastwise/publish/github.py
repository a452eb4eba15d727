"""One branch and one pull request for each principal and kind on GitHub, found again by the branch's name.

Nothing is ever force-pushed: a new proposal is a commit *on top* of the branch, with the base merged in where
that moved.  GitHub then refuses to overwrite what somebody pushed meanwhile, a reviewer sees what changed
since the last review, and no commit of a person can be lost, not even by a mistake of ours.

Writes come in an order in which each one may be the last (the process is killed): commit, branch, pull
request, labels and reviewers.  The next run finds what is there and goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import PublishError
from leastwise.model.proposal import OutcomeKind, ProposalKind, PublishOutcome
from leastwise.publish.git import STALE
from leastwise.publish.github_close import close, tidy
from leastwise.publish.github_open import open_new, reopen
from leastwise.publish.github_renew import renew
from leastwise.publish.github_run import NO_STATE, Draft, Limits, Run
from leastwise.publish.labels import OURS
from leastwise.publish.names import branch_name
from leastwise.publish.ownership import blob_sha
from leastwise.publish.pull_state import read_state
from leastwise.repo import POLICIES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from leastwise.model.proposal import Proposal, PullRequestText
    from leastwise.publish.forge import Forge, PullRequest


class GitHubPublisher:
    """Brings the pull requests of a repository to where exactly the current proposals are open."""

    def __init__(self, run: Run) -> None:
        """``GitHubPublisher.connect`` reads what a run needs."""
        self._run = run

    @classmethod
    def connect(
        cls,
        forge: Forge,
        now: datetime,
        *,
        public: bool,
        limits: Limits | None = None,
        labels: tuple[str, ...] = (OURS,),
    ) -> GitHubPublisher:
        """Read the repository (see ``Run.start``).  ``labels`` are set on new pull requests."""
        return cls(Run.start(forge, now, public=public, limits=limits or Limits(), labels=labels))

    def ensure(self, proposal: Proposal, text: PullRequestText) -> PublishOutcome:
        """Have the proposal in an open pull request; what speaks against it is the outcome's ``why``."""
        files = {f"{POLICIES}/{change.path}": change.after for change in proposal.files}
        draft = Draft(proposal, text, branch_name(proposal.principal, proposal.kind), files)
        try:
            return self._ensure(draft)
        except PublishError as error:
            return draft.outcome(OutcomeKind.FAILED, draft.branch, str(error))

    def withdraw(self, principal: str, kind: ProposalKind) -> PublishOutcome | None:
        """Close what is no longer proposed, with a word, and delete its branch."""
        branch = branch_name(principal, kind)
        pull = self._run.history.current(branch)
        if pull is not None:
            return self._close(pull, principal, kind, "no longer proposed")
        try:
            tidy(self._run, branch)
        except PublishError as error:
            return PublishOutcome(OutcomeKind.FAILED, kind, principal, branch, str(error))
        return None

    def withdraw_others(self, principals: Iterable[str]) -> tuple[PublishOutcome, ...]:
        """Close what is open for anybody but ``principals``, who are all that are enrolled.

        A branch tells no principal, so the outcomes name the branch in its place.
        """
        ours = {branch_name(principal, kind) for principal in principals for kind in ProposalKind}
        others = [pull for pull in self._run.history.open_pulls() if pull.branch not in ours]
        kinds = {kind.value: kind for kind in ProposalKind}
        return tuple(
            self._close(pull, pull.branch, kinds[kind], "the principal is no longer enrolled")
            for pull in others
            if (kind := pull.branch.split("/")[1]) in kinds
        )

    def rejected_grants(self, principal: str, kind: ProposalKind) -> frozenset[str]:
        """`GrantChange.grant` texts in pull requests that people closed: not to be proposed again."""
        states = (read_state(pull.body) for pull in self._run.history.rejected(branch_name(principal, kind)))
        return frozenset(grant for state in states if state for grant in state.grants)

    def _close(self, pull: PullRequest, principal: str, kind: ProposalKind, why: str) -> PublishOutcome:
        try:
            refusal = close(self._run, pull)
        except PublishError as error:
            return PublishOutcome(OutcomeKind.FAILED, kind, principal, pull.url, str(error))
        outcome = OutcomeKind.WITHHELD if refusal else OutcomeKind.WITHDRAWN
        return PublishOutcome(outcome, kind, principal, pull.url, refusal or why)

    def _ensure(self, draft: Draft) -> PublishOutcome:
        if self._is_stale(draft.proposal):
            return draft.outcome(OutcomeKind.WITHHELD, draft.branch, STALE)
        pull = self._run.history.current(draft.branch)
        if pull is not None:
            return renew(self._run, pull, draft)
        refusal = self._rejection(draft) or self._limit(draft.proposal.kind)
        if refusal:
            tidy(self._run, draft.branch)
            return draft.outcome(OutcomeKind.WITHHELD, draft.branch, refusal)
        return reopen(self._run, draft) or open_new(self._run, draft)

    def _is_stale(self, proposal: Proposal) -> bool:
        """Whether the committed policy is no longer the one that the proof is about."""
        return any(
            self._run.committed.get(f"{POLICIES}/{change.path}") != blob_sha(change.before)
            for change in proposal.files
        )

    def _rejection(self, draft: Draft) -> str:
        """Why people do not want this; the pipeline leaves rejected grants out, so this is the last guard."""
        proposed = {change.grant for change in draft.proposal.changes}
        for pull in self._run.history.rejected(draft.branch):
            state = read_state(pull.body)
            if state is None:
                return f"{pull.url} was closed, and {NO_STATE}"
            count = len(proposed.intersection(state.grants))
            if count:
                return f"{pull.url} was closed unmerged: {count} of these grants were rejected there"
        return ""

    def _limit(self, kind: ProposalKind) -> str:
        """Why no more are to be opened; what somebody's program waits for is opened all the same."""
        if kind is ProposalKind.RESTORE:
            return ""
        if self._run.history.open_count() >= self._run.limits.open:
            return (
                f"{self._run.limits.open} pull requests are open, as many as are allowed; merge or close some"
            )
        if self._run.history.opened >= self._run.limits.per_run:
            return f"this run opened {self._run.limits.per_run} pull requests, its limit; the next goes on"
        return ""
