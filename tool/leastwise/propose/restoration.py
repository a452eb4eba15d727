"""Giving back what an apply took away and was then asked for: that grant, and nothing else."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from leastwise.grants import grants_of
from leastwise.holdings import Holdings
from leastwise.iam.compose import free_sid
from leastwise.iam.document import parse, render
from leastwise.iam.edit import Part, append, edit
from leastwise.iam.statement import PolicyDocument
from leastwise.model.declared import OnDenial
from leastwise.model.finding import StatementRef
from leastwise.model.proposal import (
    ChangeKind,
    FileChange,
    GrantChange,
    Proposal,
    ProposalKind,
    Withheld,
    WithheldReason,
)
from leastwise.propose.certificate import proof_of
from leastwise.propose.proof import prove_restoration
from leastwise.propose.verified import verified
from leastwise.quota import budgets
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.case import Case
    from leastwise.grants import Granted
    from leastwise.iam.statement import Statement
    from leastwise.model.applied import Losses, LostGrant
    from leastwise.model.policies import PolicyFile
    from leastwise.propose.proof import Proved

VERB = "Restored"
"""Stands as the Sid of a statement that comes back and had none."""


def propose_restoration(case: Case, losses: Losses) -> Proposal | Withheld:
    """The committed files with every lost grant back where it stood, and the proof; or why there is none."""
    if not losses.grants:
        reason, detail = WithheldReason.NOTHING_TO_CHANGE, "no denied call shows that an apply took too much"
        return Withheld(
            ProposalKind.RESTORE, case.principal.key, reason, detail, (), case.coverage, losses.others
        )
    own = {file.path: file for file in case.own}
    after = {file.path: file for file in _restored(own, losses.grants)}
    files = tuple(
        FileChange(path, own[path].text if path in own else None, file.text) for path, file in after.items()
    )
    new_own = tuple({**own, **after}.values())
    proposal = Proposal(
        kind=ProposalKind.RESTORE,
        principal=case.principal.key,
        files=files,
        changes=tuple(_changes(losses.grants, after)),
        findings=(),
        coverage=case.coverage,
        proof=proof_of(case, ProposalKind.RESTORE, files, _proved(case, new_own, losses.grants)),
        denied=losses.others,
        sizes=tuple(budgets(new_own)),
        owners=case.principal.owners,
        undoes=tuple(sorted({lost.applied for lost in losses.grants})),
    )
    return _as_declared(case, verified(proposal))


def _as_declared(case: Case, result: Proposal | Withheld) -> Proposal | Withheld:
    if case.principal.on_denial is not OnDenial.REPORT or isinstance(result, Withheld):
        return result
    lost = ", ".join(sorted({change.action for change in result.changes}))
    since = " and ".join(dict.fromkeys(applied.words for applied in result.undoes))
    return Withheld(
        ProposalKind.RESTORE,
        case.principal.key,
        WithheldReason.REPORT_ONLY,
        f"{lost} was denied since {since} took it away",
        (),
        case.coverage,
        result.denied,
    )


def _proved(case: Case, own: Sequence[PolicyFile], grants: Sequence[LostGrant]) -> Proved:
    before = {(file.path, file.text): file for lost in grants for file in lost.held}
    denied = [seen for lost in grants for call in lost.calls for seen in call.observations]
    old, new, held = (
        Holdings.of(file.document for file in (*files, *case.elsewhere))
        for files in (case.own, own, before.values())
    )
    stood = tuple(PolicyDocument((_part(lost.statement, [lost]),)) for lost in grants)
    return prove_restoration(old, new, (held, stood), case.evidence.observations, denied)


def _restored(own: Mapping[str, PolicyFile], grants: Sequence[LostGrant]) -> Iterator[PolicyFile]:
    """Each file that a grant comes back to, by path; one that is gone comes back with nothing else in it."""
    by_path: dict[str, list[LostGrant]] = defaultdict(list)
    for lost in grants:
        by_path[lost.path].append(lost)
    for path, lost_there in sorted(by_path.items()):
        groups = _groups(lost_there)
        if path in own:
            yield _mended(own[path], groups)
        else:
            gone = next(file for file in lost_there[0].held if file.path == path)
            document = PolicyDocument(tuple(_named(groups, set())))
            yield replace(gone, text=render(document), document=document)


def _groups(grants: Iterable[LostGrant]) -> list[list[LostGrant]]:
    """Grants of one statement on the same resources: they come back together."""
    groups: dict[tuple[object, ...], list[LostGrant]] = defaultdict(list)
    for lost in grants:
        groups[lost.applied, lost.reference, lost.patterns].append(lost)
    return list(groups.values())


def _part(statement: Statement, grants: Sequence[LostGrant]) -> Statement:
    """What comes back of a statement: its effect and conditions for these actions on these resources."""
    actions = tuple(sorted({lost.action for lost in grants}))
    return replace(
        statement,
        actions=_ordered(actions, statement.actions),
        not_actions=(),
        resources=grants[0].patterns,
        not_resources=(),
    )


def _ordered(actions: Sequence[str], before: Sequence[str]) -> tuple[str, ...]:
    """In the order of an old list, where that names them all; else as they are."""
    place = {entry: number for number, entry in enumerate(before)}
    known = all(action in place for action in actions)
    return tuple(sorted(actions, key=place.__getitem__)) if known else tuple(actions)


def _named(groups: Iterable[Sequence[LostGrant]], taken: set[str]) -> Iterator[Statement]:
    """Statements of their own, under their old Sids where those are still free."""
    for group in groups:
        part = _part(group[0].statement, group)
        sid = free_sid(part.sid or VERB, taken)
        taken.add(sid)
        yield replace(part, sid=sid)


def _mended(file: PolicyFile, groups: Sequence[Sequence[LostGrant]]) -> PolicyFile:
    """The file with each group in the statement it was in, if that still is one it fits into; else added."""
    parts = {granted.ref.index: _as_part(granted.statement) for granted in grants_of([file])}
    open_to = {granted.ref.index: granted for granted in grants_of([file]) if not granted.opaque}
    changed: dict[int, Part] = {}
    homeless = []
    for group in groups:
        home = _home(open_to.values(), group)
        if home is None:
            homeless.append(group)
        else:
            changed[home] = _joined({**parts, **changed}[home], group)
    text = edit(file.text, {index: (part,) for index, part in changed.items()}) if changed else file.text
    taken = {statement.sid for statement in file.document.statements if statement.sid}
    for statement in _named(homeless, taken):
        text = append(text, statement)
    return replace(file, text=text, document=parse(text, file.path))


def _as_part(statement: Statement) -> Part:
    return Part(statement.sid, statement.actions, statement.resources)


def _home(granted: Iterable[Granted], group: Sequence[LostGrant]) -> int | None:
    """The index of the statement that takes the group and then says nothing else that is new.

    One that has the same conditions, and the same resources; or only this one action.
    """
    lost = group[0]
    alike = [each for each in granted if each.statement.conditions == lost.statement.conditions]
    alike.sort(key=lambda each: each.ref.sid != lost.reference.sid)
    for each in alike:
        if {*each.statement.resources} == {*lost.patterns}:
            return each.ref.index
    actions = {lost.action for lost in group}
    return next((each.ref.index for each in alike if {*each.statement.actions} == actions), None)


def _joined(part: Part, group: Sequence[LostGrant]) -> Part:
    """The statement's part with the group in it: more actions on the same resources, or more resources."""
    lost = group[0]
    if {*part.resources} == {*lost.patterns}:
        new = sorted({lost.action for lost in group} - {*part.actions})
        return replace(part, actions=_ordered((*part.actions, *new), lost.statement.actions))
    resources = (*part.resources, *(name for name in lost.patterns if name not in part.resources))
    return replace(part, resources=resources)


def _changes(grants: Iterable[LostGrant], after: Mapping[str, PolicyFile]) -> Iterator[GrantChange]:
    for lost in grants:
        file = after[lost.path]
        index, statement = next(
            (index, statement)
            for index, statement in enumerate(file.document.statements)
            if lost.action in statement.actions and {*lost.patterns} <= {*statement.resources}
        )
        yield GrantChange(
            kind=ChangeKind.RESTORED,
            action=lost.action,
            statement=StatementRef(file.path, index, statement.sid or ""),
            after=lost.patterns,
            observations=tuple(seen for call in lost.calls for seen in call.observations),
            risk=risks_of(lost.action),
        )
