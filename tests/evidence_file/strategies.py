"""Any evidence there can be: hostile names, odd days, nothing at all."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from leastwise.model.event import Outcome
from leastwise.model.evidence import (
    SAMPLES_KEPT,
    Coverage,
    DataSelector,
    DenialReason,
    Evidence,
    Examined,
    Observation,
    ObservationKey,
    Selectors,
    Tally,
    Unreadable,
)
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm

HOSTILE = ("*", "a*b", "${*}", "`|<b>", "\u202egnp", "\x1b[31m", '"\\', "\udcff", "a\nb", "")
texts = st.sampled_from(HOSTILE) | st.text(max_size=4)
counts = st.integers(0, 10**12)
days = st.dates(date(2013, 11, 13), date(2100, 1, 1)) | st.dates(date(2026, 8, 1), date(2026, 8, 20))
moments = st.datetimes(datetime(2013, 11, 13), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  hypothesis wants its bounds naive and adds the zone
eventful = st.datetimes(datetime(2013, 11, 13), datetime(2100, 1, 1)).map(  # noqa: DTZ001  as above
    lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ")
)
actions = st.sampled_from(("s3:GetObject", "s3:PutObject", "iam:PassRole", "lambda:CreateFunction"))
contexts = st.lists(st.tuples(texts, texts), max_size=3).map(lambda pairs: tuple(sorted(pairs)))
requests = st.builds(
    AuthorizationRequest,
    action=actions | texts,
    resource=texts,
    form=st.sampled_from(ResourceForm),
    context=contexts,
    certainty=st.sampled_from(Certainty),
)
keys = st.builds(
    ObservationKey,
    source=st.sampled_from(("trail", "lake")),
    principal=texts,
    request=requests,
    outcome=st.sampled_from(Outcome),
    denial=st.none() | st.sampled_from(DenialReason),
    error_code=texts,
    proves_authorization=st.booleans(),
    via_service=texts,
)
tallies = st.builds(
    Tally,
    days=st.dictionaries(days, counts, max_size=4),
    first=eventful,
    last=eventful,
    samples=st.lists(texts, min_size=1, max_size=SAMPLES_KEPT, unique=True).map(
        lambda ids: tuple(sorted(ids))
    ),
    regions=st.frozensets(texts, max_size=3),
    sessions=st.frozensets(texts, max_size=2),
    hours=st.frozensets(texts, max_size=2),
)
observations = st.builds(Observation, keys, tallies)
selectors = st.builds(
    Selectors,
    management_read=st.booleans(),
    management_write=st.booleans(),
    excluded_sources=st.frozensets(texts, max_size=2),
    data=st.frozensets(
        st.builds(
            DataSelector,
            resource_type=texts,
            read=st.booleans(),
            write=st.booleans(),
            arn_prefixes=st.lists(texts, max_size=2).map(tuple),
        ),
        max_size=2,
    ),
    trail_arn=texts,
    unread=st.lists(texts, max_size=2).map(tuple),
)
tallied = st.dictionaries(texts, counts, max_size=2)


examinations = st.builds(
    Examined,
    days=st.frozensets(days, max_size=6),
    vague=st.frozensets(texts, max_size=2),
    as_of=eventful,
    words=st.lists(texts, max_size=2).map(tuple),
)


def coverage_of(source: str) -> st.SearchStrategy[Coverage]:
    return st.builds(
        Coverage,
        source=st.just(source),
        kind=st.sampled_from(("trail-files", "athena")),
        start=moments,
        end=moments,
        selectors=st.none() | selectors,
        regions=st.frozensets(texts, max_size=2),
        all_regions=st.none() | st.booleans(),
        logged_regions=st.frozensets(texts, max_size=2),
        logging_since=st.none() | moments,
        delivered=st.frozensets(st.tuples(st.sampled_from(("111122223333", "x")), days), max_size=6),
        tampering=st.frozensets(texts, max_size=2),
        unreadable=st.lists(st.builds(Unreadable, texts, texts), max_size=2).map(tuple),
        unreadable_count=counts,
        excluded=tallied,
        unmapped=tallied,
        disagreements=tallied,
        records=counts,
        duplicates=counts,
        limits=st.frozensets(texts, max_size=2),
        examined=st.dictionaries(texts, examinations, max_size=2),
    )


coverages = st.lists(texts, max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: coverage_of(name) for name in names})
)
looked = st.dictionaries(st.tuples(st.sampled_from(("trail", "lake")), texts), moments, max_size=2)
evidences = st.builds(Evidence, st.dictionaries(keys, tallies, max_size=3), coverages, looked)
