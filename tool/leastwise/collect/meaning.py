"""What each distinct call means, remembered: steady work repeats itself, and interpreting is dear."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from leastwise.collect.decode import NOBODY, actor, to_event
from leastwise.collect.ledger import Ledger, Subject
from leastwise.collect.object_keys import blanked, can_rename, renamed
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason
from leastwise.model.request import Certainty
from leastwise.reference.unread import asked_of

if TYPE_CHECKING:
    from leastwise.collect.cell import Cell
    from leastwise.collect.decode import Record
    from leastwise.collect.interface import Interpreter
    from leastwise.model.event import Event, Locator
    from leastwise.model.interpretation import Interpretation
    from leastwise.model.request import AuthorizationRequest

CALLS_KEPT = 1 << 16
"""About half a kilobyte each."""

_Value = TypeVar("_Value")


class Meaning(NamedTuple):
    """What one call adds: the cells that count it (once per request), and what the coverage says of it."""

    cells: tuple[Cell, ...]
    denied: bool
    unmapped: str = ""
    disagreement: str = ""


class _Understood(NamedTuple):
    """What a call asks for, before that is tied to cells; ``key`` is the object it was seen on."""

    asked: tuple[tuple[Subject, AuthorizationRequest], ...]
    denied: bool
    unmapped: str
    disagreement: str
    key: str = ""

    def of_object(self, key: str) -> _Understood:
        """The same call on another object."""
        return self._replace(
            asked=tuple((who, renamed(what, self.key, key)) for who, what in self.asked), key=key
        )

    @property
    def holds_for_every_object(self) -> bool:
        """Whether nothing but the end of resources depends on the key."""
        return self.key not in self.disagreement and all(
            can_rename(request, self.key) for _, request in self.asked
        )


class Meanings:
    """Record → meaning, with the cells of one ledger."""

    def __init__(self, interpret: Interpreter, ledger: Ledger) -> None:
        """``interpret`` must not look at an event's ID, time or session, nor at ``reference.unread``."""
        self._interpret = interpret
        self._ledger = ledger
        self._known: dict[tuple[object, ...], Meaning] = {}
        self._known_objects: dict[tuple[object, ...], _Understood | None] = {}
        """Calls on single objects without their keys; ``None`` where the key decides more than the name."""
        self._known_alike: dict[tuple[object, ...], Meaning] = {}
        """Calls without what interpreting never looks at: filters, tokens, pages, encryption contexts."""

    def of(self, record: Record, keys: tuple[str, ...], locator: Locator) -> Meaning:
        """What it means for the principals ``keys``.  Raises ``BadRecord`` if it cannot be decoded."""
        content = b"\n".join(
            (record.request_parameters, record.response_elements, record.resources, record.error_message)
        )  # raw JSON values: no two different four join to the same text
        on_object = blanked(record, content)
        if on_object:
            call = _call(record, keys, on_object.content)
            if call not in self._known_objects:
                _remember(self._known_objects, call, self._on_object(record, keys, locator, on_object.key))
            understood = self._known_objects[call]
            if understood:
                return self._counted(understood.of_object(on_object.key))
        call = _call(record, keys, content)
        known = self._known.get(call)
        if known is None:
            known = self._first_look(record, keys, to_event(record, locator), call)
            _remember(self._known, call, known)
        return known

    def _first_look(
        self, record: Record, keys: tuple[str, ...], event: Event, call: tuple[object, ...]
    ) -> Meaning:
        asked = asked_of(event)
        if asked is event.request_parameters:
            return self._counted(self._understood(event, keys))
        rest = (record.response_elements, record.resources, record.error_message)
        alike = (*call[:-1], repr(asked), *map(bytes, rest))
        if alike not in self._known_alike:
            _remember(self._known_alike, alike, self._counted(self._understood(event, keys)))
        return self._known_alike[alike]

    def _on_object(
        self, record: Record, keys: tuple[str, ...], locator: Locator, key: str
    ) -> _Understood | None:
        understood = self._understood(to_event(record, locator), keys)._replace(key=key)
        return understood if understood.holds_for_every_object else None

    def _understood(self, event: Event, keys: tuple[str, ...]) -> _Understood:
        found = self._interpret(event)
        call = f"{event.source}:{event.name}"
        return _Understood(
            asked=tuple(
                (_subject(key, request, event, found), request) for key in keys for request in _asked(found)
            ),
            denied=found.outcome is Outcome.DENIED,
            unmapped=call if found.unmapped else "",
            disagreement=f"{call}: AWS says {found.denial.action}"
            if found.disagrees and found.denial
            else "",
        )

    def _counted(self, understood: _Understood) -> Meaning:
        cells = tuple(self._ledger.cell(subject, request) for subject, request in understood.asked)
        return Meaning(cells, understood.denied, understood.unmapped, understood.disagreement)


def _call(record: Record, keys: tuple[str, ...], content: bytes) -> tuple[object, ...]:
    """All that an interpretation may depend on; the content comes last."""
    identity = record.user_identity or NOBODY
    return (
        keys, actor(identity), identity.type, identity.account_id, record.recipient_account_id,
        record.event_source, record.event_name, record.aws_region, record.event_category,
        identity.invoked_by, record.error_code, blake2b(content, digest_size=16).digest(),
    )  # fmt: skip


def _remember(known: dict[tuple[object, ...], _Value], call: tuple[object, ...], value: _Value) -> None:
    if len(known) >= CALLS_KEPT:
        known.clear()
    known[call] = value


def _asked(found: Interpretation) -> tuple[AuthorizationRequest, ...]:
    """The requests that the outcome is of: what is only inferred was not necessarily what AWS refused."""
    if found.outcome is not Outcome.DENIED:
        return found.requests
    return tuple(request for request in found.requests if request.certainty is Certainty.CERTAIN)


def _subject(key: str, request: AuthorizationRequest, event: Event, found: Interpretation) -> Subject:
    denied = found.outcome is Outcome.DENIED
    failed = found.outcome is Outcome.FAILED
    reason = found.denial.reason if found.denial else DenialReason.UNQUALIFIED
    return Subject(
        principal=key,
        action=request.action,
        certainty=request.certainty,
        outcome=found.outcome,
        denial=reason if denied else None,
        error_code=event.error_code if failed else "",
        proves_authorization=failed and found.proves_authorization,
        via_service=event.invoked_by,
    )
