"""From findings to files: what each statement leaves behind when what was not used is taken away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.iam.compose import free_sid
from leastwise.iam.edit import Part, edit
from leastwise.model.finding import Verdict
from leastwise.model.proposal import ChangeKind, FileChange, GrantChange
from leastwise.reference.actions import expand
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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


def tighten(policies: Iterable[PolicyFile], findings: Iterable[Finding]) -> Tightening:
    """Remove what is UNUSED, narrow what is BROADER_THAN_USED, and leave every other byte alone."""
    by_file: dict[str, dict[int, dict[str, Finding]]] = defaultdict(lambda: defaultdict(dict))
    for finding in findings:
        if finding.atom:
            reference = finding.atom.statement
            by_file[reference.path][reference.index][finding.atom.action] = finding
    files: list[FileChange] = []
    changes: list[GrantChange] = []
    for policy in policies:
        changed = _tightened(policy, by_file[policy.path])
        if changed is not None:
            files.append(changed)
            changes += _changes(policy, by_file[policy.path])
    return Tightening(tuple(files), tuple(changes))


def _tightened(policy: PolicyFile, findings: Mapping[int, Mapping[str, Finding]]) -> FileChange | None:
    statements = policy.document.statements
    taken = {statement.sid for statement in statements if statement.sid}
    plan = {
        index: _parts(statements[index], judged, taken)
        for index, judged in sorted(findings.items())
        if any(finding.verdict in _TAKEN_AWAY for finding in judged.values())
    }
    if not plan:
        return None
    emptied = len(plan) == len(statements) and not any(plan.values())
    return FileChange(policy.path, policy.text, None if emptied else edit(policy.text, plan))


def _parts(statement: Statement, judged: Mapping[str, Finding], taken: set[str]) -> tuple[Part, ...]:
    """What the statement leaves behind: used as before, used on less, and what could not be seen."""
    used, unseen = _kept_entries(statement, judged)
    groups = [(used, statement.resources), *_narrowed_groups(judged)]
    if used or not unseen or len(groups) > 1:
        named = [(actions, resources, "") for actions, resources in groups if actions]
        named += [(unseen, statement.resources, UNSEEN_SUFFIX)] if unseen else []
    else:
        named = [(unseen, statement.resources, "")]
    return tuple(_numbered(statement.sid, named, taken))


def _numbered(
    sid: str | None, groups: Sequence[tuple[tuple[str, ...], tuple[str, ...], str]], taken: set[str]
) -> Iterator[Part]:
    """The first part keeps the Sid; the others get one of their own."""
    for number, (actions, resources, suffix) in enumerate(groups):
        name = sid
        if sid and (number or suffix):
            name = free_sid(sid + suffix, taken)
            taken.add(name)
        yield Part(name, actions, resources)


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
