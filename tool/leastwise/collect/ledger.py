"""Every line of evidence under construction: what was asked, by whom, with which outcome, on which names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from leastwise.collect.cell import Cell
from leastwise.collect.rollup import Line, Trie, place, place_of_glob, written
from leastwise.collect.roster import OTHER_RESIDENTS, RESIDENTS_TOLD
from leastwise.model.evidence import DenialReason, ObservationKey, Tally
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.model.event import Outcome

Context = tuple[tuple[str, str], ...]

CONTEXTS = 64
"""Different contexts of one action that are told apart; what is beyond has no context, which claims less."""


class Subject(NamedTuple):
    """All of an observation's key but the context and the resource."""

    principal: str
    action: str
    certainty: Certainty
    outcome: Outcome
    denial: DenialReason | None
    error_code: str
    proves_authorization: bool
    via_service: str


class Family(NamedTuple):
    """Names that are counted in one trie: equal in everything before the name itself."""

    form: ResourceForm
    prefix: str


class Entry(NamedTuple):
    """One line of one trie with everything that says whose it is; travels between processes."""

    subject: Subject
    context: Context
    family: Family
    line: Line


class Ledger:
    """Subject → context → family → trie.  Independent of the order of entries, like its tries."""

    def __init__(self) -> None:
        """Nothing written yet."""
        self._contexts: dict[Subject, dict[Context, dict[Family, Trie]]] = {}
        self._merged: set[Subject] = set()
        """Subjects with more than ``CONTEXTS`` contexts, which are no longer told apart."""

    def cell(self, subject: Subject, request: AuthorizationRequest) -> Cell:
        """The cell that counts for a request."""
        family, parts = _located(request)
        return self._trie(subject, request.context, family).cell(parts)

    def plant(self, entry: Entry) -> None:
        """Add an entry of another ledger."""
        self._trie(entry.subject, entry.context, entry.family).plant(entry.line)

    def plant_merged(self, subject: Subject) -> None:
        """Take over from another ledger that a subject's contexts are no longer told apart."""
        if subject not in self._merged:
            self._merge_contexts(subject)

    @property
    def merged(self) -> frozenset[Subject]:
        """The subjects whose contexts are no longer told apart."""
        return frozenset(self._merged)

    def entries(self) -> Iterator[Entry]:
        """Every line."""
        for subject, contexts in self._contexts.items():
            for context, families in contexts.items():
                for family, trie in families.items():
                    for line in trie.lines():
                        yield Entry(subject, context, family, line)

    def _trie(self, subject: Subject, context: Context, family: Family) -> Trie:
        contexts = self._contexts.setdefault(subject, {})
        if context not in contexts and len(contexts) >= CONTEXTS and subject not in self._merged:
            self._merge_contexts(subject)
        families = contexts.setdefault(() if subject in self._merged else context, {})
        trie = families.get(family)
        if trie is None:
            trie = families[family] = Trie()
        return trie

    def _merge_contexts(self, subject: Subject) -> None:
        self._merged.add(subject)
        contexts = self._contexts.setdefault(subject, {})
        apart = dict(contexts)
        contexts.clear()
        for families in apart.values():
            for family, trie in families.items():
                together = self._trie(subject, (), family)
                for line in list(trie.lines()):
                    together.plant(line)


def observations(source: str, ledger: Ledger) -> Mapping[ObservationKey, Tally]:
    """The finished evidence.  A glob that the ledger made and one that an event itself asked for add up."""
    tallies: dict[ObservationKey, Tally] = {}
    globs: dict[ObservationKey, Cell] = {}
    for entry in ledger.entries():
        key = _key(source, entry)
        if key.request.form is ResourceForm.ROLLED_UP:
            globs.setdefault(key, Cell()).absorb(entry.line.cell)
        else:
            tallies[key] = entry.line.cell.tally()
    return tallies | {key: cell.tally() for key, cell in globs.items()}


def subject_of(key: ObservationKey) -> Subject:
    """The subject of an observation's key."""
    return Subject(
        principal=key.principal,
        action=key.request.action,
        certainty=key.request.certainty,
        outcome=key.outcome,
        denial=key.denial,
        error_code=key.error_code,
        proves_authorization=key.proves_authorization,
        via_service=key.via_service,
    )


def entry_of(key: ObservationKey, cell: Cell) -> Entry:
    """The entry from which ``observations`` would make this key, with a cell of its own."""
    rolled = place_of_glob(key.request.resource) if key.request.form is ResourceForm.ROLLED_UP else None
    if rolled:
        family, parts = Family(ResourceForm.LITERAL, rolled.prefix), rolled.parts
    else:
        family, parts = _located(key.request)
    return Entry(
        subject_of(key), key.request.context, family, Line(parts, rolled=rolled is not None, cell=cell)
    )


def overflows(ledger: Ledger) -> Iterator[str]:
    """What the bounds took away, in words."""
    for entry in ledger.entries():
        if entry.subject.principal.startswith(OTHER_RESIDENTS):
            yield (
                f"more than {RESIDENTS_TOLD:,} users and roles were recorded: "
                f"the calls of the others count as {entry.subject.principal}"
            )
        if entry.line.rolled and not entry.line.parts:
            subject = entry.subject
            yield (
                f"{subject.principal}: {subject.action} was seen on too many names to tell apart; "
                f"they count as {written(entry.family.prefix, entry.line)}"
            )
    for subject in ledger.merged:
        yield f"{subject.principal}: {subject.action} was seen in too many contexts to tell apart"


def _located(request: AuthorizationRequest) -> tuple[Family, tuple[str, ...]]:
    if request.form is not ResourceForm.LITERAL:
        return Family(request.form, ""), (request.resource,)
    located = place(request.resource)
    return Family(request.form, located.prefix), located.parts


def _key(source: str, entry: Entry) -> ObservationKey:
    subject, family, line = entry.subject, entry.family, entry.line
    request = AuthorizationRequest(
        action=subject.action,
        resource=written(family.prefix, line),
        form=ResourceForm.ROLLED_UP if line.rolled else family.form,
        context=entry.context,
        certainty=subject.certainty,
    )
    return ObservationKey(
        source=source,
        principal=subject.principal,
        request=request,
        outcome=subject.outcome,
        denial=subject.denial,
        error_code=subject.error_code,
        proves_authorization=subject.proves_authorization,
        via_service=subject.via_service,
    )
