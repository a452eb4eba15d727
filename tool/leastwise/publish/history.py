"""The pull requests from leastwise's branches: what is open, what people closed, what it closed itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.publish.labels import TAKE_OVER
from leastwise.publish.names import BRANCHES
from leastwise.publish.pull_state import read_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leastwise.publish.forge import Forge, PullRequest

# A job of GitHub Actions ends after six hours: a later close is not the one that the run marked.
_LONGEST_RUN = timedelta(hours=6)


class History:
    """Pull requests as they were read at the start, and as this run changed them."""

    def __init__(self, pulls: Iterable[PullRequest]) -> None:
        """Keep those from branches below ``leastwise/``."""
        self._pulls = {pull.number: pull for pull in pulls if pull.branch.startswith(f"{BRANCHES}/")}
        self._numbers: dict[str, list[int]] = {}
        for pull in self._pulls.values():
            self._numbers.setdefault(pull.branch, []).append(pull.number)
        self._branches: Mapping[str, str] | None = None
        self.opened = 0
        """How many this run opened or reopened."""

    @classmethod
    def read(cls, forge: Forge) -> History:
        """List every pull request once, a hundred with each request, instead of asking for each branch."""
        return cls(forge.pulls())

    def remember(self, pull: PullRequest) -> PullRequest:
        """Take note of a pull request as it is now, and return it."""
        if pull.number not in self._pulls:
            self._numbers.setdefault(pull.branch, []).append(pull.number)
        self._pulls[pull.number] = pull
        return pull

    def current(self, branch: str) -> PullRequest | None:
        """The open pull request of a branch."""
        return next((pull for pull in self._of(branch) if pull.is_open), None)

    def latest(self, branch: str) -> PullRequest | None:
        """The youngest pull request of a branch, open or closed."""
        return max(self._of(branch), key=lambda pull: pull.number, default=None)

    def rejected(self, branch: str) -> list[PullRequest]:
        """Those that people closed unmerged, without saying by label that it was no rejection."""
        return [
            pull
            for pull in self._of(branch)
            if not (pull.is_open or pull.is_merged or closed_by_us(pull) or TAKE_OVER in pull.labels)
        ]

    def own_heads(self, branch: str) -> frozenset[str]:
        """Commits at which a branch holds nothing of a person that is not merged."""
        pulls = self._of(branch)
        states = (read_state(pull.body) for pull in pulls)
        merged = {pull.head for pull in pulls if pull.is_merged}
        return frozenset(merged | {state.head for state in states if state is not None})

    def open_count(self) -> int:
        """How many are open, over all branches."""
        return sum(pull.is_open for pull in self._pulls.values())

    def open_pulls(self) -> list[PullRequest]:
        """Every open pull request of ours, oldest first."""
        return sorted((pull for pull in self._pulls.values() if pull.is_open), key=lambda pull: pull.number)

    def branches(self, forge: Forge) -> Mapping[str, str]:
        """Branch -> commit of all branches of ours; read when first asked for, and only then."""
        if self._branches is None:
            self._branches = forge.branches(f"{BRANCHES}/")
        return self._branches

    def note_opened(self) -> None:
        """This run opened or reopened one more."""
        self.opened += 1

    def _of(self, branch: str) -> list[PullRequest]:
        return [self._pulls[number] for number in self._numbers.get(branch, ())]


def closed_by_us(pull: PullRequest) -> bool:
    """Whether leastwise closed it, so that nobody has rejected anything."""
    state = read_state(pull.body)
    if pull.is_open or state is None or state.closed is None:
        return False
    return pull.closed_at is None or pull.closed_at <= state.closed + _LONGEST_RUN
