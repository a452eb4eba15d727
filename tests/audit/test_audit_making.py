"""What is new, what went silent, and when neither can be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leastwise.audit.making import Question, audited
from leastwise.audit.month import Days
from leastwise.audit.values import Change, Count, Kind, Subject
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason, Evidence
from leastwise.model.request import Certainty
from tests.audit.cases import (
    AFTER,
    EARLIER,
    IN,
    LONG_AGO,
    NOW,
    OCTOBER,
    ROOT,
    WHO,
    YEAR,
    analyzer,
    attempt,
    audit,
    changes,
    covered,
    evidence,
    since,
    used,
    whys,
    without,
)
from tests.builders import ACCOUNT, MANAGEMENT_ONLY, ROLE, SOURCE, denied, saw

GET, LIST, PUT = "s3:GetObject", "s3:ListAllMyBuckets", "s3:PutObject"


def test_a_year_that_was_seen_in_full_tells_everything():
    found = audit(used(GET, IN, EARLIER), used(LIST, IN), used(PUT, EARLIER))
    assert changes(found) == {GET: "used before", LIST: "new", PUT: "gone silent"}
    assert whys(found) == {}


def test_what_is_outside_of_the_year_does_not_exist():
    found = audit(used(GET, LONG_AGO, IN), used(LIST, LONG_AGO, AFTER))
    assert changes(found) == {GET: "new"}
    (use,) = found.principals[0].uses
    assert use.year == use.month == Count(10, 1, IN, IN)


def test_the_first_and_last_day_of_the_month_and_of_the_year_count():
    edges = (date(2025, 11, 1), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31))
    (use,) = audit(used(GET, *edges)).principals[0].uses
    assert use.month == Count(20, 2, edges[2], edges[3])
    assert use.year == Count(40, 4, edges[0], edges[3])


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (covered(since(date(2026, 8, 20))), "no records before 2026-08-20"),
        (covered(without(date(2026, 2, 3))), "no records on 2026-02-03"),
        (
            covered(without(date(2026, 2, 3), date(2026, 2, 9))),
            "no records on 2 of 334 days, the first of them 2026-02-03",
        ),
        (covered(since(OCTOBER.first)), "no records on any day from 2025-11-01 to 2026-09-30"),
        (covered(selectors=None), "the source does not say what it logs (no event selectors)"),
        (covered(all_regions=None), "it is not known whether every region was logged"),
        (
            covered(tampering=frozenset({"2026-02-03T04:05:06Z StopLogging x"})),
            "logging was stopped or changed inside the window (2026-02-03T04:05:06Z StopLogging x)",
        ),
        (
            covered(logging_since=datetime(2026, 5, 6, 7, 8, tzinfo=UTC)),
            "logging as it is now began on 2026-05-06 07:08Z only",
        ),
        (
            covered(selectors=MANAGEMENT_ONLY),
            "calls of this kind were not logged (data events of AWS::S3::Object on *)",
        ),
        (
            covered(unmapped={"s3.amazonaws.com:Odd": 1}),
            "recorded calls of this service could not be tied to a permission (s3.amazonaws.com:Odd)",
        ),
    ],
)
def test_new_is_said_only_where_the_records_reach_back(seen, why):
    found = audit(used(GET, IN), seen=seen)
    assert changes(found) == {GET: "first seen"}
    assert whys(found) == {GET: why}
    assert changes(audit(used(GET, IN, date(2026, 9, 30)), seen=seen)) == {GET: "used before"}


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (covered(without(date(2026, 10, 31))), "no records on 2026-10-31"),
        (covered(selectors=None), "the source does not say what it logs (no event selectors)"),
        (
            covered(tampering=frozenset({"2026-10-03T04:05:06Z StopLogging x"})),
            "logging was stopped or changed inside the window (2026-10-03T04:05:06Z StopLogging x)",
        ),
        (
            covered(logging_since=datetime(2026, 10, 1, 0, 0, 1, tzinfo=UTC)),
            "logging as it is now began on 2026-10-01 00:00Z only",
        ),
        (
            covered(selectors=MANAGEMENT_ONLY),
            "calls of this kind were not logged (data events of AWS::S3::Object on *)",
        ),
    ],
)
def test_silence_is_never_claimed_of_a_month_that_was_not_seen_in_full(seen, why):
    found = audit(used(GET, EARLIER), seen=seen)
    assert changes(found) == {GET: "not seen"}
    assert whys(found) == {GET: why}


def test_gaps_before_the_month_do_not_keep_silence_from_being_told():
    assert changes(audit(used(GET, EARLIER), seen=covered(since(EARLIER)))) == {GET: "gone silent"}


def test_a_change_of_logging_before_the_month_leaves_the_month_known():
    seen = covered(tampering=frozenset({"2026-09-30T23:59:59Z PutEventSelectors x"}))
    assert changes(audit(used(GET, EARLIER), seen=seen)) == {GET: "gone silent"}
    assert changes(audit(used(GET, IN), seen=seen)) == {GET: "first seen"}


def test_what_was_denied_in_the_month_was_not_silent():
    found = audit(used(GET, EARLIER), denied(GET, days=(IN,)))
    assert changes(found) == {GET: "not seen"}
    assert whys(found) == {GET: "it was called in the month, and denied"}


def test_denials_are_no_uses_and_a_first_use_after_denials_is_new():
    found = audit(denied(GET, days=(EARLIER, IN)), used(GET, IN))
    assert changes(found) == {GET: "new"}
    (row,) = found.principals[0].denied
    assert (row.month.calls, row.year.calls, row.reason) == (
        1,
        2,
        DenialReason.NO_IDENTITY_POLICY,
    )


def test_denials_are_told_apart_by_what_aws_says():
    found = audit(
        denied(GET, days=(IN,)), denied(GET, days=(IN,), reason=DenialReason.SERVICE_CONTROL_POLICY)
    )
    assert [each.reason.value for each in found.principals[0].denied] == [
        "no identity-based policy allows",
        "service control policy",
    ]


def test_a_month_that_is_not_over_tells_no_silence_and_counts_no_day_that_is_not_over():
    now = datetime(2026, 10, 20, 12, tzinfo=UTC)
    today = now.date()
    found = audit(used(GET, EARLIER), used(LIST, today, today - timedelta(days=1)), now=now)
    assert found.month_days == Days(OCTOBER.first, today)
    assert whys(found) == {GET: "October 2026 is not over: its days up to 2026-10-19 were looked at"}
    assert found.principals[0].calls == 10


def test_on_the_first_of_a_month_nothing_of_it_is_over():
    found = audit(used(GET, EARLIER, OCTOBER.first), now=datetime(2026, 10, 1, 5, tzinfo=UTC))
    assert len(found.month_days) == 0
    assert whys(found) == {GET: "October 2026 has only begun: no day of it is over"}


def test_whoever_was_not_looked_for_earlier_has_nothing_new():
    looked = {(SOURCE, ROLE): datetime(2026, 9, 1, tzinfo=UTC)}
    kept = evidence(used(GET, IN), looked_since=looked)
    (who,) = audited(kept, Question(OCTOBER, NOW, (WHO,))).principals
    assert who.unsure_before == "logging as it is now began on 2026-09-01 00:00Z only"
    assert who.uses[0].change is Change.FIRST_SEEN


def test_looking_that_began_late_hides_no_change_of_logging_after_it():
    looked = {(SOURCE, ROLE): datetime(2026, 9, 1, tzinfo=UTC)}
    change = frozenset({"2026-10-03T04:05:06Z StopLogging x"})
    kept = evidence(used(GET, EARLIER), seen=covered(tampering=change), looked_since=looked)
    (who,) = audited(kept, Question(OCTOBER, NOW, (WHO,))).principals
    assert who.uses[0].change is Change.NOT_SEEN
    assert "2026-10-03T04:05:06Z StopLogging" in who.unsure_month


def test_a_change_that_logging_as_it_is_now_began_with_is_no_doubt():
    change = frozenset({"2026-09-30T04:05:06Z PutEventSelectors x"})
    seen = covered(tampering=change, logging_since=datetime(2026, 9, 30, 4, 5, 6, tzinfo=UTC))
    assert changes(audit(used(GET, EARLIER), seen=seen)) == {GET: "gone silent"}


def test_one_source_that_saw_everything_is_enough():
    blind = covered(source="blind", selectors=None)
    both = evidence(used(GET, IN)).merge(Evidence({}, {"blind": blind}))
    who = replace(WHO, sources=("blind", SOURCE))
    (found,) = audited(both, Question(OCTOBER, NOW, (who,))).principals
    assert (found.unsure_before, found.uses[0].change) == ("", Change.NEW)


def test_a_principal_of_several_accounts_needs_them_all():
    who = replace(WHO, accounts=(ACCOUNT, "444455556666"))
    found = audit(used(GET, IN), subjects=(who,))
    assert whys(found) == {GET: "no records of account 444455556666 on any day from 2025-11-01 to 2026-09-30"}


def test_a_call_that_two_sources_recorded_counts_once():
    other = used(GET, IN, calls=12, source="other")
    both = evidence(used(GET, IN), other).merge(Evidence({}, {"other": covered(source="other")}))
    who = replace(WHO, sources=(SOURCE, "other"))
    assert audited(both, Question(OCTOBER, NOW, (who,))).calls == 12


def test_failed_calls_are_uses_and_are_counted_apart():
    failing = used(GET, IN, calls=3, outcome=Outcome.FAILED, error="NoSuchKey", proves=True)
    (use,) = audit(used(GET, IN), failing).principals[0].uses
    assert (use.month.calls, use.failed) == (13, 3)


def test_what_no_record_shows_directly_is_marked_and_never_new():
    inferred = used("iam:PassRole", IN, certainty=Certainty.INFERRED)
    (use,) = audit(inferred).principals[0].uses
    assert use.inferred
    assert use.sensitive == "hands a role's permissions to a service"
    assert (use.change, use.why) == (Change.FIRST_SEEN, "CloudTrail never records this permission")


def test_names_of_resources_are_few_sorted_and_of_the_month():
    names = [f"arn:aws:s3:::b/{letter}" for letter in "edcba"]
    seen = [saw(GET, name, (IN,)) for name in names] + [saw(GET, "arn:aws:s3:::b/0", (EARLIER,))]
    (use,) = audit(*seen, hide=lambda name: name.replace("b/b", "hidden")).principals[0].uses
    assert use.resources == ("arn:aws:s3:::b/a", "arn:aws:s3:::hidden", "arn:aws:s3:::b/c")
    assert use.more == 2


def test_somebody_without_a_record_is_there_all_the_same():
    (found,) = audit().principals
    assert (found.uses, found.denied, found.last_seen, found.is_seen_in_month) == ((), (), None, False)


def test_those_with_most_to_look_at_come_first():
    keys = ("quiet", "denied", "sensitive")
    subjects = tuple(replace(WHO, key=key) for key in keys)
    found = audit(
        used(GET, IN, EARLIER, principal="quiet", calls=1_000),
        denied(GET, days=(IN,), principal="denied"),
        used("iam:AttachUserPolicy", IN, EARLIER, principal="sensitive", calls=1),
        subjects=subjects,
    )
    assert [each.subject.key for each in found.principals] == ["sensitive", "denied", "quiet"]


def test_root_comes_first_where_it_was_at_work():
    root = replace(WHO, key=ROOT, kind=Kind.ROOT, name="root", enrolled=False)
    seen = (used("iam:AttachUserPolicy", IN), used("iam:GetAccountSummary", IN, EARLIER, principal=ROOT))
    assert [each.subject for each in audit(*seen, subjects=(WHO, root)).principals] == [root, WHO]
    assert [each.subject for each in audit(seen[0], subjects=(root, WHO)).principals] == [WHO, root]


def test_a_sensitive_denial_is_not_lost_among_many_others():
    many = [denied(f"s3:Action{n}", days=(IN, EARLIER), reason=DenialReason.EXPLICIT_DENY) for n in range(30)]
    (found,) = audit(*many, denied("iam:AttachUserPolicy", days=(IN,))).principals
    assert found.denied_in_month[0].action == "iam:AttachUserPolicy"
    assert found.tried_in_vain == 1


@pytest.mark.parametrize(
    ("first", "last", "days", "change"),
    [
        ("2026-10-03", "2026-10-30", YEAR, "new"),
        ("2026-08-03", "2026-10-30", YEAR, "used before"),
        ("2026-08-03", "2026-09-30", YEAR, "gone silent"),
        ("2026-10-03", "2026-10-30", since(date(2026, 8, 1)), "first seen"),
        ("2026-08-03", "2026-09-30", since(date(2026, 8, 1))[:-1], "not seen"),
        ("2025-08-03", "2025-10-31", YEAR, None),
    ],
)
def test_a_source_that_does_not_count_says_when_it_was_called_at_most(first, last, days, change):
    seen = analyzer(days)
    who = replace(WHO, sources=("analyzer",))
    found = audit(attempt(GET, first, last), seen=seen, subjects=(who,))
    assert changes(found) == ({GET: change} if change else {})
    if change:
        (use,) = found.principals[0].uses
        assert (use.uncounted, use.month.calls, use.year.calls) == (True, 0, 0)


def test_a_source_says_what_it_saw_of_the_month_and_before():
    found = audit(used(GET, IN), seen=covered(since(date(2026, 8, 20))))
    (source,) = found.sources
    assert (source.month, source.before, source.first) == (31, 42, date(2026, 8, 20))
    assert (source.unsure_before, source.unsure_month) == ("no records before 2026-08-20", "")


def test_a_day_counts_only_where_every_account_delivered():
    two = (replace(WHO, accounts=(ACCOUNT,)), replace(WHO, key="other", accounts=("444455556666",)))
    (source,) = audit(used(GET, IN), subjects=two).sources
    assert (source.month, source.before, source.first) == (0, 0, YEAR[0])


actions = st.sampled_from(
    ["s3:GetObject", "s3:ListAllMyBuckets", "iam:CreateUser", "odd:Thing", "sts:AssumeRole"]
)
names = st.sampled_from(["arn:aws:iam::1:role/a", "arn:aws:iam::1:role/b", "group/c"])
days = st.lists(st.sampled_from(YEAR[::7] + YEAR[-31:] + (LONG_AGO, AFTER)), min_size=1, max_size=6)
outcomes = st.sampled_from([Outcome.SUCCEEDED, Outcome.FAILED, Outcome.DENIED])
sources = st.sampled_from([SOURCE, "other"])
observations = st.lists(
    st.builds(
        lambda action, when, who, outcome, calls, source, number: saw(
            action,
            f"arn:aws:s3:::b/{number}",
            tuple(when),
            principal=who,
            outcome=outcome,
            denial=DenialReason.EXPLICIT_DENY if outcome is Outcome.DENIED else None,
            calls=calls,
            source=source,
        ),
        actions, days, names, outcomes, st.integers(1, 9), sources, st.integers(0, 4),
    ),
    max_size=7,
)  # fmt: skip
coverages = st.sampled_from([covered(), covered(since(date(2026, 8, 1))), covered(selectors=None)])


def everybody(found, seen):
    keys = sorted({each.key.principal for each in found})
    subjects = tuple(
        Subject(key, Kind.ROLE, key, (ACCOUNT,), (SOURCE, "other"), enrolled=True) for key in keys
    )
    whole = Evidence(
        {each.key: each.tally for each in found}, {SOURCE: seen, "other": replace(seen, source="other")}
    )
    return whole, Question(OCTOBER, NOW, subjects)


FEW = max(settings().max_examples // 3, 1)
"""An example makes whole audits, of which each is dear."""


@settings(max_examples=FEW)
@given(observations, coverages)
def test_totals_are_the_sums_of_their_rows(found, seen):
    audit_of_all = audited(*everybody(found, seen))
    for each in audit_of_all.principals:
        assert each.calls == sum(use.month.calls for use in each.used)
        assert each.denied_calls == sum(row.month.calls for row in each.denied_in_month)
    assert audit_of_all.calls == sum(each.calls for each in audit_of_all.principals)
    assert audit_of_all.denied_calls == sum(each.denied_calls for each in audit_of_all.principals)


@settings(max_examples=FEW)
@given(observations, coverages, st.randoms())
def test_the_order_of_evidence_and_subjects_decides_nothing(found, seen, random):
    whole, asked = everybody(found, seen)
    tallies, subjects = list(whole.tallies.items()), list(asked.subjects)
    random.shuffle(tallies)
    random.shuffle(subjects)
    other = Evidence(dict(tallies), dict(reversed(list(whole.coverage.items()))))
    assert audited(whole, asked) == audited(other, replace(asked, subjects=tuple(subjects)))


@settings(max_examples=FEW)
@given(observations, coverages)
def test_every_use_is_what_its_counts_say(found, seen):
    for each in audited(*everybody(found, seen)).principals:
        for use in each.uses:
            inside, before = use.month.calls > 0, use.year.calls > use.month.calls
            assert use.in_month is inside
            assert inside or before
            assert (use.change is Change.USED_BEFORE) is (inside and before)
            assert bool(use.why) is (use.change in (Change.FIRST_SEEN, Change.NOT_SEEN))


@settings(max_examples=FEW)
@given(observations)
def test_less_coverage_never_claims_more(found):
    full = audited(*everybody(found, covered()))
    partly = audited(*everybody(found, covered(since(date(2026, 8, 1)))))
    none = audited(*everybody(found, covered(selectors=None)))
    claimed = [_claims(audit_of) for audit_of in (none, partly, full)]
    assert claimed[0] == set()
    assert claimed[1] <= claimed[2]


def _claims(found):
    return {
        (each.subject.key, use.action, use.change)
        for each in found.principals
        for use in each.that(Change.NEW, Change.SILENT)
    }
