"""From findings to files: what each statement leaves behind when what was not used is taken away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from leastwise.iam.compose import free_sid
from leastwise.iam.document import render
from leastwise.iam.edit import Part, edit
from leastwise.iam.size import MANAGED_POLICY_CHARACTERS
from leastwise.model.finding import Verdict
from leastwise.model.proposal import ChangeKind, FileChange, GrantChange
from leastwise.propose.split import packed
from leastwise.reference.actions import expand
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from leastwise.iam.statement import Statement
    from leastwise.model.finding import Finding
    from leastwise.model.policies import PolicyFile

UNSEEN_SUFFIX = "Unseen"
"""Added to the Sid of the part that stays only because nobody could have seen it being used."""

_TAKEN_AWAY = (Verdict.UNUSED, Verdict.BROADER_THAN_USED)


@dataclass(frozen=True, slots=True)
class Tightening:
    """The files before and after, and every grant that changes."""

    files: tuple[FileChange, ...]
    changes: tuple[GrantChange, ...]


def tighten(
    policies: Iterable[PolicyFile], findings: Iterable[Finding], apart: Collection[str] = ()
) -> Tightening:
    """Remove what is UNUSED, narrow what is BROADER_THAN_USED, and leave every other byte alone.

    ``apart`` holds the paths of files that would not fit their quota: what stays in them only because
    nobody could have seen it in use goes into files of its own beside them.
    """
    by_file: dict[str, dict[int, dict[str, Finding]]] = defaultdict(lambda: defaultdict(dict))
    for finding in findings:
        if finding.atom:
            reference = finding.atom.statement
            by_file[reference.path][reference.index][finding.atom.action] = finding
    files: list[FileChange] = []
    changes: list[GrantChange] = []
    for policy in policies:
        changed = _tightened(policy, by_file[policy.path], apart=policy.path in apart)
        if changed:
            files += changed
            changes += _changes(policy, by_file[policy.path])
    return Tightening(tuple(files), tuple(changes))


def _tightened(
    policy: PolicyFile, findings: Mapping[int, Mapping[str, Finding]], *, apart: bool
) -> tuple[FileChange, ...]:
    statements = policy.document.statements
    taken = {statement.sid for statement in statements if statement.sid}
    plan = {
        index: _remains(statements[index], judged, taken)
        for index, judged in sorted(findings.items())
        if any(finding.verdict in _TAKEN_AWAY for finding in judged.values())
    }
    if not plan:
        return ()
    kept = {
        index: remains.seen if apart else (*remains.seen, *remains.unseen) for index, remains in plan.items()
    }
    emptied = len(kept) == len(statements) and not any(kept.values())
    after = None if emptied else edit(policy.text, kept)
    return (FileChange(policy.path, policy.text, after), *(_moved(policy, plan) if apart else ()))


def _moved(policy: PolicyFile, plan: Mapping[int, _Remains]) -> Iterator[FileChange]:
    """New files with what could not be seen, each small enough for a managed policy."""
    statements = tuple(
        replace(policy.document.statements[index], sid=part.sid, actions=part.actions)
        for index, remains in plan.items()
        for part in remains.unseen
    )
    documents = packed(replace(policy.document, statements=statements), MANAGED_POLICY_CHARACTERS)
    stem = policy.path.removesuffix(".json")
    for number, document in enumerate(documents, start=1):
        path = f"{stem}-unseen{'' if number == 1 else f'-{number}'}.json"
        yield FileChange(path, None, render(document))


class _Remains(NamedTuple):
    """What a statement leaves behind: used as before or on less, and what could not be seen."""

    seen: tuple[Part, ...]
    unseen: tuple[Part, ...]


def _remains(statement: Statement, judged: Mapping[str, Finding], taken: set[str]) -> _Remains:
    """The first part keeps the Sid; the others get one of their own."""
    used, unseen = _kept_entries(statement, judged)
    groups = [(used, statement.resources)] if used else []
    groups += _narrowed_groups(judged)
    seen = [
        Part(_sid(statement.sid, number, "", taken), actions, resources)
        for number, (actions, resources) in enumerate(groups)
    ]
    suffix = UNSEEN_SUFFIX if seen else ""
    rest = (
        [Part(_sid(statement.sid, len(seen), suffix, taken), unseen, statement.resources)] if unseen else []
    )
    return _Remains(tuple(seen), tuple(rest))


def _sid(sid: str | None, number: int, suffix: str, taken: set[str]) -> str | None:
    if not sid or not (number or suffix):
        return sid
    name = free_sid(sid + suffix, taken)
    taken.add(name)
    return name


def _kept_entries(
    statement: Statement, judged: Mapping[str, Finding]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The entries that stay on all the statement's resources: those used or kept, and those unseen.

    An entry none of whose actions is taken away stays as it was written; so does one that names no action we
    know.  Any other is replaced by the actions that stay.
    """
    used: dict[str, None] = {}
    unseen: dict[str, None] = {}
    for entry in statement.actions:
        verdicts = {action: judged[action].verdict for action in expand(entry) if action in judged}
        if not any(verdict in _TAKEN_AWAY for verdict in verdicts.values()):
            used[entry] = None
            continue
        for action, verdict in verdicts.items():
            if verdict is Verdict.UNKNOWN:
                unseen[action] = None
            elif verdict not in _TAKEN_AWAY:
                used[action] = None
    return tuple(used), tuple(action for action in unseen if action not in used)


def _narrowed_groups(judged: Mapping[str, Finding]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """(actions, resources) for every set of resources that some actions need."""
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action, finding in judged.items():
        if finding.verdict is Verdict.BROADER_THAN_USED:
            groups[finding.needed].append(action)
    return sorted(((tuple(sorted(actions)), needed) for needed, actions in groups.items()))


def _changes(policy: PolicyFile, findings: Mapping[int, Mapping[str, Finding]]) -> Iterator[GrantChange]:
    for index, judged in sorted(findings.items()):
        for action, finding in judged.items():
            if finding.atom and finding.verdict in _TAKEN_AWAY:
                yield GrantChange(
                    kind=ChangeKind.NARROWED if finding.needed else ChangeKind.REMOVED,
                    action=action,
                    statement=finding.atom.statement,
                    before=policy.document.statements[index].resources,
                    after=finding.needed,
                    observations=finding.observations,
                    risk=risks_of(action),
                )
