"""What a reviewer can do beside merging."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leastwise.model.declared import Ownership
from leastwise.model.proposal import ChangeKind, ProposalKind
from leastwise.render.escape import plain

if TYPE_CHECKING:
    from leastwise.case import Case
    from leastwise.model.proposal import Proposal

KEEP_DAYS = 180


def section(proposal: Proposal, case: Case) -> str:
    """How to keep a grant, and what closing the pull request means."""
    closing = (
        "**Closing** this pull request without merging it means that these grants are not proposed again, "
        "however the evidence grows. A commit of yours on its branch means that leastwise leaves it to you. "
        "Otherwise it is looked at again on every scheduled run, and changed only when the proposal changes."
    )
    if proposal.kind is not ProposalKind.TIGHTEN:
        return f"### Not right?\n\n{closing}"
    if case.principal.ownership is Ownership.APPLY:
        back = "`leastwise watch` looks for it, and proposes to give back just that."
    else:
        back = "Revert the merge and deploy as you did: the files are again what they were."
    change = min(proposal.changes, key=lambda change: change.kind is not ChangeKind.REMOVED)
    until = (case.now + timedelta(days=KEEP_DAYS)).date()
    entry = (
        f'keep:\n  - {{action: "{plain(change.action)}", resource: "{plain(change.before[0], 300)}", '
        f'until: {until}, why: "..."}}'
    )
    how = "**To keep** a grant for a time, say so of the principal in `principals.yaml`, for example:"
    how += f"\n\n```yaml\n{entry}\n```"
    return f"### Not right?\n\n{how}\n\n{closing}\n\n**Denied after it is live?** {back}"
