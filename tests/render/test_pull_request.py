"""The pull request's text: verdict first, evidence for each line, cuts that are said."""

from __future__ import annotations

from dataclasses import replace
from textwrap import indent

import pytest

from leastwise.declare.principals_file import read_declaration
from leastwise.model.declared import Ownership
from leastwise.model.event import Outcome
from leastwise.model.request import ResourceForm
from leastwise.render.pull_request import BODY_LIMIT, RESERVED, pull_request_text
from tests.builders import (
    added,
    allow,
    case,
    denied,
    first_policy,
    keep,
    principal,
    saw,
    sees_everything,
    tightened,
    trial,
)

BUCKET = "arn:aws:s3:::b"
WORK = saw("s3:ListBucket", BUCKET)
DAILY = allow("s3:ListBucket", BUCKET)
PUT = allow("s3:PutObject", f"{BUCKET}/*")


def body_of(subject, proposing=tightened):
    return pull_request_text(proposing(subject), subject).body


def test_the_verdict_comes_first_and_the_two_claims_follow():
    verdict, _, *claims = body_of(case([DAILY, PUT], WORK)).splitlines()
    assert verdict.startswith("**Takes away what was not used")
    assert "remove 1 action" in verdict
    assert "llows nothing new: **proved**" in claims[0]
    assert "200 of 200" in claims[1]


def test_the_title_is_plain_and_says_who_and_what():
    subject = case([DAILY, PUT], WORK)
    title = pull_request_text(tightened(subject), subject).title
    assert title == "Tighten role payments-api (111122223333): remove 1 action"


def test_a_narrowed_grant_cites_its_calls():
    body = body_of(
        case([DAILY, allow("s3:GetObject", f"{BUCKET}/*")], WORK, saw("s3:GetObject", f"{BUCKET}/x"))
    )
    assert (
        "`arn:aws:s3:::b/*` → `arn:aws:s3:::b/x` | 200 calls on 20 days, 2026-11-03 to 2026-11-22, e.g. event"
        in body
    )


def test_calls_without_sample_ids_are_cited_too():
    read = saw("s3:GetObject", f"{BUCKET}/x")
    read = replace(read, tally=replace(read.tally, samples=()))
    assert "200 calls on 20 days" in body_of(case([DAILY, allow("s3:GetObject", f"{BUCKET}/*")], WORK, read))


def test_what_stays_unseen_what_succeeded_unexplained_and_what_was_denied_is_said():
    observations = [
        WORK,
        saw("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
        denied("iam:PassRole", "arn:aws:iam::111122223333:role/r"),
    ]
    own = [DAILY, PUT, allow("kms:Decrypt"), allow("s3:GetObject", f"{BUCKET}/*")]
    body = body_of(case(own, *observations, who=principal(keep=(keep("s3:GetObject", "*"),))))
    for part in (
        "Kept, though not seen in use",
        "restore drill",
        "Succeeded, though",
        "Denied, and not proposed",
    ):
        assert part in body


def test_an_addition_says_what_it_adds_and_that_nothing_goes():
    body = body_of(case([DAILY], WORK, denied("s3:GetObject", f"{BUCKET}/x")), added)
    assert body.startswith("**Adds 1 action")
    assert "akes nothing away.**" in body


def test_denied_calls_are_never_told_as_use():
    """336 calls on 67 days would read as if the grant had been there all along."""
    body = body_of(case([DAILY], WORK, denied("s3:GetObject", f"{BUCKET}/x")), added)
    rows = [line for line in body.splitlines() if line.startswith("| added")]
    assert len(rows) == 1
    assert "| denied: " in rows[0]


def test_what_of_weight_goes_is_told_at_once():
    weighty = [allow("iam:PutRolePolicy"), allow("s3:PutBucketPolicy"), PUT]
    head = body_of(case([DAILY, *weighty], WORK)).partition("### Evidence")[0]
    assert (
        "⚠ Among what is removed: permissions management (2 actions), privilege escalation (1 action)."
        in head
    )
    assert "⚠" not in body_of(case([DAILY, PUT], WORK)).partition("### Evidence")[0]


def test_a_removed_grant_says_in_the_fold_too_that_no_call_was_recorded():
    fold = body_of(case([DAILY, PUT], WORK)).partition("<details><summary>Every action")[2]
    assert "- removed `s3:PutObject` on `arn:aws:s3:::b/*`: no recorded call" in fold


@pytest.mark.parametrize(
    ("ownership", "way"),
    [(Ownership.APPLY, "`leastwise watch` looks for it"), (Ownership.PROPOSE_ONLY, "Revert the merge")],
)
def test_the_way_back_is_that_of_whoever_writes_the_policies(ownership, way):
    who = replace(principal(), ownership=ownership)
    assert f"**Denied after it is live?** {way}" in body_of(case([DAILY, PUT], WORK, who=who))


def test_the_lines_to_keep_a_grant_are_ones_that_principals_yaml_takes():
    snippet = body_of(case([DAILY, PUT], WORK)).partition("```yaml\n")[2].partition("```")[0]
    entry = "version: 1\nprincipals:\n  - arn: arn:aws:iam::111122223333:role/a\n" + indent(snippet, "    ")
    (kept,) = read_declaration(entry).principals[0].keep
    assert (kept.action, kept.resource) == ("s3:PutObject", "arn:aws:s3:::b/*")


def test_a_first_policy_says_when_its_trial_was():
    subject = case(None, WORK, who=principal(trial=trial(opened_back=95)))
    opened = subject.principal.trial.opens
    assert f"The trial opened on {opened} (" in body_of(subject, first_policy)


def test_a_first_policy_without_a_bound_says_so_and_names_its_short_window():
    body = body_of(case(None, saw("s3:ListBucket", BUCKET, days=3)), first_policy)
    assert "No upper bound" in body
    assert "Short window" in body


@pytest.mark.parametrize(("days", "is_said"), [(100, False), (80, True)])
def test_a_first_policy_from_a_part_of_its_trial_says_so(days, is_said):
    seen = sees_everything(days)
    subject = case(None, WORK, seen=seen, who=principal(trial=trial(opened_back=95)))
    assert (f"evidence was read from {seen.start:%Y-%m-%d} on" in body_of(subject, first_policy)) is is_said


def test_a_first_policy_says_what_it_leaves_out():
    subject = case(
        None,
        WORK,
        saw("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
        bound=allow("s3:*"),
        who=principal(trial=trial(policy="shared/bound.json")),
    )
    assert "the policy held during the trial does not allow it: `sqs:SendMessage`" in body_of(
        subject, first_policy
    )


def test_a_star_for_want_of_a_name_is_put_down_to_its_records():
    form = ResourceForm.UNRECORDED
    once = saw("s3:GetObject", days=1, calls=1, form=form)
    subject = case(None, saw("ecs:ListTasks", form=form), saw("s3:GetObject", f"{BUCKET}/x"), once, WORK)
    result = first_policy(subject)
    body = pull_request_text(result, subject).body
    assert body.startswith(
        "**Grants 3 actions, each on the resources it was used on, but 2 of them on `*`: records do not name"
    )
    _, _, section = body.partition("### On `*`, because records do not name the resource\n\n")
    assert section.splitlines()[:2] == [
        (
            "- `s3:GetObject`: 1 of 201 calls (1 call on 2026-11-22, e.g. event "
            "`event-s3:GetObject-2026-11-22`). The others need `arn:aws:s3:::b/x`: with that in place of `*` "
            "in `111122223333/role/payments-api/payments-api.json`, 200 of 201 are allowed for certain, and "
            "the rest if they were on that too."
        ),
        (
            "- `ecs:ListTasks`: all of its calls (200 calls on 20 days, 2026-11-03 to 2026-11-22, e.g. event "
            "`event-ecs:ListTasks-2026-11-03`)."
        ),
    ]
    assert (result.proof.recorded, result.proof.holds) == (601, True)


def test_only_attempts_without_a_name_are_put_down_to_no_record():
    told = saw("s3:GetObject", form=ResourceForm.UNRECORDED, outcome=Outcome.ATTEMPTED)
    assert "do not name the resource" not in body_of(case(None, told, WORK), first_policy)


def test_a_policy_in_which_every_resource_is_named_speaks_of_no_star():
    body = body_of(case(None, saw("s3:GetObject", f"{BUCKET}/x"), saw("s3:ListAllMyBuckets")), first_policy)
    assert "do not name the resource" not in body


def test_a_body_fits_and_says_what_it_cut_whatever_the_names():
    ugly = [saw("s3:GetObject", f"arn:aws:s3:::bucket-{n}/" + "`|<@" * 20, days=3) for n in range(300)]
    body = body_of(case(None, *ugly), first_policy)
    assert len(body) <= BODY_LIMIT - RESERVED
    assert "Every action, with its evidence" not in body or "more" in body
    assert "### What changes" in body


def test_names_from_logs_stay_inside_their_code_spans():
    name = "x` | @acme/admins <b> fixes https://github.com/a/b/issues/1 \u202e"
    subject = case(None, saw("s3:GetObject", f"{BUCKET}/{name}"), WORK)
    body = body_of(subject, first_policy)
    assert "@acme" not in body
    assert "<b>" not in body
    assert "\u202e" not in body
    row = next(line for line in body.splitlines() if "issues/1" in line and line.startswith("|"))
    assert row.count("|") == 5


def test_the_example_that_stays_unexplained_does_not_become_a_link():
    name = "fixes https://github.com/a/b/issues/1"
    body = body_of(
        case(
            [DAILY, PUT, allow("sqs:*")],
            WORK,
            saw("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q", form=ResourceForm.LITERAL),
            saw("ec2:TerminateInstances", f"arn:aws:ec2:eu-west-1:111122223333:instance/{name}"),
        )
    )
    outside = "".join(part for number, part in enumerate(body.split("`")) if number % 2 == 0)
    assert "https://" not in outside
