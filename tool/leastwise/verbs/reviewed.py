"""``leastwise show-plan`` and ``leastwise reviewed``: what is applied is what was reviewed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.plan.file import read_plans
from leastwise.publish.actions import ActionsRun
from leastwise.publish.plan_comment import show_plan, shown_plans
from leastwise.render.reviewed import of_review, review_markdown
from leastwise.verbs.policies import text_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leastwise.plan.file import PlanFile
    from leastwise.verbs.hub_options import HubOptions

PLAN_FILE, MARKDOWN_FILE, PULL_FILE = "plan.json", "plan.md", "pull-request"
WRITTEN = "`leastwise plan --format markdown --out FOLDER/plan.json > FOLDER/plan.md` writes both"


def show(folder: Path, pull: int, head: str, hub: HubOptions, say: Callable[[str], object]) -> int:
    """Have the plan in ``folder`` in one comment on a pull request."""
    fingerprints = [plan.fingerprint for plan in _plans(folder).plans]
    markdown = text_of(folder / MARKDOWN_FILE, WRITTEN)
    shown = show_plan(hub.forge(os.environ), pull, head, fingerprints, markdown)
    say(f"plan on #{shown.pull}: {'written' if shown.is_written else 'nothing new'}")
    return 0


def reviewed(folder: Path, commit: str, hub: HubOptions, show: Callable[[str], object]) -> int:
    """Print the fingerprints of the plan in ``folder`` that were shown on the pull request of ``commit``.

    What was not shown there is not printed: the page of the run says so, and how it is applied by hand.  The
    number of the pull request is left in ``folder``, for the journal: a rebased commit does not tell it.
    """
    file = _plans(folder)
    if file.commit != commit:
        raise UsageError(
            f"the plan in {folder} is of commit {file.commit or 'none'}, not of {commit}: {WRITTEN}"
        )
    shown = shown_plans(hub.forge(os.environ), commit)
    review = of_review(file.plans, ((each.pull, each.fingerprints) for each in shown))
    ActionsRun.of(os.environ).summarize(review_markdown(review, commit))
    (folder / PULL_FILE).write_text("".join(f"{pull}\n" for pull in review.pulls[:1]), "utf-8")
    for plan in review.reviewed:
        show(plan.fingerprint)
    return 0


def _plans(folder: Path) -> PlanFile:
    path = folder / PLAN_FILE
    return read_plans(text_of(path, WRITTEN), str(path))
