"""What a person's edit of policy files really changes: grants added and removed, not lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.counterexample import included
from leastwise.grants import covers, grants_of
from leastwise.holdings import Holdings
from leastwise.iam import arn
from leastwise.iam.includes import Included
from leastwise.reference.risk import risks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.grants import Granted
    from leastwise.iam.includes import Undecided, Witness
    from leastwise.model.evidence import Observation
    from leastwise.model.policies import PolicyFile


@dataclass(frozen=True, slots=True)
class GrantDelta:
    """One action on resource patterns that only one side grants; ``observations`` are its recorded calls."""

    action: str
    resources: tuple[str, ...]
    risks: tuple[str, ...]
    observations: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """The change of one folder's policies taken together.

    ``inside`` is ``Included`` where nothing new is allowed, a ``Witness`` where something is.  ``opaque``
    names statements that are not taken apart into grants and differ; for them ``inside`` alone speaks.
    """

    folder: str
    inside: Included | Witness | Undecided
    added: tuple[GrantDelta, ...]
    removed: tuple[GrantDelta, ...]
    opaque: tuple[str, ...]

    @property
    def widens(self) -> bool:
        """Whether the edit allows something new, or may: what is undecided counts as yes."""
        return not isinstance(self.inside, Included)


def review(
    before: Iterable[PolicyFile], after: Iterable[PolicyFile], observations: Sequence[Observation] = ()
) -> tuple[Review, ...]:
    """One review for every folder whose policies differ, in the order of the folders."""
    old, new = _by_folder(before), _by_folder(after)
    return tuple(
        _reviewed(folder, old.get(folder, []), new.get(folder, []), observations)
        for folder in sorted({*old, *new})
        if _texts(old.get(folder, [])) != _texts(new.get(folder, []))
    )


def _by_folder(files: Iterable[PolicyFile]) -> Mapping[str, list[PolicyFile]]:
    """Policies of one principal together; a shared or AWS-managed one stands alone."""
    folders: dict[str, list[PolicyFile]] = defaultdict(list)
    for file in files:
        folders[file.folder or file.path].append(file)
    return folders


def _texts(files: Iterable[PolicyFile]) -> dict[str, str]:
    return {file.path: file.text for file in files}


def _reviewed(
    folder: str, old: list[PolicyFile], new: list[PolicyFile], observations: Sequence[Observation]
) -> Review:
    held, holds = (Holdings.of(file.document for file in files) for files in (old, new))
    return Review(
        folder=folder,
        inside=included(held.documents, holds.documents),
        added=tuple(_only_in(new, old, observations)),
        removed=tuple(_only_in(old, new, observations)),
        opaque=tuple(sorted({*_opaque(old)} ^ {*_opaque(new)})),
    )


def _only_in(
    these: list[PolicyFile], those: list[PolicyFile], observations: Sequence[Observation]
) -> Iterator[GrantDelta]:
    others: dict[str, list[Granted]] = defaultdict(list)
    for granted in grants_of(those):
        for action in granted.actions:
            others[action].append(granted)
    found: dict[str, list[str]] = defaultdict(list)
    for granted in grants_of(these):
        for action in granted.actions:
            found[action] += [
                entry for entry in granted.statement.resources if not _in(entry, others[action])
            ]
    for action, resources in sorted(found.items()):
        if resources:
            named = tuple(dict.fromkeys(resources))
            yield GrantDelta(action, named, risks_of(action), _of(action, named, observations))


def _in(entry: str, others: Iterable[Granted]) -> bool:
    return any(granted.accepts(entry) for granted in others)


def _of(action: str, entries: Iterable[str], observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """The recorded calls of the action that touch one of the patterns; unnamed resources count."""
    patterns = [arn.pattern(entry) for entry in entries]
    return tuple(
        seen
        for seen in observations
        if seen.key.request.action == action
        and any(_touches(seen.key.request.resource, pattern) for pattern in patterns)
    )


def _touches(resource: str, pattern: arn.ResourcePattern) -> bool:
    return resource == "*" or covers(pattern, arn.pattern(resource))


def _opaque(files: Iterable[PolicyFile]) -> Iterator[str]:
    for granted in grants_of(files):
        if granted.opaque:
            yield f"{granted.ref.path} {granted.ref.sid or granted.opaque}"
