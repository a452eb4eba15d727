"""What AWS itself says of proposals before they are published: its own checks, and what is live now.

AWS is asked only in runs that talk to it anyway: where the declaration says how accounts are entered, or
names a source that lives there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.aws.access_analyzer import policy_checks
from leastwise.drift import drift
from leastwise.errors import AwsError, PolicySyntaxError
from leastwise.live.reading import live_of
from leastwise.matching import as_held, matched
from leastwise.model.declared import PrincipalKind, TrailFilesSource
from leastwise.model.proposal import Proposal
from leastwise.opinions.second import Opinions, Purse
from leastwise.render.escape import prose

if TYPE_CHECKING:
    from leastwise.assess import Assessment
    from leastwise.aws.sessions import Aws
    from leastwise.case import Case
    from leastwise.model.declared import Declaration
    from leastwise.model.proposal import Withheld

SHOWN = 600
"""Characters of one sentence of a note: it may quote what somebody wrote into a live policy."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """AWS's word on the proposals of one run; ``purse`` counts what costs money in all of them."""

    aws: Aws
    declaration: Declaration
    purse: Purse

    @classmethod
    def of(cls, aws: Aws, declaration: Declaration) -> SecondLook | None:
        """``None`` where nothing is declared to be in AWS."""
        remote = any(not isinstance(source, TrailFilesSource) for source in declaration.sources.values())
        if not (declaration.account_roles or remote):
            return None
        return cls(aws, declaration, Purse(declaration.second_opinion.custom_checks))

    def on(self, assessment: Assessment) -> Assessment:
        """The assessment with what AWS says noted on its proposals, or a proposal withheld for it."""
        if not any(isinstance(result, Proposal) for result in assessment.results):
            return assessment
        notes = self._drift(assessment.case)
        results = tuple(self._second(result, assessment.case, notes) for result in assessment.results)
        return replace(assessment, results=results)

    def _second(self, result: Proposal | Withheld, case: Case, notes: tuple[str, ...]) -> Proposal | Withheld:
        if not isinstance(result, Proposal):
            return result
        account = next(iter(case.principal.accounts), "")
        checks = policy_checks(self.aws, self._region(), account)
        noted = replace(result, notes=(*result.notes, *notes))
        return Opinions(checks, self.declaration.second_opinion, self.purse).on(noted, case.principal.never)

    def _drift(self, case: Case) -> tuple[str, ...]:
        """How what is live differs from what is committed, a sentence for each policy."""
        principal = case.principal
        if principal.kind is PrincipalKind.GROUP:
            return ()
        try:
            live = live_of(principal, self.aws, self.declaration.identity_center, self._region())
        except (AwsError, PolicySyntaxError) as error:
            return (f"What is live could not be read: {prose(str(error), SHOWN)}.",)
        own = as_held(principal, case.own)
        live = matched(live, principal, own, case.elsewhere)
        differing = [
            f"Declared is not what is live: {prose(str(found), SHOWN)}."
            for found in drift((*own, *case.elsewhere), live)
        ]
        if live.behind:
            accounts = prose(", ".join(live.behind), SHOWN)
            differing.append(f"The permission set is not provisioned as it is defined to {accounts}.")
        return tuple(differing)

    def _region(self) -> str:
        """A region of the partition, where a source tells one; else that of the profile or environment."""
        regions = (getattr(source, "region", None) for source in self.declaration.sources.values())
        return next(filter(None, regions), "")
