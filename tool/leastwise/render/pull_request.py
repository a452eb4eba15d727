"""A proposal as the title and body of a pull request: the verdict first, detail folded, cut visibly."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from leastwise.model.derivation import Flag
from leastwise.model.proposal import ChangeKind, ProposalKind, PullRequestText
from leastwise.render import coverage, evidence_table, keeping, restoring, unnamed
from leastwise.render.escape import plain, prose
from leastwise.render.findings import denied_section, kept_section, omitted_section, unexplained_section
from leastwise.render.redact import redacted
from leastwise.render.words import counted, title_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.case import Case
    from leastwise.model.proposal import Obligation, Proposal

BODY_LIMIT = 65_536
"""Characters of a pull request's body on GitHub: a longer one is refused with 422 ("body is too long")."""
RESERVED = 6_000
"""Room left for what a publisher adds to the body (its hidden state)."""
CLAIMS = 2
"""Obligations in plain sight; each proof names its most telling ones first."""
CUT = "*Cut, for it does not fit a pull request: {sections}. The whole text is in the run's artifact.*\n"
CUT_LENGTH = 500
"""Room for that line: ten sections with the longest titles."""


def pull_request_text(proposal: Proposal, case: Case) -> PullRequestText:
    """Title and body; the same proposal always gives the same text."""
    body = ""
    cut: list[str] = []
    for section in filter(None, _sections(proposal, case)):
        if len(body) + len(section) > BODY_LIMIT - RESERVED - CUT_LENGTH:
            cut.append(_heading(section))
        else:
            body += section.rstrip() + "\n\n"
    body += CUT.format(sections=", ".join(cut)) if cut else ""
    return PullRequestText(pull_request_title(proposal, case), redacted(body.rstrip(), case.redact) + "\n")


def _heading(section: str) -> str:
    """``What changes`` of ``### What changes``; of a folded section its summary."""
    first = section.splitlines()[0].removeprefix("<details><summary>").removesuffix("</summary>")
    return first.strip("#* ")


def pull_request_title(proposal: Proposal, case: Case) -> str:
    """``Tighten role payments-api (111122223333): remove 41 actions, narrow 5``."""
    if proposal.kind is ProposalKind.RESTORE:
        return restoring.title(proposal, case)
    return f"{_VERBS[proposal.kind]} {title_name(case.principal)}: {short(proposal)}"


_VERBS = {
    ProposalKind.INITIAL: "First policy for",
    ProposalKind.TIGHTEN: "Tighten",
    ProposalKind.ADD: "Add to",
    ProposalKind.ADOPT: "Adopt what is live for",
}


def short(proposal: Proposal) -> str:
    """``remove 41 actions, narrow 5``."""
    counts = {kind: _actions(proposal, kind) for kind in ChangeKind}
    parts = [_FIGURES[kind] + counted(count, "action") for kind, count in counts.items() if count]
    return ", ".join(parts)


_FIGURES = {
    ChangeKind.REMOVED: "remove ",
    ChangeKind.NARROWED: "narrow ",
    ChangeKind.ADDED: "",
    ChangeKind.RESTORED: "",
    ChangeKind.ADOPTED: "gain ",
    ChangeKind.DROPPED: "lose ",
}


def _actions(proposal: Proposal, kind: ChangeKind) -> int:
    return len({change.action for change in proposal.changes if change.kind is kind})


def _sections(proposal: Proposal, case: Case) -> Iterator[str]:
    yield f"**{verdict(proposal)}**"
    yield _sensitive(proposal)
    yield _proof(proposal)
    yield restoring.denials(proposal)
    yield restoring.history(proposal)
    yield from (f"> [!NOTE]\n> {note}" for note in proposal.notes)
    yield coverage.section(case)
    yield _trial(proposal, case)
    yield evidence_table.section(proposal)
    yield unnamed.section(proposal)
    yield omitted_section(proposal.omissions)
    yield kept_section(proposal.findings)
    yield unexplained_section(proposal.findings)
    yield denied_section(proposal.denied, proposal.kind)
    yield _sizes(proposal)
    yield keeping.section(proposal, case)
    yield evidence_table.details(proposal)


def verdict(proposal: Proposal) -> str:
    """What the proposal does, in one or two sentences."""
    if proposal.kind is ProposalKind.INITIAL:
        if any(Flag.ATTEMPTED in change.flags for change in proposal.changes):
            return f"Grants {short(proposal)} that were called; the notes say what is not known."
        return f"Grants {short(proposal)}, each on the resources it was used on{unnamed.share(proposal)}."
    if proposal.kind is ProposalKind.ADD:
        return f"Adds {short(proposal)}: denied, and needed. Takes nothing away."
    if proposal.kind is ProposalKind.RESTORE:
        return restoring.verdict(proposal)
    if proposal.kind is ProposalKind.ADOPT:
        return (
            f"Somebody changed what is live by hand; the files take it over: {short(proposal)}. "
            "Merging approves that change; closing this leaves the files as they are."
        )
    return f"Takes away what was not used: {short(proposal)}. Adds nothing."


def _proof(proposal: Proposal) -> str:
    """The two claims that matter most in plain sight, the rest folded."""
    lines = [_claim(found) for found in proposal.proof.obligations]
    folded = "\n".join(lines[CLAIMS:])
    rest = f"\n\n<details><summary>The rest of the proof</summary>\n\n{folded}\n\n</details>"
    return "\n".join(lines[:CLAIMS]) + (rest if folded else "")


def _sensitive(proposal: Proposal) -> str:
    """What of weight is taken away: the reason to want this, and what to look at first."""
    actions: dict[str, set[str]] = defaultdict(set)
    for change in proposal.changes:
        if change.kind is ChangeKind.REMOVED:
            for risk in change.risk:
                actions[risk.partition(":")[0]].add(change.action)
    risks = (f"{plain(risk)} ({counted(len(names), 'action')})" for risk, names in sorted(actions.items()))
    return f"⚠ Among what is removed: {', '.join(risks)}." if actions else ""


def _trial(proposal: Proposal, case: Case) -> str:
    """Which calls a first policy is made of."""
    trial = case.principal.trial
    if proposal.kind is not ProposalKind.INITIAL or trial is None:
        return ""
    closed = f"{counted(trial.days, 'day')}, closed on {trial.closes}"
    return (
        f"The trial opened on {trial.opens} ({closed}): every call since it opened counts, and none before."
    )


def _claim(found: Obligation) -> str:
    mark = {True: "proved", False: "FAILED", None: "undecided"}[found.holds]
    name = prose(found.name, 300)
    detail = f" ({prose(found.detail, 300)})" if found.detail else ""
    return f"- {name[:1].upper()}{name[1:]}: **{mark}**{detail}"


def _sizes(proposal: Proposal) -> str:
    lines = [
        f"- {prose(budget.path, 300)}: {budget.used:,} of {budget.quota:,} {budget.rule}"
        for budget in proposal.sizes
    ]
    return "### Size\n\n" + "\n".join(lines) if lines else ""
