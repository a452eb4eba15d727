"""From findings to files: what each statement leaves behind when what was not used is taken away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from leastwise.grants import names
from leastwise.iam import glob
from leastwise.iam.compose import free_sid
from leastwise.iam.document import render
from leastwise.iam.edit import Part, edit
from leastwise.iam.shrink import shrink
from leastwise.iam.size import MANAGED_POLICY_CHARACTERS
from leastwise.model.finding import Verdict
from leastwise.model.proposal import ChangeKind, FileChange, GrantChange
from leastwise.propose.split import packed
from leastwise.reference.actions import expand
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

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
    shortened: str = ""
    """The paths of files in which unseen grants are written with wildcards."""


class Layout(Enum):
    """How to write what stays only because nobody could have seen it in use."""

    IN_PLACE = "listed in a statement of its own"
    APART = "in files of its own, where one managed policy is too small"
    SHORTENED = "with wildcards that name exactly these actions, where an inline policy is too small"


def tighten(
    policies: Iterable[PolicyFile],
    findings: Iterable[Finding],
    layout: Mapping[str, Layout] = MappingProxyType({}),
) -> Tightening:
    """Remove what is UNUSED, narrow what is BROADER_THAN_USED, and leave every other byte alone.

    ``layout`` maps the paths of files that would not fit their quota to another way of writing.
    """
    by_file: dict[str, dict[int, dict[str, Finding]]] = defaultdict(lambda: defaultdict(dict))
    for finding in findings:
        if finding.atom:
            reference = finding.atom.statement
            by_file[reference.path][reference.index][finding.atom.action] = finding
    files: list[FileChange] = []
    changes: list[GrantChange] = []
    policies = tuple(policies)
    paths = {policy.path for policy in policies}
    for policy in policies:
        unseen = layout.get(policy.path, Layout.IN_PLACE)
        changed = _tightened(policy, by_file[policy.path], paths, unseen)
        if changed:
            files += changed
            changes += _changes(policy, by_file[policy.path])
    shortened = (path for path, chosen in layout.items() if chosen is Layout.SHORTENED)
    return Tightening(tuple(files), tuple(changes), ", ".join(sorted(shortened)))


def _tightened(
    policy: PolicyFile, findings: Mapping[int, Mapping[str, Finding]], paths: set[str], unseen: Layout
) -> tuple[FileChange, ...]:
    statements = policy.document.statements
    taken = {statement.sid for statement in statements if statement.sid}
    plan = {
        index: _remains(statements[index], judged, taken, unseen)
        for index, judged in sorted(findings.items())
        if any(finding.verdict in _TAKEN_AWAY for finding in judged.values())
    }
    if not plan:
        return ()
    apart = unseen is Layout.APART
    kept = {
        index: remains.seen if apart else (*remains.seen, *remains.unseen) for index, remains in plan.items()
    }
    emptied = len(kept) == len(statements) and not any(kept.values())
    after = None if emptied else edit(policy.text, kept)
    return (FileChange(policy.path, policy.text, after), *(_moved(policy, plan, paths) if apart else ()))


def _moved(policy: PolicyFile, plan: Mapping[int, _Remains], paths: set[str]) -> Iterator[FileChange]:
    """New files with what could not be seen, each small enough for a managed policy; ``paths`` are taken."""
    statements = tuple(
        replace(policy.document.statements[index], sid=part.sid, actions=part.actions)
        for index, remains in plan.items()
        for part in remains.unseen
    )
    documents = packed(replace(policy.document, statements=statements), MANAGED_POLICY_CHARACTERS)
    stem = policy.path.removesuffix(".json") + "-unseen"
    numbered = (f"{stem}{'' if number == 1 else f'-{number}'}.json" for number in count(1))
    free = (path for path in numbered if path not in paths)
    for path, document in zip(free, documents, strict=False):
        yield FileChange(path, None, render(document))


class _Remains(NamedTuple):
    """What a statement leaves behind: used as before or on less, and what could not be seen."""

    seen: tuple[Part, ...]
    unseen: tuple[Part, ...]


def _remains(
    statement: Statement, judged: Mapping[str, Finding], taken: set[str], layout: Layout
) -> _Remains:
    """The first part keeps the Sid; the others get one of their own."""
    used, unseen = _kept_entries(statement, judged)
    if layout is Layout.SHORTENED:
        unseen = _shortened(statement, unseen)
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


def _shortened(statement: Statement, actions: tuple[str, ...]) -> tuple[str, ...]:
    """The actions by wildcards that match no other action of today, inside the entries that grant them."""
    services = sorted({action.partition(":")[0] for action in actions})
    entries = [glob.parse(entry.lower(), variables=False) for entry in statement.actions]
    shortened: list[str] = []
    for service in services:
        wanted = [action for action in actions if action.startswith(f"{service}:")]
        for pattern in shrink(wanted, set(expand(f"{service}:*")) - set(wanted)):
            written = glob.parse(pattern.lower(), variables=False)
            inside = any(glob.covers(entry, written) for entry in entries)
            shortened += [pattern] if inside else [name for name in wanted if names(pattern, name)]
    return tuple(dict.fromkeys(shortened))


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
    know.  Any other is replaced by the actions that stay, as far as no entry that stays names them.
    """
    whole: list[str] = []
    used: dict[str, None] = {}
    unseen: dict[str, None] = {}
    for entry in statement.actions:
        verdicts = {action: judged[action].verdict for action in expand(entry) if action in judged}
        if not any(verdict in _TAKEN_AWAY for verdict in verdicts.values()):
            whole.append(entry)
            used[entry] = None
            continue
        used |= {action: None for action in verdicts if verdicts[action] in (Verdict.USED, Verdict.KEPT)}
        unknown = [action for action in verdicts if verdicts[action] is Verdict.UNKNOWN]
        unseen |= dict.fromkeys(_abridged(entry, unknown))

    def is_left(entry: str) -> bool:
        return entry in whole or not any(names(other, entry) for other in whole)

    return tuple(filter(is_left, used)), tuple(
        entry for entry in unseen if is_left(entry) and entry not in used
    )


def _abridged(entry: str, actions: Iterable[str]) -> Iterator[str]:
    """The actions, with ``service:*`` for a service of which the entry takes in all and none is missing."""
    by_service: dict[str, list[str]] = defaultdict(list)
    for action in actions:
        by_service[action.partition(":")[0]].append(action)
    written = glob.parse(entry.lower(), variables=False)
    for service, some in by_service.items():
        every = f"{service}:*"
        is_whole = len(some) == len(expand(every)) and glob.covers(written, glob.parse(every))
        yield from [every] if is_whole else some


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
