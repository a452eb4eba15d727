"""Which log files were counted, so that the next run reads only the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leastwise.model.evidence import Evidence

DIGEST_BYTES = 8
"""Of a file, or of an event: enough to tell millions apart."""

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    Digests = Mapping[date, frozenset[bytes]]
    """UTC day of delivery -> digests of ``DIGEST_BYTES``."""


@dataclass(frozen=True, slots=True)
class FilesRead:
    """The files of the last days of delivery, all counted in full for the same principals.

    It is complete from ``since`` on: a file of an earlier day may have been counted or not.
    """

    since: date
    principals: frozenset[str]
    """Their keys."""
    files: Digests
    events: Digests
    """Events of these principals in files of the last two days: a copy of one may still come."""


@dataclass(frozen=True, slots=True)
class Collected:
    """What a run read of one source for the evidence that is kept.

    ``adds``: the calls of files that no run has counted, which add up with what is kept.  Otherwise days may
    have been counted before, and the larger count of a day holds.  ``files`` is ``None`` where the next run
    cannot go by files.
    """

    evidence: Evidence = field(default_factory=Evidence)
    files: FilesRead | None = None
    adds: bool = False
