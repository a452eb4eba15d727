"""What was written to AWS, a line for each run and principal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.journal import StepOutcome
from leastwise.render.escape import plain
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from leastwise.model.journal import AppliedRecord

WIDE = 200


def journal_lines(records: Mapping[str, Sequence[AppliedRecord]]) -> Iterator[str]:
    """Each principal with its records, the oldest first; those without any are left out."""
    some = {principal: found for principal, found in records.items() if found}
    if not some:
        yield "nothing was applied, as far as this journal knows"
    for principal, found in some.items():
        yield plain(principal, WIDE)
        for record in found:
            yield f"  {told(record)}"


def told(record: AppliedRecord) -> str:
    """One run in a line."""
    before = sum(step.outcome is StepOutcome.ALREADY for step in record.steps)
    earlier = f" and {before:,} before" if before else ""
    done = sum(step.outcome is StepOutcome.DONE for step in record.steps)
    pull = f" (#{record.pull})" if record.pull else ""
    commit = f" of commit {record.commit[:12]}{pull}" if record.commit else ""
    return (
        f"{record.began:%Y-%m-%d %H:%M} UTC {record.kind.value}{commit}: {record.ending.value}, {done} of "
        f"{counted(len(record.plan.steps), 'call')} made{earlier}, plan {record.plan.fingerprint[:16]}"
    )
