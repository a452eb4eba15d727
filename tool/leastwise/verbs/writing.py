"""What the verbs that write to AWS share: the roles that may, the journal, and one plan carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.apply.execute import Execution
from leastwise.apply.iam_hand import IamHand
from leastwise.apply.journal import FOLDER, Journal, again
from leastwise.apply.set_hand import SetHand
from leastwise.aws.iam import iam
from leastwise.aws.iam_writes import IamWrites
from leastwise.aws.sessions import Aws
from leastwise.aws.sso_admin import sso_admin
from leastwise.aws.sso_writes import SsoWrites
from leastwise.aws.sts import caller_identity
from leastwise.errors import PlanError
from leastwise.live.for_plan import live_for_plan
from leastwise.live.reading import KINDS
from leastwise.model.declared import Ownership, PrincipalKind
from leastwise.model.journal import AppliedRecord, Kind
from leastwise.plan.desired import sides
from leastwise.plan.fingerprint import is_genuine
from leastwise.plan.fits import misfits, uncommitted
from leastwise.plan.planned import live_facts
from leastwise.plan.refuse import not_named
from leastwise.plan.resume import done_steps, foreign
from leastwise.repo.merges import pull_request_of
from leastwise.store.address import shelf_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from leastwise.apply.hands import Hand
    from leastwise.model.declared import Principal
    from leastwise.model.plan import Plan
    from leastwise.plan.desired import Sides
    from leastwise.workspace import Workspace


def writer_of(
    workspace: Workspace, now: datetime, state: str | None, pull: int, warn: Callable[[str], object]
) -> Writer:
    """What writes to AWS, with the roles that may; ``state`` says where the journal is kept.

    ``warn`` hears of what is damaged there.
    """
    declaration = workspace.declaration
    journal = None
    if state is not None:
        shelf = shelf_at(state, workspace.root, Aws(declaration.account_roles), now, FOLDER)
        journal = Journal(shelf, warn)
    aws = Aws({**declaration.account_roles, **declaration.apply_roles})
    return Writer(workspace, aws, now, pull or _pull(workspace), journal)


def _pull(workspace: Workspace) -> int:
    if workspace.repository is None or not workspace.commit:
        return 0
    return pull_request_of(workspace.repository.read_commit(workspace.commit).message)


@dataclass(frozen=True, slots=True)
class Writer:
    """Carries out plans, and writes down what it does.  Without a ``journal`` nothing is kept."""

    workspace: Workspace
    aws: Aws
    now: datetime
    pull: int
    journal: Journal | None

    def warn_unwritten(self, warn: Callable[[str], object]) -> None:
        """Say so where nothing will be kept."""
        if self.journal is None:
            warn("nothing is written down for a rollback to know: say with --state where to keep it")

    def warn_undone(self, plan: Plan, warn: Callable[[str], object]) -> None:
        """Say so where the plan changes again what a rollback brought back."""
        note = again(self.journal.of(plan.principal)) if self.journal else ""
        if note:
            warn(f"{plan.principal}: {note}")

    def earlier(self, fingerprints: Iterable[str], kind: Kind) -> dict[str, Plan]:
        """The plans that the same verb began for this commit: to go on with, or done already."""
        if self.journal is None:
            return {}
        commit = self.workspace.commit
        found = ((each, self.journal.latest(each, commit, kind)) for each in fingerprints)
        return {fingerprint: record.plan for fingerprint, record in found if record}

    def carried_out(self, plan: Plan, kind: Kind, hear: Callable[[AppliedRecord], object]) -> AppliedRecord:
        """One plan, from wherever it stands; ``hear`` is told how it ended, whatever becomes of the journal.

        Raises ``PlanError`` before the first write where it must not be done, ``AwsError`` where what is live
        cannot be read.
        """
        principal = self._writable(plan)
        first = self._standing(principal, plan, kind)
        hand, account, region = self._hand(principal)
        by = caller_identity(self.aws, account, region)
        begun = AppliedRecord(kind, plan, self.workspace.commit, self.pull, by, self.now)
        if self.journal:
            self.journal.write(begun)
        started = self.aws.clock.now()
        done = Execution(plan, hand).run(first)
        ended = self.now + timedelta(seconds=self.aws.clock.now() - started)
        record = replace(
            begun, ending=done.ending, ended=ended, steps=done.steps, versions_after=done.versions
        )
        hear(record)
        if self.journal:
            self.journal.write(record)
        return record

    def _writable(self, plan: Plan) -> Principal:
        principal = self.workspace.declaration.principal(plan.principal)
        if principal is None or principal.ownership is not Ownership.APPLY:
            raise PlanError(
                f"{plan.principal} is not enrolled with `ownership: apply`: nothing of it is written"
            )
        if not is_genuine(plan):
            raise PlanError(f"the plan for {plan.principal} is not what its fingerprint says: make it anew")
        return principal

    def _standing(self, principal: Principal, plan: Plan, kind: Kind) -> int:
        """From which step on the plan is to be done."""
        policies, center = self.workspace.policies, self.workspace.declaration.identity_center
        names = (change.name for change in plan.changes)
        live = live_for_plan(principal, policies, self.aws, center, also=names)
        both = sides(principal, policies, live, self.now.date())
        _check(plan, both, kind)
        now = live_facts(both)
        first = done_steps(plan, now)
        if first is None:
            where = ", ".join(foreign(plan, now)) or "in an order that the plan does not have"
            raise PlanError(
                f"what is live changed since the plan for {principal.key} was made ({where}): look at it, "
                "and make a new plan; nothing was written"
            )
        return first

    def _hand(self, principal: Principal) -> tuple[Hand, str, str]:
        """What writes, and where we are somebody."""
        clock = self.aws.clock
        if principal.kind is PrincipalKind.PERMISSION_SET:
            place = self.workspace.declaration.identity_center
            center = sso_admin(self.aws, place)
            found = center.permission_set(principal.name)
            hand = SetHand(found, center, SsoWrites(center.caller, found), clock)
            return hand, place.account, place.region
        account = principal.accounts[0]
        kind = KINDS[principal.kind]
        reads = iam(self.aws, account)
        return IamHand(kind, principal.name, reads, IamWrites(reads.caller), clock), account, ""


def _check(plan: Plan, both: Sides, kind: Kind) -> None:
    """The plan may come from a file or from the journal: it must be one that could be made here and now."""
    key = both.principal.key
    wrong = misfits(plan, both)
    if wrong:
        raise PlanError(
            f"the plan for {key} is not one that leastwise made ({'; '.join(wrong)}): nothing was written"
        )
    if kind is not Kind.APPLY:
        return
    other = uncommitted(plan, both)
    if other:
        raise PlanError(
            f"the plan for {key} ends in something else than what is committed now ({', '.join(other)}): "
            "make a new plan; nothing was written"
        )
    unnamed = not_named(both.principal, both.live)
    if unnamed:
        raise PlanError(f"{key}: {unnamed}; nothing was written")
