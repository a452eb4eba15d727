"""What was written to AWS, kept beside the evidence: begun before the first call, ended after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.apply.journal_files import ASIDE, PRINCIPALS, damaged, name_of, pack, unpack
from leastwise.errors import SourceError
from leastwise.iam.document import parse
from leastwise.model.applied import Applied, PastApply
from leastwise.model.policies import PolicyFile, PolicyKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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

    def latest(self, fingerprint: str, commit: str) -> AppliedRecord | None:
        """The last record of a plan that was begun for that commit, whatever came of it."""
        every = [
            record
            for name, text in self._shelf.load().files.items()
            if name.startswith(PRINCIPALS)
            for record in unpack(text) or ()
            if (record.plan.fingerprint, record.commit) == (fingerprint, commit)
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


def past_applies(principal: Principal, records: Iterable[AppliedRecord]) -> tuple[PastApply, ...]:
    """Everything that was written to one principal, oldest first, as ``leastwise.watch`` asks of it.

    A run that stopped on the way counts with all of its plan: what it did not do yet, it was about to.
    """
    return tuple(
        PastApply(
            Applied(record.ended or record.began, record.commit, record.pull),
            {
                change.path: _file(principal, change, change.before, held=change.attached_before)
                for change in record.plan.changes
            },
            {
                change.path: _file(principal, change, change.after, held=change.attached_after)
                for change in record.plan.changes
            },
        )
        for record in records
        if record.changed
    )


def _file(principal: Principal, change: PolicyChange, text: str | None, *, held: bool) -> PolicyFile | None:
    if text is None or not held:
        return None
    own = change.path.startswith(f"{principal.folder}/")
    inline = not change.arn
    kind = PolicyKind.INLINE if inline else PolicyKind.MANAGED
    folder = principal.folder if own else ""
    return PolicyFile(change.path, text, parse(text, change.path), kind, folder)
