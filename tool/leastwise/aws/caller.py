"""Calls of one AWS service: paced, tried again while AWS is busy, renewed when credentials expire."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

from leastwise.aws.advice import EXPIRED, PASSING, UNSURE, advice
from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

ATTEMPTS = 8
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0
"""Seconds; each pause is twice the last one: a minute in all before we give up."""


class Clock(Protocol):
    """Time, so that tests need not wait."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


class Refusal(Exception):  # noqa: N818  it is AWS's answer, which becomes an AwsError here
    """AWS answered with an error: its code and its words."""

    def __init__(self, code: str, words: str) -> None:
        """``code`` as AWS spells it, or one of ours where there was no answer."""
        super().__init__(f"{code}: {words}")
        self.code = code
        self.words = words


class Client(Protocol):
    """One service in one region with one set of credentials."""

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """One request; ``Refusal`` where AWS does not answer with a result."""


class Caller:
    """One service in one region and account."""

    def __init__(
        self,
        service: str,
        place: str,
        connect: Callable[[], Client],
        clock: Clock,
        paces: Mapping[str, float],
    ) -> None:
        """``connect`` makes a client with fresh credentials.

        ``paces`` holds operation -> calls per second that AWS allows; others are not held back.
        """
        self._service = service
        self._place = place
        self._connect = connect
        self._clock = clock
        self._paces = paces
        self._earliest: dict[str, float] = {}
        self._client: Client | None = None
        self._connecting = Lock()

    def call(self, operation: str, hints: Mapping[str, str] | None = None, **parameters: object) -> Any:  # noqa: ANN401  JSON enters here
        """The response of one operation.

        ``hints`` says for error codes of this operation what would mend them.  Raises ``AwsError``.
        """
        return self._answer(operation, hints or {}, parameters, PASSING)

    def call_once(self, operation: str, hints: Mapping[str, str], **parameters: object) -> Any:  # noqa: ANN401  JSON enters here
        """The same, not tried again where it may have been carried out already (``UNSURE``)."""
        return self._answer(operation, hints, parameters, PASSING - UNSURE)

    def _answer(
        self,
        operation: str,
        hints: Mapping[str, str],
        parameters: Mapping[str, object],
        again: AbstractSet[str],
    ) -> Any:  # noqa: ANN401  JSON enters here
        """Errors with a code of ``again`` are worth another try."""
        renewed = False
        pause = FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            self._wait_for_turn(operation)
            try:
                return self._connected().call(operation, parameters)
            except Refusal as refusal:
                if refusal.code in EXPIRED and not renewed:
                    renewed, self._client = True, None
                    continue
                if refusal.code not in again or attempt == ATTEMPTS:
                    raise self._error(operation, refusal, hints) from refusal
            self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        raise AssertionError("the last attempt returns or raises")

    def _connected(self) -> Client:
        with self._connecting:  # several threads read from one bucket
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _wait_for_turn(self, operation: str) -> None:
        pace = self._paces.get(operation)
        if pace is None:
            return
        wait = min(self._earliest.get(operation, 0.0) - self._clock.now(), 1 / pace)  # clocks are set back
        if wait > 0:
            self._clock.sleep(wait)
        self._earliest[operation] = self._clock.now() + 1 / pace

    def _error(self, operation: str, refusal: Refusal, hints: Mapping[str, str]) -> AwsError:
        permission = f"{self._service}:{operation}"
        mend = hints.get(refusal.code) or advice(refusal.code, permission)
        told = f"{permission} in {self._place}: AWS answers {refusal.code}: {refusal.words.rstrip('. ')}"
        return AwsError(refusal.code, f"{told}; {mend}" if mend else told)
