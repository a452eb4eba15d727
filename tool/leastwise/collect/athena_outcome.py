"""What became of a query of Athena: by ``AthenaError`` where AWS tells it, else by its words.

Error types: https://docs.aws.amazon.com/athena/latest/ug/error-reference.html (2026-11-26).  That a query
which scans more than its workgroup allows is CANCELLED, with the words below and without an error type, is
seen in people's reports; the documents say only that it is cancelled
(https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.aws.athena import ExecutionState
from leastwise.collect.sql.queries import GIGABYTE, Report, Verdict
from leastwise.errors import SourceError

if TYPE_CHECKING:
    from leastwise.aws.athena import Execution, WorkGroup
    from leastwise.model.declared import AthenaSource

TOO_MUCH = frozenset({*range(9), 206, 210})
"""Exhausted resources, and timed out: half the work may do."""
BUSY = frozenset(range(1400, 1407))
"""Throttled by Glue, S3 or Athena itself."""
ENDED_BY_SOMEBODY = frozenset({1011, 1014})
_PERMISSION = (
    "allow what `leastwise doctor --policy` prints for this source to whoever runs its queries, and let the "
    "bucket's own policy and its key allow that too"
)
_NOT_FOUND = "correct the table's location: `leastwise athena-table` prints the statement that makes it"
_MENDS = {
    234: "grant SELECT on the table in Lake Formation to whoever runs the queries",
    401: "let whoever runs the queries write to the place for results",
    402: "let whoever runs the queries write to the place for results",
    1109: _NOT_FOUND,
    1110: "make the table with the statement that `leastwise athena-table` prints",
    1302: _NOT_FOUND,
    1306: _NOT_FOUND,
    1500: _PERMISSION,
    1501: _PERMISSION,
    1602: "run again later: the workgroup's reserved capacity is in use",
}
_EXHAUSTED = ("exhausted", "query timeout", "timed out", "too large", "memory limit")
"""In reasons without an error type
(https://docs.aws.amazon.com/athena/latest/ug/performance-tuning.html, 2026-11-23)."""
_CUT_OFF = "bytes scanned limit"


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be scanned: by one query of the workgroup, and by all of ours (``None``: any amount).

    ``by_day``: a query for a part of the time scans a part of the data.
    """

    workgroup: WorkGroup
    most_bytes: int | None
    by_day: bool

    @property
    def several(self) -> bool:
        """Whether who set the limit of all queries lets them scan more than one alone may: then the time is
        shared out among several.  Nobody else did, for each costs money."""
        cutoff = self.workgroup.cutoff
        return bool(self.by_day and cutoff and self.most_bytes is not None and self.most_bytes > cutoff)

    @property
    def in_words(self) -> str:
        """What the workgroup allows, for people."""
        name, cutoff = self.workgroup.name, self.workgroup.cutoff
        if cutoff is None:
            return f"workgroup {name} sets no limit of its own"
        then = "then its time is cut in two" if self.several else "then its days are a gap in the coverage"
        return f"workgroup {name} ends a query that scans more than {cutoff / GIGABYTE:g} GB; {then}"


def reported(told: Execution, source: AthenaSource, limits: Limits, *, divisible: bool) -> Report:
    """Where a query stands.  Raises ``SourceError`` where asking again would be in vain.

    ``divisible``: queries for parts of its time would scan less.
    """
    scanned, why = told.bytes_scanned, f"Athena says: {told.reason or told.state.value}"
    if told.state in (ExecutionState.QUEUED, ExecutionState.RUNNING):
        return Report(Verdict.RUNNING, scanned)
    if told.state is ExecutionState.SUCCEEDED:
        return Report(Verdict.FINISHED, scanned)
    if _is_cut_off(told, limits):
        if limits.several and divisible:
            return Report(Verdict.TOO_MUCH, scanned, why)
        return Report(Verdict.CUT_OFF, scanned, _cut_off(source, limits))
    if told.error_type in TOO_MUCH or _says(told, _EXHAUSTED):
        return Report(Verdict.TOO_MUCH, scanned, why)
    # A token finds the query of an earlier run too, and somebody may have cancelled that one.
    ended = told.state is ExecutionState.CANCELLED or told.error_type in ENDED_BY_SOMEBODY
    if told.retryable or told.error_type in BUSY or ended:
        return Report(Verdict.LOST, scanned, why)
    mend = _MENDS.get(told.error_type or 0, "")
    said = f"source {source.name}: query {told.execution_id} failed. {why.rstrip('. ')}"
    raise SourceError(f"{said}; {mend}" if mend else said)


def enabling(source: AthenaSource) -> str:
    """The command that enables the source's workgroup."""
    return f"{_updating(source)} --state ENABLED"


def raising(source: AthenaSource) -> str:
    """The command that takes the limit off the source's workgroup."""
    return f"{_updating(source)} --configuration-updates RemoveBytesScannedCutoffPerQuery=true"


def _updating(source: AthenaSource) -> str:
    return f"aws athena update-work-group --region {source.region} --work-group {source.workgroup}"


def _is_cut_off(told: Execution, limits: Limits) -> bool:
    """By AWS's words, or by the bytes: such a query is ended just when it has scanned what it may."""
    cutoff = limits.workgroup.cutoff
    reached = cutoff is not None and told.bytes_scanned >= cutoff
    return _says(told, (_CUT_OFF,)) or (told.state is ExecutionState.CANCELLED and reached)


def _cut_off(source: AthenaSource, limits: Limits) -> str:
    cutoff = limits.workgroup.cutoff
    most = f"more than the {cutoff / GIGABYTE:g} GB that" if cutoff else "more than"
    return f"one query scans {most} workgroup {source.workgroup} allows: BytesScannedCutoffPerQuery"


def _says(told: Execution, words: tuple[str, ...]) -> bool:
    return any(each in told.reason.lower() for each in words)
