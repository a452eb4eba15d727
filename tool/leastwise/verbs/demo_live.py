"""The end of ``leastwise demo``: what was proposed is merged and applied; a call is denied, and comes back.

AWS is a model in this process, and the output says so; everything else is what every run uses: the same
plans, the same way of carrying them out, the same journal, the same watching.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leastwise.apply.journal import FOLDER, Journal
from leastwise.assess import watched
from leastwise.demo import afterwards
from leastwise.model.journal import Kind
from leastwise.model.proposal import Proposal, ProposalKind
from leastwise.pipeline import case_of, publish
from leastwise.publish.git import GitPublisher
from leastwise.publish.preview import PreviewPublisher
from leastwise.render import text
from leastwise.render.plan import plan_lines
from leastwise.render.pull_request import pull_request_text
from leastwise.repo import Repository
from leastwise.repo.merges import pull_request_of
from leastwise.store.address import shelf_at
from leastwise.verbs.applied import applies_of
from leastwise.verbs.apply import carry_out
from leastwise.verbs.common import chosen, evidence_of
from leastwise.verbs.plan import plan_of
from leastwise.verbs.scope import Scope
from leastwise.verbs.writing import Writer
from leastwise.workspace import read_committed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from leastwise.assess import Assessment
    from leastwise.demo.build import DemoPlaces
    from leastwise.demo.live import ModelAws
    from leastwise.workspace import Workspace

STATE = "state"
LINES = 14
"""Lines of one plan that are shown, and characters of each."""
WIDE = 140


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story takes place; ``show`` hears it."""

    folder: Path
    places: DemoPlaces
    aws: ModelAws
    show: Callable[[str], None]

    def workspace(self) -> Workspace:
        """As it is on the remote now."""
        return read_committed(self.places.root, Repository.open(self.places.root).base())

    @property
    def state(self) -> str:
        """Where the journal is."""
        return str(self.folder / STATE)


def run(
    folder: Path,
    places: DemoPlaces,
    assessments: Sequence[Assessment],
    now: datetime,
    show: Callable[[str], None],
) -> None:
    """Merge two proposals, apply them, let a call be denied, and propose to restore what it needs."""
    proposed = [
        _proposal(assessments, afterwards.EXPORTER, ProposalKind.INITIAL),
        _proposal(assessments, afterwards.PAYMENTS, ProposalKind.TIGHTEN),
    ]
    show("")
    if None in proposed:
        show("With so few records nothing is proposed that could be applied: give more --records.")
        return
    workspace = read_committed(places.root, Repository.open(places.root).base())
    stage = Stage(folder, places, afterwards.account(workspace.policies), show)
    show("From merged to live.  No AWS is called from here on: a model of IAM in this process answers in its")
    show("place.  Plan, apply, journal and watch are the same as everywhere.")
    for number, found in enumerate(filter(None, proposed), 40):
        now += timedelta(hours=1)
        _merged_and_applied(stage, found, number, now)
    now = afterwards.refusals(places.logs, now)
    show("")
    show(f"A day later: {afterwards.REFUSED} was denied 3 times, which nobody had called in ninety days.")
    show(f"$ leastwise watch --state {STATE}")
    _watched(stage, now)


def _proposal(assessments: Iterable[Assessment], arn: str, kind: ProposalKind) -> tuple[Proposal, str] | None:
    """The proposal and its title, if there is one."""
    found = (
        (result, pull_request_text(result, assessment.case).title)
        for assessment in assessments
        for result in assessment.results
        if isinstance(result, Proposal) and (result.principal, result.kind) == (arn, kind)
    )
    return next(found, None)


def _merged_and_applied(stage: Stage, proposed: tuple[Proposal, str], number: int, now: datetime) -> None:
    proposal, title = proposed
    repository = Repository.open(stage.places.root)
    afterwards.merge(repository, repository.base(), proposal.files, f"{title} (#{number})", now)
    workspace = stage.workspace()
    principal = chosen(workspace, (proposal.principal,))[0]
    stage.show("")
    stage.show(f"Merged: {title} (#{number})")
    stage.show(f"$ leastwise plan --principal {proposal.principal}")
    found = plan_of(workspace, principal, now, stage.aws)
    lines = list(plan_lines([found]))
    for line in lines[:LINES]:
        stage.show(f"  {line if len(line) <= WIDE else line[: WIDE - 3] + '...'}")
    if len(lines) > LINES:
        stage.show(f"  ({len(lines) - LINES} more lines)")
    if found.plan is None:
        raise AssertionError("the demo's proposals can be applied")
    stage.show(f"$ leastwise apply {found.plan.fingerprint[:16]}... --state {STATE}")
    shelf = shelf_at(stage.state, stage.places.root, stage.aws, now, FOLDER)
    pull = pull_request_of(repository.read_commit(workspace.commit).message)
    writer = Writer(workspace, stage.aws, now, pull, Journal(shelf, stage.show))
    carry_out(writer, [found.plan], Kind.APPLY, lambda said: _indented(said, stage.show))


def _watched(stage: Stage, now: datetime) -> None:
    workspace = stage.workspace()
    principals = chosen(workspace, (afterwards.PAYMENTS,))
    scope = Scope(stage.places.root, now, since=now - timedelta(days=2), state=None)
    evidence = evidence_of(workspace, principals, scope)
    applies = applies_of(workspace, principals, Scope(stage.places.root, now, state=stage.state), stage.show)
    assessments = [
        watched(case_of(workspace, each, evidence, now, applies=applies[each.key])) for each in principals
    ]
    previews = stage.folder / "proposals"
    publish(assessments, PreviewPublisher(previews, lambda _: None))
    repository = Repository.open(stage.places.root)
    outcomes = publish(assessments, GitPublisher.connect(repository, repository.base(), now))
    for assessment in assessments:
        for result in assessment.results:
            if isinstance(result, Proposal):
                stage.show(f"  {pull_request_text(result, assessment.case).title}")
    for line in text.proposed(assessments, outcomes):
        stage.show(f"  {line}")
    stage.show(f"Read it in {previews}.  What was applied:")
    stage.show(f"leastwise journal --root {stage.places.root} --state {stage.state}")


def _indented(said: str, show: Callable[[str], None]) -> None:
    for line in said.splitlines():
        show(f"  {line}")
