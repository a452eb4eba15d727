"""What one run on GitHub knows and shares: the repository as it was read, and the proposal in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import PublishError
from leastwise.model.proposal import PublishOutcome
from leastwise.publish import notices
from leastwise.publish.forge import NewCommit
from leastwise.publish.git import commit_message
from leastwise.publish.history import History
from leastwise.publish.labels import TAKE_OVER
from leastwise.publish.pull_state import PullState, digest, sense

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leastwise.model.proposal import OutcomeKind, Proposal, PullRequestText
    from leastwise.publish.forge import Forge, ForgeRepository, PullRequest, Tip

EDITED = "people have committed to its branch"
MOVED = "somebody else moved the branch or the pull request while this ran; the next run looks again"
NO_STATE = (
    "its description has lost the hidden leastwise:state comment, so what it holds is unknown; "
    f"restore the comment, or add the label {TAKE_OVER}"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many pull requests may be open at once, and how many one run may open."""

    open: int = 10
    per_run: int = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal with everything that publishing it needs."""

    proposal: Proposal
    text: PullRequestText
    branch: str
    files: Mapping[str, str | None]
    """Path in the repository -> text to be there; ``None``: no file."""

    def outcome(self, kind: OutcomeKind, where: str = "", why: str = "") -> PublishOutcome:
        """What became of it."""
        return PublishOutcome(kind, self.proposal.kind, self.proposal.principal, where, why)

    def state(self, head: str, base: str, now: datetime) -> PullState:
        """What its pull request is to remember, with ``head`` at the branch's tip, made on ``base``."""
        return PullState(
            fingerprint=self.proposal.fingerprint,
            head=head,
            base=base,
            title=self.text.title,
            grants=tuple(sorted({change.grant for change in self.proposal.changes})),
            text=digest(self.text.body),
            sense=sense(self.text.body),
            written=now.date(),
        )


@dataclass(frozen=True, slots=True)
class Run:
    """One repository on GitHub as this run found it; ``history`` also takes note of what the run does."""

    forge: Forge
    repository: ForgeRepository
    base: Tip
    """Where the default branch was at the start."""
    committed: Mapping[str, str]
    """Path -> blob SHA of every file of ``base``."""
    history: History
    now: datetime
    limits: Limits
    labels: tuple[str, ...]

    @classmethod
    def start(
        cls, forge: Forge, now: datetime, *, public: bool, limits: Limits, labels: tuple[str, ...]
    ) -> Run:
        """Read what every proposal needs: four requests, and one more for each hundred pull requests.

        Raises `PublishError` for a public repository without ``public`` (`Declaration.public`).
        """
        repository = checked_repository(forge, public=public)
        base = forge.tip(repository.default_branch)
        if base is None:
            raise PublishError(f"{repository.full_name} has no branch {repository.default_branch}; push it")
        committed = forge.blobs(base.tree)
        return cls(forge, repository, base, committed, History.read(forge), now, limits, labels)

    def commit(self, draft: Draft, parents: tuple[str, ...]) -> str:
        """Make the draft's commit: the base's tree with the draft's files.  No branch holds it yet."""
        message = commit_message(draft.proposal, draft.text)
        return self.forge.write_commit(NewCommit(message, parents, self.base.tree, draft.files))

    def say(self, pull: PullRequest, topic: str, text: str) -> None:
        """One comment for each topic: written once, edited in place where it says something else."""
        comment = notices.on_topic(self.forge.comments(pull.number), topic)
        if comment is None:
            self.forge.add_comment(pull.number, text)
        elif comment.body.split() != text.split():
            self.forge.edit_comment(comment.id, text)


def checked_repository(forge: Forge, *, public: bool) -> ForgeRepository:
    """The repository, once it is clear that it may be written to.  Raises `PublishError` where it may not."""
    repository = forge.repository()
    if repository.is_public and not public:
        raise PublishError(
            f"{repository.full_name} is public, and what is published shows what principals do. Make the "
            "repository private, or say `public: true` in principals.yaml"
        )
    return repository


def need_issues(repository: ForgeRepository, whose: str) -> None:
    """Raises `PublishError` where the repository has none; ``whose`` says what would be one."""
    if not repository.has_issues:
        raise PublishError(
            f"{repository.full_name} has issues switched off, and {whose}: switch them on in its settings"
        )
