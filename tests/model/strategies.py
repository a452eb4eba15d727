"""Evidence as sources make it: few sources, principals and days, so that two of them often overlap."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from leastwise.model.event import Outcome
from leastwise.model.evidence import (
    HOURS_KEPT,
    SAMPLES_KEPT,
    SESSIONS_KEPT,
    UNREADABLE_KEPT,
    Coverage,
    DataSelector,
    DenialReason,
    Evidence,
    Examined,
    ObservationKey,
    Selectors,
    Tally,
    Unreadable,
)
from leastwise.model.joining import smallest
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm

KINDS = {"lake": "cloudtrail-lake", "trail": "trail-files"}
few = st.sampled_from(("a", "b", "c", "*"))
manys = st.integers(0, 2**60 - 1).map(lambda bits: [f"{n:02d}" for n in range(60) if bits >> n & 1])
"""Any of sixty texts, in one draw: more than any sample keeps."""
days = st.integers(0, 5).map(lambda number: date(2026, 11, 1) + timedelta(days=number))
moments = st.integers(0, 200).map(lambda hours: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours))
times = moments.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
counts = st.dictionaries(few, st.integers(1, 9), max_size=3)

requests = st.builds(
    AuthorizationRequest,
    action=st.sampled_from(("s3:GetObject", "iam:PassRole")),
    resource=few,
    form=st.sampled_from(ResourceForm),
    context=st.sampled_from(((), (("iam:PassedToService", "a"),))),
    certainty=st.sampled_from(Certainty),
)
keys = st.builds(
    ObservationKey,
    source=st.sampled_from(sorted(KINDS)),
    principal=few,
    request=requests,
    outcome=st.sampled_from(Outcome),
    denial=st.sampled_from((None, *DenialReason)),
    error_code=few,
    proves_authorization=st.booleans(),
    via_service=few,
)


def _least(kept: int) -> st.SearchStrategy[tuple[str, ...]]:
    return manys.map(lambda drawn: smallest(drawn, kept))


tallies = st.builds(
    Tally,
    days=st.dictionaries(days, st.integers(1, 9)),
    first=times,
    last=times,
    samples=_least(SAMPLES_KEPT),
    regions=st.frozensets(few),
    sessions=_least(SESSIONS_KEPT).map(frozenset),
    hours=_least(HOURS_KEPT).map(frozenset),
)
data_selectors = st.builds(
    DataSelector,
    resource_type=few,
    read=st.booleans(),
    write=st.booleans(),
    arn_prefixes=st.sampled_from(((), ("a",))),
)
selectors = st.builds(
    Selectors,
    management_read=st.booleans(),
    management_write=st.booleans(),
    excluded_sources=st.frozensets(few),
    data=st.frozensets(data_selectors, max_size=2),
    trail_arn=few,
    unread=_least(3),
)


examinations = st.builds(
    Examined,
    days=st.frozensets(days),
    vague=st.frozensets(few),
    as_of=times,
    words=st.lists(few, max_size=2).map(tuple),
)


def coverages(source: str) -> st.SearchStrategy[Coverage]:
    """Coverages of one source."""
    return st.builds(
        Coverage,
        source=st.just(source),
        kind=st.just(KINDS[source]),
        start=moments,
        end=moments,
        selectors=st.none() | selectors,
        regions=st.frozensets(few),
        all_regions=st.sampled_from((None, False, True)),
        logged_regions=st.frozensets(few),
        logging_since=st.none() | moments,
        delivered=st.frozensets(st.tuples(few, days), max_size=3),
        tampering=st.frozensets(few),
        unreadable=manys.map(
            lambda paths: tuple(Unreadable(path, f"why {path[-1]}") for path in paths)[:UNREADABLE_KEPT]
        ),
        unreadable_count=st.integers(0, 50),
        excluded=counts,
        unmapped=counts,
        disagreements=counts,
        records=st.integers(0, 99),
        duplicates=st.integers(0, 9),
        limits=st.frozensets(few),
        examined=st.dictionaries(few, examinations, max_size=2),
    )


evidences = st.builds(
    Evidence,
    tallies=st.dictionaries(keys, tallies, max_size=2),
    coverage=st.fixed_dictionaries({}, optional={"trail": coverages("trail")}),
    looked_since=st.dictionaries(st.tuples(st.sampled_from(sorted(KINDS)), few), moments, max_size=3),
)
