"""The dashboard, a run's summary and the digest: what they say, and that they keep quiet when they should."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.assess import assess
from leastwise.model.evidence import Unreadable
from leastwise.model.proposal import OutcomeKind, ProposalKind, PublishOutcome, WithheldReason
from leastwise.model.report import PrincipalReport, Refusal, SourceReport
from leastwise.render.annotations import annotation, annotations_of_failures
from leastwise.render.dashboard import DASHBOARD_LIMIT, SUMMARY_LIMIT, dashboard, run_summary
from leastwise.render.digest import digest
from leastwise.render.reports import report_of
from tests.builders import ACCOUNT, ROLE, TODAY, allow, case, principal, saw, sees_everything, trial

PULL = "https://github.com/acme/iam/pull/3"
HOSTILE = "a|b\n## c @acme/all closes #1 <img> [x](y) \u202e `"
REPORT = PrincipalReport(
    principal=ROLE,
    name=f"role payments-api ({ACCOUNT})",
    opens=None,
    closes=None,
    last_call=TODAY - timedelta(days=1),
    sources=(SourceReport("trail", "trail-files", date(2026, 8, 1), TODAY, 0, "", 0),),
    withheld=(Refusal(ProposalKind.ADD, WithheldReason.NOTHING_TO_CHANGE, "no denied call"),),
    kinds=tuple(ProposalKind),
)


def outcome(kind, where=PULL, why="", proposal=ProposalKind.TIGHTEN):
    return PublishOutcome(kind, proposal, ROLE, where, why)


def row(report=REPORT, outcomes=(), today=TODAY):
    return dashboard([report], outcomes, today).splitlines()[-1]


def test_a_row_says_who_when_on_what_and_what_is_open():
    assert row(outcomes=[outcome(OutcomeKind.UNCHANGED)]) == (
        "| role payments-api (111122223333) | none | in the last 7 days | `trail` since 2026-08 | "
        f"[tighten]({PULL})<br>add: nothing to change |"
    )


def test_opened_updated_and_unchanged_look_the_same_or_it_would_be_edited_twice():
    shown = {
        dashboard([REPORT], [outcome(kind)], TODAY)
        for kind in (OutcomeKind.OPENED, OutcomeKind.UPDATED, OutcomeKind.UNCHANGED)
    }
    assert len(shown) == 1


def test_a_day_later_it_is_the_same_text():
    later = replace(
        REPORT, last_call=TODAY, sources=(replace(REPORT.sources[0], last=TODAY + timedelta(days=1)),)
    )
    tomorrow = dashboard([later], [], TODAY + timedelta(days=1))
    assert tomorrow == dashboard([REPORT], [], TODAY)


@pytest.mark.parametrize(
    ("opened_back", "shown"),
    [(-5, "opens "), (0, "▱" * 10), (45, "▰" * 5 + "▱" * 5), (89, "▰" * 9 + "▱"), (90, "closed ")],
)
def test_a_trial_progresses_in_tenths(opened_back, shown):
    opens = TODAY - timedelta(days=opened_back)
    report = replace(REPORT, opens=opens, closes=opens + timedelta(days=90))
    assert f"| {shown}" in row(report)


def test_an_open_trial_edits_the_dashboard_nine_times_and_not_ninety():
    opens = TODAY
    report = replace(REPORT, opens=opens, closes=opens + timedelta(days=90), sources=(), last_call=None)
    assert len({row(report, today=opens + timedelta(days=n)) for n in range(90)}) == 10


def test_what_a_source_could_not_show():
    source = SourceReport("old|trail", "trail-files", date(2026, 8, 1), date(2026, 9, 1), 3, "GAPS", 2)
    shown = "`old\\u007ctrail` since 2026-08 to 2026-09-01, 3 days missing, 2 unreadable"
    assert shown in row(replace(REPORT, sources=(source,)))
    assert "no source was read" in row(replace(REPORT, sources=()))
    nothing = replace(source, first=None, last=None)
    assert "no record" in row(replace(REPORT, sources=(nothing,)))


def test_errors_and_what_waits_come_first():
    found = [
        outcome(OutcomeKind.WITHHELD, "leastwise/tighten/x", "10 pull requests are open"),
        outcome(OutcomeKind.FAILED, "leastwise/add/x", "GitHub is down", ProposalKind.ADD),
        outcome(OutcomeKind.WITHHELD, "", "nothing to change: no denied call", ProposalKind.ADD),
    ]
    text = dashboard([REPORT], found, TODAY)
    assert text.startswith("**1 principal, 0 proposals open, 1 waiting, 1 error.**")
    assert text.index("### Errors") < text.index("### Waiting") < text.index("### Principals")
    assert f"- tighten of {REPORT.name}: 10 pull requests are open\n" in text
    assert f"- add of {REPORT.name}: GitHub is down\n" in text


def test_text_that_came_from_elsewhere_is_harmless():
    found = [outcome(OutcomeKind.FAILED, HOSTILE, HOSTILE)]
    blind = SourceReport(HOSTILE, "x", TODAY, TODAY, 0, HOSTILE, 0)
    refusal = Refusal(ProposalKind.ADD, WithheldReason.TOO_LARGE, HOSTILE)
    report = replace(REPORT, sources=(blind,), withheld=(refusal,))
    told = digest([], found, "acme/iam", "")
    for text in (run_summary([report], found, TODAY), told.items[0].text):
        assert not [bad for bad in ("@acme", "#1", "<img>", "[x]", "\u202e", "a|b") if bad in text]


@given(st.text(max_size=60))
def test_an_address_is_a_link_only_if_it_is_one(address):
    text = dashboard([REPORT], [outcome(OutcomeKind.OPENED, f"https://{address}")], TODAY)
    assert text.count("\n") == dashboard([REPORT], [outcome(OutcomeKind.OPENED)], TODAY).count("\n")
    assert text.count("](") <= 1


def test_many_principals_are_cut_at_whole_lines():
    reports = [replace(REPORT, principal=str(n), name=f"role number-{n}") for n in range(5_000)]
    board, page = dashboard(reports, [], TODAY), run_summary(reports, [], TODAY)
    assert DASHBOARD_LIMIT - 1_000 < len(board) <= DASHBOARD_LIMIT + 100
    assert board.rstrip().endswith("more lines did not fit.*")
    assert len(page.encode()) <= SUMMARY_LIMIT + 100


def test_a_summary_says_what_changed_and_why_nothing_more():
    text = run_summary([REPORT], [outcome(OutcomeKind.OPENED)], TODAY)
    assert f"- [opened: tighten of {REPORT.name}]({PULL})" in text
    assert f"- add of {REPORT.name}: nothing to change: no denied call" in text
    assert "Nothing changed." in run_summary([REPORT], [outcome(OutcomeKind.UNCHANGED)], TODAY)


def test_a_digest_is_silent_where_nothing_changed():
    kept = [outcome(OutcomeKind.UNCHANGED), outcome(OutcomeKind.WITHHELD, "", "why")]
    assert digest([REPORT], kept, "acme/iam", "") is None


def test_a_digest_names_what_changed():
    found = [
        outcome(OutcomeKind.OPENED),
        outcome(OutcomeKind.OPENED),
        outcome(OutcomeKind.WITHDRAWN, why="gone"),
    ]
    told = digest([REPORT], found, "acme/iam", "https://run")
    assert told.subject == "leastwise: 2 opened, 1 withdrawn in acme/iam"
    assert told.items[-1].text == f"withdrawn: tighten of {REPORT.name} (gone)"
    assert {item.address for item in told.items} == {PULL}


def test_a_report_is_taken_from_an_assessment():
    seen = sees_everything(days=30, unreadable_count=2, unreadable=(Unreadable("a", "cut"),))
    subject = case(
        allow("s3:*"), saw("s3:GetObject", "arn:aws:s3:::b/k", 5), seen=seen, who=principal(trial=trial())
    )
    report = report_of(assess(subject))
    assert (report.principal, report.name) == (ROLE, f"role payments-api ({ACCOUNT})")
    assert report.closes - report.opens == timedelta(days=90)
    assert report.last_call == TODAY - timedelta(days=1)
    (source,) = report.sources
    assert (source.first, source.last) == (TODAY - timedelta(days=30), TODAY - timedelta(days=1))
    assert (source.missing, source.unreadable) == (0, 2)
    assert {refusal.kind for refusal in report.withheld} <= set(ProposalKind)


def test_annotations_are_one_line_and_their_properties_closed():
    made = annotation("error", "50 %\nmore", file="a,b:c", line="3")
    assert made == "::error file=a%2Cb%3Ac,line=3::50 %25%0Amore"
    (failed,) = annotations_of_failures([outcome(OutcomeKind.FAILED, "", "down\n::error::x")])
    assert "\n" not in failed
    assert failed.startswith("::error title=tighten of arn%3Aaws%3Aiam%3A%3A")
