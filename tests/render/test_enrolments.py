"""What a pull request that enrols somebody is told: what will be recorded, and when what is proposed."""

from datetime import date

from leastwise.model.declared import Principal, PrincipalKind, Trial
from leastwise.render.review import enrolments

ARN = "arn:aws:iam::111122223333:role/payments-api"


def enrolled(trial=None):
    return Principal(
        PrincipalKind.ROLE,
        "payments-api",
        9,
        arn=ARN,
        accounts=("111122223333",),
        sources=("org",),
        trial=trial,
    )


def test_a_trial_says_when_it_closes_and_what_is_held():
    trial = Trial(date(2026, 11, 1), 90, "arn:aws:iam::aws:policy/PowerUserAccess")
    (line,) = enrolments(frozenset(), [enrolled(trial)])
    assert line == (
        f"enrols {ARN}: trial from 2026-11-01 to 2027-01-30 (90 days), "
        "holding arn:aws:iam::aws:policy/PowerUserAccess; evidence from org; "
        "nothing is taken away before 2027-01-30, and a first policy is proposed from then on"
    )


def test_without_a_trial_the_next_run_proposes():
    (line,) = enrolments(frozenset(), [enrolled()])
    assert line.endswith("a first policy, or a tightening, is proposed on the next run")


def test_who_was_enrolled_before_is_not_named():
    assert list(enrolments(frozenset({ARN}), [enrolled()])) == []
