"""What was written to AWS, as lines of text and as Markdown for the page of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.journal import Ending, StepOutcome
from leastwise.render.escape import code, plain, prose
from leastwise.render.plan import step_words
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.model.journal import AppliedRecord

WIDE = 600
MOST = 200_000
"""Characters of one principal: the page of a step holds 1 MiB
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, 2026-11)."""


def applied_lines(record: AppliedRecord) -> Iterator[str]:
    """The principal, then each step with what became of it."""
    yield f"{record.kind.value} {plain(record.principal, WIDE)}: {headline(record)}"
    for step, done in zip(record.plan.steps, record.steps, strict=True):
        why = f": {plain(done.why, WIDE)}" if done.why else ""
        yield f"  {done.outcome.value:<12} {step_words(step)}{why}"


def headline(record: AppliedRecord) -> str:
    """``5 of 5 calls done``."""
    finished = sum(done.outcome in (StepOutcome.DONE, StepOutcome.ALREADY) for done in record.steps)
    earlier = sum(done.outcome is StepOutcome.ALREADY for done in record.steps)
    before = f", {earlier:,} of them before this run" if earlier else ""
    stopped = "; stopped" if record.ending is Ending.STOPPED else ""
    return f"{finished:,} of {counted(len(record.plan.steps), 'call')} done{before}{stopped}"


def applied_markdown(record: AppliedRecord) -> str:
    """Who wrote what, of which commit, with every text before and after."""
    text = "".join(f"{line}\n" for line in _section(record))
    return (
        text
        if len(text) <= MOST
        else f"{text[:MOST]}\n\nCut: the journal beside the evidence has the rest.\n"
    )


def _section(record: AppliedRecord) -> Iterator[str]:
    pull = f", pull request #{record.pull}" if record.pull else ""
    commit = f" of commit {code(record.commit)}" if record.commit else ""
    yield f"\n### Written to AWS: {record.kind.value} {prose(record.principal, WIDE)}: {headline(record)}\n"
    when, plan = f"{record.began:%Y-%m-%d %H:%M}Z", code(record.plan.fingerprint)
    yield f"By {code(record.by, WIDE)} at {when}{commit}{pull}; plan {plan}\n"
    for step, done in zip(record.plan.steps, record.steps, strict=True):
        why = f": {prose(done.why, WIDE)}" if done.why else ""
        yield f"- {done.outcome.value}: {prose(step_words(step), WIDE)}{why}"
    for change in record.plan.changes:
        yield f"\n<details><summary>{prose(change.path, WIDE)}</summary>\n"
        yield from _text("before", change.before)
        yield from _text("after", change.after)
        yield "</details>"


def _text(when: str, text: str | None) -> Iterator[str]:
    """A policy as an indented block, which nothing in it can end."""
    if text is None:
        return
    yield f"{when}:\n"
    yield from (f"    {plain(line, WIDE)}" for line in text.splitlines())
    yield ""
