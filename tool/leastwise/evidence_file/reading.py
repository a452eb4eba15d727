"""A text that should be evidence -> Evidence, or an error that says what it is instead.

Every value is checked: a file that was cut, edited or made by something else must not pass for evidence, for
on evidence permissions are taken away.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from leastwise.errors import EvidenceFileError, NewerEvidenceError
from leastwise.evidence_file import wire
from leastwise.model.evidence import (
    Coverage,
    DataSelector,
    Evidence,
    Examined,
    ObservationKey,
    Selectors,
    Tally,
    Unreadable,
)
from leastwise.model.request import AuthorizationRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

SHOWN = 200
"""Characters of a complaint that are shown: it may quote what the file says."""


def read_evidence(text: str, path: str) -> Evidence:
    """The evidence that ``evidence_text`` (or ``observe --format json``) wrote; ``path`` is for messages.

    Raises ``NewerEvidenceError`` for what a newer leastwise wrote, and ``EvidenceFileError`` for anything
    else that is not evidence in full.
    """
    document = _document(text, path)
    try:
        file = msgspec.convert(document, wire.EvidenceFile)
    except msgspec.ValidationError as error:
        raise _unfit(path, str(error)) from error
    coverage = {name: _coverage(name, seen, path) for name, seen in file.coverage.items()}
    looked_since = {
        (source, principal): moment
        for source, principals in file.looked_since.items()
        for principal, moment in principals.items()
    }
    return Evidence(_tallies(file.principals, path), coverage, looked_since)


def _document(text: str, path: str) -> dict[str, object]:
    """The JSON object, if its ``format`` and ``version`` are ours."""
    try:
        document: object = json.loads(text, object_pairs_hook=_members)
    except (ValueError, RecursionError) as error:
        raise _unfit(path, f"expected JSON, found a mistake: {error}") from error
    if not isinstance(document, dict) or document.get("format") != wire.FORMAT:
        raise _unfit(path, f'expected an object with "format": "{wire.FORMAT}", found none')
    version = document.get("version")
    if isinstance(version, int) and version > wire.VERSION:
        raise NewerEvidenceError(
            f"{path}: a newer leastwise wrote this evidence: expected version {wire.VERSION}, "
            f"found {version}; update leastwise, "
            "or collect the evidence anew with `leastwise observe --format json`"
        )
    if isinstance(version, bool) or version != wire.VERSION:
        raise _unfit(path, f'expected "version": {wire.VERSION}, found {version!r}')
    return document


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"the member {twice!r} stands twice in one object")
    return members


def _tallies(
    principals: Mapping[str, tuple[wire.Observation, ...]], path: str
) -> dict[ObservationKey, Tally]:
    tallies: dict[ObservationKey, Tally] = {}
    for principal, observations in principals.items():
        for observation in observations:
            key = _key(principal, observation)
            if key in tallies:
                raise _unfit(path, f"the same observation stands twice: {key.request.action} by {principal}")
            tallies[key] = _tally(observation)
    return tallies


def _key(principal: str, seen: wire.Observation) -> ObservationKey:
    context = tuple((key, value) for key, values in sorted(seen.context.items()) for value in values)
    return ObservationKey(
        source=seen.source,
        principal=principal,
        request=AuthorizationRequest(seen.action, seen.resource, seen.form, context, seen.certainty),
        outcome=seen.outcome,
        denial=seen.denial,
        error_code=seen.error_code,
        proves_authorization=seen.proves_authorization,
        via_service=seen.via_service,
    )


def _tally(seen: wire.Observation) -> Tally:
    return Tally(
        days=seen.days,
        first=seen.first,
        last=seen.last,
        samples=seen.samples,
        regions=frozenset(seen.regions),
        sessions=frozenset(seen.sessions),
        hours=frozenset(seen.hours),
    )


def _coverage(source: str, seen: wire.Coverage, path: str) -> Coverage:
    return Coverage(
        source=source,
        kind=seen.kind,
        start=seen.start,
        end=seen.end,
        selectors=_selectors(seen.selectors) if seen.selectors else None,
        regions=frozenset(seen.regions),
        all_regions=seen.all_regions,
        logged_regions=frozenset(seen.logged_regions),
        logging_since=seen.logging_since,
        delivered=frozenset(_delivered(seen.delivered, path)),
        tampering=frozenset(seen.tampering),
        unreadable=tuple(Unreadable(each.path, each.reason) for each in seen.unreadable),
        unreadable_count=seen.unreadable_count,
        excluded=seen.excluded,
        unmapped=seen.unmapped,
        disagreements=seen.disagreements,
        records=seen.records,
        duplicates=seen.duplicates,
        limits=frozenset(seen.limits),
        examined={key: _examined(found, path) for key, found in seen.examined.items()},
    )


def _delivered(delivered: Mapping[str, Iterable[tuple[date, date]]], path: str) -> Iterator[tuple[str, date]]:
    for account, runs in delivered.items():
        for day in _days(runs, path):
            yield account, day


def _days(runs: Iterable[tuple[date, date]], path: str) -> Iterator[date]:
    for first, last in runs:
        if last < first:
            raise _unfit(path, f"a run of days ends before it begins: {first} to {last}")
        for number in range((last - first).days + 1):
            yield first + timedelta(days=number)


def _examined(seen: wire.Examined, path: str) -> Examined:
    return Examined(frozenset(_days(seen.days, path)), frozenset(seen.vague), seen.as_of, seen.words)


def _selectors(seen: wire.Selectors) -> Selectors:
    return Selectors(
        management_read=seen.management_read,
        management_write=seen.management_write,
        excluded_sources=frozenset(seen.excluded_sources),
        data=frozenset(
            DataSelector(data.resource_type, data.read, data.write, data.arn_prefixes) for data in seen.data
        ),
        trail_arn=seen.trail_arn,
        unread=seen.unread,
    )


def _unfit(path: str, complaint: str) -> EvidenceFileError:
    """``complaint`` may quote the file: it is shown as ASCII, without control characters, and cut."""
    shown = json.dumps(complaint)[1:-1].replace('\\"', '"')
    if len(shown) > SHOWN:
        shown = shown[:SHOWN] + "..."
    return EvidenceFileError(
        f"{path}: this is no evidence that leastwise wrote, or it was damaged: {shown}; "
        "collect it anew with `leastwise observe --format json`"
    )
