"""What each distinct call means, remembered: steady work repeats itself, and interpreting is dear."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from leastwise.collect.decode import NOBODY, actor, to_event
from leastwise.collect.ledger import Ledger, Subject
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason
from leastwise.model.request import Certainty

if TYPE_CHECKING:
    from leastwise.collect.cell import Cell
    from leastwise.collect.decode import Record
    from leastwise.collect.interface import Interpreter
    from leastwise.model.event import Event, Locator
    from leastwise.model.interpretation import Interpretation
    from leastwise.model.request import AuthorizationRequest

CALLS_KEPT = 1 << 16
"""About half a kilobyte each."""


class Meaning(NamedTuple):
    """What one call adds: the cells that count it (once per request), and what the coverage says of it."""

    cells: tuple[Cell, ...]
    denied: bool
    unmapped: str = ""
    disagreement: str = ""


class Meanings:
    """Record → meaning, with the cells of one ledger."""

    def __init__(self, interpret: Interpreter, ledger: Ledger) -> None:
        """``interpret`` must not look at an event's ID, time or session."""
        self._interpret = interpret
        self._ledger = ledger
        self._known: dict[tuple[object, ...], Meaning] = {}

    def of(self, record: Record, keys: tuple[str, ...], locator: Locator) -> Meaning:
        """What it means for the principals ``keys``.  Raises ``BadRecord`` if it cannot be decoded."""
        identity = record.user_identity or NOBODY
        content = b"\n".join(
            (record.request_parameters, record.response_elements, record.resources, record.error_message)
        )  # raw JSON values: no two different four join to the same text
        call = (
            keys, actor(identity), identity.type, identity.account_id, record.recipient_account_id,
            record.event_source, record.event_name, record.aws_region, record.event_category,
            identity.invoked_by, record.error_code, blake2b(content, digest_size=16).digest(),
        )  # fmt: skip
        known = self._known.get(call)
        if known is None:
            known = self._remember(call, self._first_look(to_event(record, locator), keys))
        return known

    def _remember(self, call: tuple[object, ...], meaning: Meaning) -> Meaning:
        if len(self._known) >= CALLS_KEPT:
            self._known.clear()
        self._known[call] = meaning
        return meaning

    def _first_look(self, event: Event, keys: tuple[str, ...]) -> Meaning:
        found = self._interpret(event)
        call = f"{event.source}:{event.name}"
        return Meaning(
            cells=tuple(
                self._ledger.cell(_subject(key, request, event, found), request)
                for key in keys
                for request in _asked(found)
            ),
            denied=found.outcome is Outcome.DENIED,
            unmapped=call if found.unmapped else "",
            disagreement=f"{call}: AWS says {found.denial.action}"
            if found.disagrees and found.denial
            else "",
        )


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
