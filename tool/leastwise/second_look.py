"""What AWS itself says of proposals before they are published: its own checks, and what is live now.

AWS is asked only in runs that talk to it anyway: where the declaration says how accounts are entered, or
names a source that lives there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import policy_checks
from leastwise.drift.adoption import propose_adoption, recorded_writes
from leastwise.drift.differences import Difference, Standing, drift, waiting
from leastwise.drift.matching import as_held, matched
from leastwise.errors import AwsError, PolicySyntaxError
from leastwise.live.reading import live_of
from leastwise.model.declared import OnDrift, PrincipalKind, TrailFilesSource, region_of
from leastwise.model.proposal import Proposal
from leastwise.opinions.second import Opinions, Purse
from leastwise.render.escape import code, prose
from leastwise.render.words import usage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leastwise.assess import Assessment
    from leastwise.aws.sessions import Aws
    from leastwise.case import Case
    from leastwise.drift.differences import Drift
    from leastwise.model.declared import Declaration
    from leastwise.model.evidence import Evidence
    from leastwise.model.proposal import Withheld

SHOWN = 600
"""Characters of one sentence of a note: it may quote what somebody wrote into a live policy."""
WRITES_SHOWN = 5


def asks_aws(declaration: Declaration) -> bool:
    """Whether anything is declared to be in AWS."""
    remote = any(not isinstance(source, TrailFilesSource) for source in declaration.sources.values())
    return bool(declaration.account_roles or remote)


@dataclass(frozen=True, slots=True)
class SecondLook:
    """AWS's word on the proposals of one run; ``purse`` counts what costs money in all of them."""

    aws: Aws
    declaration: Declaration
    purse: Purse
    before: Callable[[str], Sequence[str]]
    """What a policy's file held before, the latest first."""

    @classmethod
    def of(
        cls, aws: Aws, declaration: Declaration, before: Callable[[str], Sequence[str]]
    ) -> SecondLook | None:
        """``None`` where nothing is declared to be in AWS."""
        if not asks_aws(declaration):
            return None
        return cls(aws, declaration, Purse(declaration.second_opinion.custom_checks), before)

    def on(self, assessment: Assessment, evidence: Evidence) -> Assessment:
        """The assessment with what AWS says noted on its proposals, or a proposal withheld for it.

        And with how what is live compares with what is committed; ``evidence`` is that of everybody.
        """
        case = assessment.case
        standing = self._standing(case)
        if standing is None:
            return replace(assessment, results=self._seconds(assessment.results, case, ()))
        adoption: tuple[Proposal | Withheld, ...] = ()
        if case.principal.on_drift is OnDrift.PROPOSE:
            adopted = (propose_adoption(case, standing, _recorded(standing, evidence)),)
            adoption = self._seconds(adopted, case, ())
        return replace(
            assessment,
            results=(*self._seconds(assessment.results, case, _notes(standing)), *adoption),
            kinds=(*assessment.kinds, *(result.kind for result in adoption)),
            standing=standing,
        )

    def _seconds(
        self, results: Sequence[Proposal | Withheld], case: Case, notes: tuple[str, ...]
    ) -> tuple[Proposal | Withheld, ...]:
        return tuple(
            self._second(result, case, notes) if isinstance(result, Proposal) else result
            for result in results
        )

    def _second(self, result: Proposal, case: Case, notes: tuple[str, ...]) -> Proposal | Withheld:
        account = next(iter(case.principal.accounts), "")
        checks = policy_checks(self.aws, self._region(), account)
        noted = replace(result, notes=(*result.notes, *notes))
        return Opinions(checks, self.declaration.second_opinion, self.purse).on(noted, case.principal.never)

    def _standing(self, case: Case) -> Standing | None:
        """``None`` where there is nothing to compare: no policy is committed, or the principal is a group."""
        principal = case.principal
        if principal.kind is PrincipalKind.GROUP or not case.own:
            return None
        try:
            live = live_of(principal, self.aws, self.declaration.identity_center, self._region())
        except (AwsError, PolicySyntaxError) as error:
            return Standing(unread=str(error))
        own = as_held(principal, case.own)
        live = matched(live, principal, own, case.elsewhere)
        drifts = drift((*own, *case.elsewhere), live)
        return Standing(live, drifts, waiting(drifts, live, self.before), live.behind)

    def _region(self) -> str:
        """A region of the partition, where a source tells one; else that of the profile or environment."""
        return next(filter(None, map(region_of, self.declaration.sources.values())), "")


def _notes(standing: Standing) -> tuple[str, ...]:
    """How what is live differs from what is committed, a sentence for each policy."""
    if standing.unread:
        return (f"What is live could not be read: {prose(standing.unread, SHOWN)}.",)
    differing = [
        f"Declared is not what is live: {prose(str(found), SHOWN)}{_waits(standing, found)}."
        for found in standing.drifts
    ]
    if standing.behind:
        accounts = prose(", ".join(standing.behind), SHOWN)
        differing.append(f"The permission set is not provisioned as it is defined to {accounts}.")
    return tuple(differing)


def _waits(standing: Standing, found: Drift) -> str:
    is_older = found.path in standing.waiting and found.difference is not Difference.NOT_LIVE
    return "; live is what was committed before" if is_older else ""


def _recorded(standing: Standing, evidence: Evidence) -> tuple[str, ...]:
    """When it was changed and by which event, as far as it is recorded; never by whom."""
    writes = recorded_writes(standing.live, evidence) if standing.live else ()
    if not writes:
        return ("No recorded call of an enrolled principal changed it; other callers are not looked at.",)
    return tuple(
        f"{code(seen.key.request.action)} was called: {usage([seen])}." for seen in writes[:WRITES_SHOWN]
    )
