"""A proposal as the title and body of a pull request: the verdict first, detail folded, cut visibly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.model.proposal import ChangeKind, ProposalKind, PullRequestText
from leastwise.render import coverage, evidence_table, keeping
from leastwise.render.escape import plain
from leastwise.render.findings import denied_section, kept_section, omitted_section, unexplained_section
from leastwise.render.words import counted, title_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.case import Case
    from leastwise.model.proposal import Proposal

BODY_LIMIT = 65_536
"""Characters of a pull request's body on GitHub: a longer one is refused with 422 ("body is too long")."""
RESERVED = 6_000
"""Room left for what a publisher adds to the body (its hidden state)."""
CUT = "\n\n*Cut here: the rest does not fit a pull request. The whole text is in the run's artifact.*\n"


def pull_request_text(proposal: Proposal, case: Case) -> PullRequestText:
    """Title and body; the same proposal always gives the same text."""
    body = ""
    limit = BODY_LIMIT - RESERVED - len(CUT)
    for section in filter(None, _sections(proposal, case)):
        if len(body) + len(section) > limit:
            body += CUT
            break
        body += section.rstrip() + "\n\n"
    return PullRequestText(_title(proposal, case), body.rstrip() + "\n")


def _title(proposal: Proposal, case: Case) -> str:
    return f"{_VERBS[proposal.kind]} {title_name(case.principal)}: {_short(proposal)}"


_VERBS = {
    ProposalKind.INITIAL: "First policy for",
    ProposalKind.TIGHTEN: "Tighten",
    ProposalKind.ADD: "Add to",
}


def _short(proposal: Proposal) -> str:
    """``remove 41 actions, narrow 5``."""
    removed, narrowed, added = (_actions(proposal, kind) for kind in ChangeKind)
    parts = [
        f"remove {counted(removed, 'action')}" if removed else "",
        f"narrow {counted(narrowed, 'action')}" if narrowed else "",
        counted(added, "action") if added else "",
    ]
    return ", ".join(part for part in parts if part)


def _actions(proposal: Proposal, kind: ChangeKind) -> int:
    return len({change.action for change in proposal.changes if change.kind is kind})


def _sections(proposal: Proposal, case: Case) -> Iterator[str]:
    yield f"**{_verdict(proposal)}**"
    yield _proof(proposal)
    yield from (f"> [!NOTE]\n> {note}" for note in proposal.notes)
    yield coverage.section(case)
    yield evidence_table.section(proposal)
    yield omitted_section(proposal.omissions)
    yield kept_section(proposal.findings)
    yield unexplained_section(proposal.findings)
    yield denied_section(proposal.denied)
    yield _sizes(proposal)
    yield keeping.section(proposal, case)
    yield evidence_table.details(proposal)


def _verdict(proposal: Proposal) -> str:
    if proposal.kind is ProposalKind.INITIAL:
        return f"Grants {_short(proposal)} that were used, on the resources they were used on."
    if proposal.kind is ProposalKind.ADD:
        return f"Adds {_short(proposal)} that were denied and are needed; takes nothing away."
    return f"Takes away what was not used ({_short(proposal)}); adds nothing."


def _proof(proposal: Proposal) -> str:
    marks = {True: "proved", False: "FAILED", None: "undecided"}
    lines = [
        f"- {plain(found.name, 200)}: **{marks[found.holds]}**"
        + (f" ({plain(found.detail, 300)})" if found.detail else "")
        for found in proposal.proof.obligations
    ]
    return "\n".join(lines)


def _sizes(proposal: Proposal) -> str:
    lines = [
        f"- {plain(budget.path, 300)}: {budget.used:,} of {budget.quota:,} {budget.rule}"
        for budget in proposal.sizes
    ]
    return "### Size\n\n" + "\n".join(lines) if lines else ""
