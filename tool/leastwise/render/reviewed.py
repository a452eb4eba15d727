"""Which plans are those that were reviewed, and how the others are applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.render.escape import code
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leastwise.model.plan import Plan

BY_HAND = "gh workflow run apply.yml -f fingerprints={}"


@dataclass(frozen=True, slots=True)
class Review:
    """Plans that were shown on the pull request, as they are now; and those that were not.

    ``pulls`` are the pull requests that showed a plan of what was merged.
    """

    reviewed: tuple[Plan, ...]
    others: tuple[Plan, ...]
    pulls: tuple[int, ...]


def of_review(plans: Sequence[Plan], shown: Iterable[tuple[int, frozenset[str]]]) -> Review:
    """``plans`` parted by whether one of the pull requests showed them; ``shown``: (number, fingerprints)."""
    told = tuple(shown)
    known = frozenset().union(*(fingerprints for _, fingerprints in told))
    return Review(
        tuple(plan for plan in plans if plan.fingerprint in known),
        tuple(plan for plan in plans if plan.fingerprint not in known),
        tuple(sorted({pull for pull, _ in told})),
    )


def review_markdown(review: Review, commit: str) -> str:
    """What will be applied and what will not, for the page of a run."""
    where = ", ".join(f"#{pull}" for pull in review.pulls)
    lines = ["", "## What was reviewed", ""]
    if review.reviewed:
        lines.append(f"Shown on {where}, unchanged, and now applied:")
        lines += ["", *(_line(plan) for plan in review.reviewed), ""]
    if review.others:
        why = (
            f"is not what was shown on {where}" if where else f"was shown on no pull request of {commit[:8]}"
        )
        lines.append(
            f"{counted(len(review.others), 'plan')} {why}, and is **not** applied: what is live has changed "
            "since, or another merge came in between. Read the plan above; to apply it as it is now:"
        )
        lines += ["", *(_line(plan) for plan in review.others), ""]
        command = BY_HAND.format("'" + " ".join(plan.fingerprint for plan in review.others) + "'")
        lines += ["```sh", command, "```", ""]
    if not (review.reviewed or review.others):
        lines += ["What is live is what is committed: there is nothing to apply.", ""]
    return "\n".join(lines)


def _line(plan: Plan) -> str:
    return f"- {code(plan.principal)}: {counted(len(plan.steps), 'call')}, {code(plan.fingerprint)}"
