"""``leastwise apply``: exactly the plans whose fingerprints are given."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import AwsError, PlanError, PolicySyntaxError
from leastwise.model.journal import Ending, Kind
from leastwise.plan.file import read_plans
from leastwise.publish.actions import ActionsRun
from leastwise.render.applied import applied_lines, applied_markdown
from leastwise.render.plan import plan_lines
from leastwise.render.redact import redacted
from leastwise.verbs.plan import PlanScope, plans_of, workspace_of
from leastwise.verbs.policies import text_of
from leastwise.verbs.writing import writer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from leastwise.model.journal import AppliedRecord
    from leastwise.model.plan import Plan
    from leastwise.verbs.writing import Writer
    from leastwise.workspace import Workspace

PLAN_FILE = "a plan file is what `leastwise plan --out` writes"
STOPPED = (
    "not all of it was done: mend what is named above, and give the same fingerprint again (with --plan or "
    "--state), or make a new plan"
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for: fingerprints, and where the plans are, the journal, and the pull request."""

    fingerprints: tuple[str, ...]
    file: Path | None = None
    state: str | None = None
    pull: int = 0


def run(scope: PlanScope, order: Order, show: Callable[[str], object], warn: Callable[[str], object]) -> None:
    """Carry out the plans.  Raises ``PlanError`` where one is not to be had, or came to no good end."""
    workspace = workspace_of(scope)
    writer = writer_of(workspace, scope.now, order.state, order.pull, warn)
    plans = _wanted(workspace, scope, order, writer, show)
    writer.warn_unwritten(warn)
    for plan in plans:
        writer.warn_undone(plan, warn)
    carry_out(writer, plans, Kind.APPLY, show)


def carry_out(writer: Writer, plans: Sequence[Plan], kind: Kind, show: Callable[[str], object]) -> None:
    """Carry out plans one after the other: what hinders one hinders no other.

    Shows what was done, also on the page of the run.  Raises ``PlanError`` where something was not.
    """
    left = []
    for plan in plans:
        try:
            record = writer.carried_out(plan, kind, lambda done: _tell(writer.workspace, done, show))
        except (AwsError, PlanError, PolicySyntaxError) as error:
            left.append(f"{plan.principal}: {error}")
            continue
        if record.ending is not Ending.DONE:
            left.append(f"{plan.principal}: {STOPPED}")
    if left:
        raise PlanError("\n".join(left))


def _tell(workspace: Workspace, record: AppliedRecord, show: Callable[[str], object]) -> None:
    redact = workspace.declaration.redact
    show(redacted("\n".join(applied_lines(record)), redact))
    ActionsRun.of(os.environ).summarize(redacted(applied_markdown(record), redact))


def _wanted(
    workspace: Workspace, scope: PlanScope, order: Order, writer: Writer, show: Callable[[str], object]
) -> tuple[Plan, ...]:
    """The plans with the fingerprints that were given, in that order."""
    known = _from_file(order.file, workspace.commit) if order.file else {}
    missing = [each for each in order.fingerprints if each not in known]
    if missing or not order.fingerprints:
        found = plans_of(workspace, scope, writer.aws)
        known |= {each.plan.fingerprint: each.plan for each in found if each.plan}
        known |= writer.earlier((each for each in missing if each not in known), Kind.APPLY)
        if not order.fingerprints or any(each not in known for each in missing):
            show(redacted("\n".join(plan_lines(found)), workspace.declaration.redact))
            raise PlanError(_unknown(order.fingerprints, known))
    return tuple(known[fingerprint] for fingerprint in dict.fromkeys(order.fingerprints))


def _from_file(file: Path, commit: str) -> dict[str, Plan]:
    """The plans of a file.  What is written down names the commit, so it has to be the one that is here."""
    found = read_plans(text_of(file, PLAN_FILE), str(file))
    if found.commit != commit:
        raise PlanError(
            f"{file} is the plan of {_commit(found.commit)}, and here is {_commit(commit)}: check that one "
            "out, or make a new plan"
        )
    return {plan.fingerprint: plan for plan in found.plans}


def _commit(commit: str) -> str:
    return f"commit {commit[:12]}" if commit else "no commit"


def _unknown(given: Sequence[str], known: Mapping[str, Plan]) -> str:
    missing = [each for each in given if each not in known]
    asked = f"{missing[0]} is no plan (any more)" if missing else "nothing is applied without its fingerprint"
    now = ", ".join(known) or "none: nothing differs that could be applied"
    return f"{asked}: review the plan above, and give its fingerprint; plans now: {now}"
