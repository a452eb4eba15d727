"""What was written to AWS, kept beside the evidence: begun before the first call, ended after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.apply.journal_files import ASIDE, PRINCIPALS, damaged, name_of, pack, unpack
from leastwise.drift.matching import inline_path
from leastwise.errors import SourceError
from leastwise.iam.document import parse
from leastwise.model.applied import Applied, PastApply
from leastwise.model.declared import PrincipalKind
from leastwise.model.journal import Kind
from leastwise.model.policies import PolicyFile, PolicyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from leastwise.model.declared import Principal
    from leastwise.model.journal import AppliedRecord
    from leastwise.model.plan import PolicyChange
    from leastwise.store.interface import Shelf

FOLDER = "applied"
"""Beside the evidence of ``--state``."""
TRIES = 8


class Journal:
    """Records on a shelf.  Every method raises ``LeastwiseError`` where the shelf cannot be used."""

    def __init__(self, shelf: Shelf, say: Callable[[str], object]) -> None:
        """``say`` hears of what was damaged: it is set aside, and nothing else is lost."""
        self._shelf = shelf
        self._say = say

    def of(self, principal: str) -> tuple[AppliedRecord, ...]:
        """What was applied to one principal, oldest first."""
        text = self._shelf.load().files.get(name_of(principal))
        found = unpack(text) if text is not None else ()
        if found is None:
            self._say(f"what was applied to {principal} is damaged and cannot be read")
        return found or ()

    def latest(self, fingerprint: str, commit: str, kind: Kind) -> AppliedRecord | None:
        """The last record of a plan that the same verb began for that commit, whatever came of it."""
        every = [
            record
            for name, text in self._shelf.load().files.items()
            if name.startswith(PRINCIPALS)
            for record in unpack(text) or ()
            if (record.plan.fingerprint, record.commit, record.kind) == (fingerprint, commit, kind)
        ]
        return max(every, key=lambda record: record.began, default=None)

    def write(self, record: AppliedRecord) -> None:
        """Keep a record, in place of the one with which the same run began."""
        for _ in range(TRIES):
            before = self._shelf.load()
            files = self._without_damage(before.files)
            name = name_of(record.principal)
            others = [each for each in unpack(files.get(name, "")) or () if not _same_run(each, record)]
            if self._shelf.swap({**files, name: pack([*others, record])}, before):
                return
        raise SourceError("other runs change the journal again and again: run again when they are done")

    def _without_damage(self, files: Mapping[str, str]) -> dict[str, str]:
        bad = damaged(files)
        for name in bad:
            self._say(f"applied/{name} is damaged: it is set aside as {ASIDE}{name}")
        kept = {name: text for name, text in files.items() if name not in bad}
        return {**kept, **{ASIDE + name: files[name] for name in bad}}


def _same_run(one: AppliedRecord, other: AppliedRecord) -> bool:
    return (one.began, one.plan.fingerprint) == (other.began, other.plan.fingerprint)


def last_write(records: Sequence[AppliedRecord]) -> AppliedRecord | None:
    """The last run that wrote something to a principal, of its records, oldest first."""
    return next((record for record in reversed(records) if record.changed), None)


def again(records: Sequence[AppliedRecord]) -> str:
    """A word for whoever is about to apply what was rolled back, without a full stop; else empty."""
    last = last_write(records)
    if last is None or last.kind is not Kind.ROLLBACK:
        return ""
    return (
        f"what is live was brought back by a rollback on {last.began:%Y-%m-%d %H:%M} UTC: this changes it "
        "again; where that is not meant, revert in git what was rolled back"
    )


def past_applies(
    principal: Principal, records: Iterable[AppliedRecord], known: Mapping[str, PolicyFile]
) -> tuple[PastApply, ...]:
    """Everything that was written to one principal, oldest first, as ``leastwise.denied.watch`` asks of it.

    A run that stopped on the way counts with all of its plan: what it did not do yet, it was about to.
    ``known`` are the files below ``policies/``: they tell what shared and AWS-managed policies grant, whose
    texts no journal keeps.
    """
    return tuple(
        PastApply(
            Applied(record.ended or record.began, record.commit, record.pull),
            _held(principal, record, known, is_after=False),
            _held(principal, record, known, is_after=True),
        )
        for record in records
        if record.changed
    )


def _held(
    principal: Principal, record: AppliedRecord, known: Mapping[str, PolicyFile], *, is_after: bool
) -> dict[str, PolicyFile | None]:
    """What the plan's policies were before or after it, under the paths at which they are held."""
    found: dict[str, PolicyFile | None] = {}
    for change in record.plan.changes:
        text, held = (
            (change.after, change.attached_after) if is_after else (change.before, change.attached_before)
        )
        file = _file(principal, change, text) if text is not None else known.get(change.path)
        found[_path(principal, change)] = file if held else None
    return found


def unknown_before(records: Iterable[AppliedRecord], known: Mapping[str, PolicyFile]) -> tuple[str, ...]:
    """The policies of others that were taken away and have no file: what they granted cannot be told."""
    return tuple(
        sorted(
            {
                change.path
                for record in records
                if record.changed
                for change in record.plan.changes
                if change.attached_before and change.before is None and change.path not in known
            }
        )
    )


def _path(principal: Principal, change: PolicyChange) -> str:
    """The one inline policy of a permission set has one path, however many files it was made of."""
    is_set = principal.kind is PrincipalKind.PERMISSION_SET
    return inline_path(principal) if is_set and not change.arn else change.path


def _file(principal: Principal, change: PolicyChange, text: str) -> PolicyFile:
    path = _path(principal, change)
    kind = PolicyKind.MANAGED if change.arn else PolicyKind.INLINE
    folder = principal.folder if path.startswith(f"{principal.folder}/") else ""
    return PolicyFile(path, text, parse(text, path), kind, folder)
