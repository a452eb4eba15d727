"""What leastwise says in comments on its pull requests: one comment for each topic, edited in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.publish.labels import STOP, TAKE_OVER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.publish.forge import Comment

TAKE_OVER_BOX = "<!-- leastwise:take-over -->"

EDITED = "edited"
OBSOLETE = "obsolete"
REJECTED = "rejected"

_TEXTS = {
    EDITED: (
        "This branch has commits that leastwise did not make, so it leaves the branch and the description "
        "alone. The proof above is for the commit that leastwise made, not for what the branch holds now.\n\n"
        f"- [ ] {TAKE_OVER_BOX}Let leastwise take over again (or add the label `{TAKE_OVER}`). It commits "
        "on top: yours stay in the history, and the files become what leastwise proposes.\n\n"
        f"The label `{STOP}` makes leastwise leave this pull request alone for good."
    ),
    OBSOLETE: (
        "Obsolete: leastwise no longer proposes this change. It reopens the pull request if the change comes "
        "back within 7 days."
    ),
    REJECTED: (
        "Closed, and understood: leastwise does not propose these grants again, however much evidence comes "
        f"in. Reopen this pull request, or add the label `{TAKE_OVER}`, to have them proposed again."
    ),
}
_TAKEN_OVER = "leastwise took over again, as asked."
_ABANDONED = (
    "Obsolete: leastwise no longer proposes this change. The pull request stays open because people have "
    "worked on it: merge it or close it as you see fit."
)


def notice(topic: str) -> str:
    """The comment of a topic; its first line, which nobody sees, is by which it is found again."""
    return f"{_mark(topic)}\n{_TEXTS[topic]}"


def taken_over() -> str:
    """What the `EDITED` comment says after leastwise was let back in."""
    return f"{_mark(EDITED)}\n{_TAKEN_OVER}"


def abandoned() -> str:
    """The `OBSOLETE` comment on a branch that people have worked on."""
    return f"{_mark(OBSOLETE)}\n{_ABANDONED}"


def on_topic(comments: Iterable[Comment], topic: str) -> Comment | None:
    """The comment of a topic; one that quotes it has ``>`` before the mark, and is not meant."""
    return next((comment for comment in comments if comment.body.startswith(_mark(topic))), None)


def asks_to_take_over(comment: Comment | None) -> bool:
    """Whether somebody ticked the box."""
    text = comment.body if comment else ""
    return any(f"- [{tick}] {TAKE_OVER_BOX}" in text for tick in "xX")


def _mark(topic: str) -> str:
    return f"<!-- leastwise:topic {topic} -->"
