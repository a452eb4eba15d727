"""What a tightening leaves of a policy, and when there is none."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from leastwise.iam.size import MANAGED_POLICY_CHARACTERS, non_white_length
from leastwise.model.finding import StatementRef
from leastwise.model.policies import PolicyKind
from leastwise.model.proposal import ChangeKind, Proposal, Withheld, WithheldReason
from leastwise.model.request import ResourceForm
from tests.builders import (
    LONG_AGO,
    MANAGEMENT_ONLY,
    NOW,
    after,
    allow,
    case,
    keep,
    policy,
    policy_file,
    principal,
    saw,
    sees_everything,
    tightened,
)

BUCKET = "arn:aws:s3:::b"
OBJECTS = f"{BUCKET}/*"
WORK = saw("s3:ListBucket", BUCKET)
READ = saw("s3:GetObject", f"{BUCKET}/x")
DAILY = allow("s3:ListBucket", BUCKET)
WRITES = [DAILY, allow("s3:PutObject", OBJECTS)]
NEW_CALL = sees_everything(unmapped={"s3.amazonaws.com:New": 1})


def obligation(result, start):
    return next(found for found in result.proof.obligations if found.name.startswith(start))


def test_an_unused_statement_goes_and_its_neighbours_stay_byte_for_byte():
    text = policy(allow("s3:PutObject", OBJECTS), DAILY).replace("Effect", "Effect")
    result = tightened(case(text, WORK))
    assert result.files[0].after == policy(DAILY)
    assert [(change.kind, change.action) for change in result.changes] == [
        (ChangeKind.REMOVED, "s3:PutObject")
    ]


def test_a_file_that_grants_nothing_any_more_goes():
    result = tightened(case({"a.json": allow("s3:PutObject", OBJECTS), "b.json": DAILY}, WORK))
    assert [(change.path.rpartition("/")[2], change.after) for change in result.files] == [("a.json", None)]


def test_a_statement_is_parted_by_what_each_action_needs_and_keeps_its_condition():
    condition = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    actions = ["s3:GetObject", "s3:ListBucket", "s3:PutObject"]
    own = [{"Sid": "Files", **allow(actions, [BUCKET, OBJECTS]), **condition}]
    assert after(tightened(case(own, WORK, READ))) == [
        {"Sid": "Files", **allow(["s3:ListBucket"], [BUCKET, OBJECTS]), **condition},
        {"Sid": "Files2", **allow(["s3:GetObject"], [f"{BUCKET}/x"]), **condition},
    ]


def test_what_nobody_could_see_stands_apart():
    own = [{"Sid": "Files", **allow("s3:*", "*")}]
    result = tightened(case(own, WORK, seen=sees_everything(selectors=MANAGEMENT_ONLY)))
    assert [statement["Sid"] for statement in after(result)] == ["Files", "FilesUnseen"]
    assert "s3:GetObject" in after(result)[1]["Action"]
    assert "s3:CreateBucket" not in json.dumps(after(result))


def test_only_what_was_used_is_named_beside_an_entry_that_stays():
    own = [allow(["s3:ListBucket", "s3:List*"], "*")]
    (statement, *_) = after(tightened(case(own, WORK)))
    assert statement["Action"] == ["s3:ListBucket"]


def test_an_administrator_keeps_what_nobody_could_see_in_files_of_its_own():
    result = tightened(case([allow("*", "*")], WORK))
    assert isinstance(result, Proposal)
    first, *others = result.files
    assert json.loads(first.after)["Statement"] == [allow("s3:ListBucket", BUCKET)]
    assert others
    assert all(
        file.before is None and non_white_length(file.after) <= MANAGED_POLICY_CHARACTERS for file in others
    )
    assert not any('"*"' in file.after.replace('"Resource": "*"', "") for file in others)


def test_files_of_their_own_take_no_name_that_is_taken():
    wide = allow(
        [f"{service}:*" for service in ("ec2", "iam", "s3", "rds", "sagemaker", "iot", "quicksight")]
    )
    own = {"main.json": wide, "main-unseen.json": DAILY}
    result = tightened(case(own, WORK, seen=sees_everything(selectors=MANAGEMENT_ONLY)))
    assert isinstance(result, Proposal)
    assert "main-unseen.json" not in [
        file.path.rpartition("/")[2] for file in result.files if file.before is None
    ]


def test_an_inline_policy_too_large_is_withheld():
    subject = case([allow("*", "*")], WORK)
    inline = replace(subject, own=(policy_file([allow("*", "*")], kind=PolicyKind.INLINE),))
    result = tightened(inline)
    assert (type(result), result.reason) == (Withheld, WithheldReason.TOO_LARGE)


def test_a_resource_nobody_used_goes_though_the_first_one_is_used_whole():
    own = [DAILY, allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::c/*"])]
    result = tightened(case(own, WORK, saw("s3:GetObject", OBJECTS, form=ResourceForm.ROLLED_UP)))
    assert after(result)[1]["Resource"] == [OBJECTS]
    assert "arn:aws:s3:::c" in result.proof.certificate["witness"]


def test_the_proof_says_what_holds():
    result = tightened(case([DAILY, allow("s3:*", OBJECTS)], WORK, READ))
    assert result.proof.holds
    assert (result.proof.allowed, result.proof.recorded) == (400, 400)
    assert obligation(result, "allows nothing new").detail.startswith("under both readings of ARN patterns")
    assert obligation(result, "something is taken away").detail.startswith("for example s3:")


def test_proposing_again_proposes_nothing_and_the_proof_would_notice():
    subject = case([{"Sid": "Files", **allow("s3:*", "*")}], WORK, READ)
    result = tightened(subject)
    merged = case(result.files[0].after, WORK, READ)
    assert isinstance(tightened(merged), Withheld)
    assert obligation(result, "proposing again").holds


def test_a_call_that_hangs_on_a_condition_keeps_its_grant():
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    own = [DAILY, allow(["s3:GetObject", "s3:PutObject"], OBJECTS, Condition=condition)]
    result = tightened(case(own, WORK, READ))
    assert after(result)[1] == {**allow(["s3:GetObject"], f"{BUCKET}/x"), "Condition": condition}
    assert "whether a condition held" in obligation(result, "every recorded call").detail


def test_deny_and_opaque_statements_stay_as_they_are():
    deny = {"Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
    most = {"Effect": "Allow", "NotAction": "iam:*", "Resource": f"{BUCKET}-archive/*"}
    mine = allow("s3:*", f"{BUCKET}/${{aws:username}}/*")
    result = tightened(case([deny, most, allow("s3:PutObject", OBJECTS), mine, DAILY], WORK))
    assert after(result) == [deny, most, mine, DAILY]


def test_what_another_policy_grants_all_the_same_is_said():
    result = tightened(
        case([DAILY, allow("s3:PutObject", OBJECTS)], WORK, elsewhere=allow("s3:PutObject", f"{BUCKET}/y"))
    )
    assert result.notes == ("Granted elsewhere all the same (shared/everyone.json): s3:PutObject.",)


@pytest.mark.parametrize(
    ("subject", "reason"),
    [
        (case([DAILY], WORK), WithheldReason.NOTHING_TO_CHANGE),
        (case([DAILY]), WithheldReason.NO_EVIDENCE),
        (case(WRITES, WORK, seen=sees_everything(selectors=None)), WithheldReason.NO_COVERAGE),
        (case(WRITES, WORK, since=NOW), WithheldReason.NO_COVERAGE),
        (case([DAILY], WORK, saw("s3:PutObject", f"{BUCKET}/x")), WithheldReason.NOTHING_TO_CHANGE),
        (case(WRITES, WORK, READ), WithheldReason.CALIBRATION),
        (case(WRITES, WORK, seen=NEW_CALL), WithheldReason.UNMAPPED),
        (case(WRITES, WORK, who=principal(keep=(keep("*", "*"),))), WithheldReason.NOTHING_TO_CHANGE),
    ],
)  # fmt: skip
def test_where_there_is_none_it_says_why(subject, reason):
    result = tightened(subject)
    assert isinstance(result, Withheld)
    assert result.reason is reason
    assert result.detail


def test_a_young_statement_does_not_protect_its_neighbours():
    result = tightened(
        case(
            [allow("s3:PutObject", OBJECTS), DAILY, allow("s3:GetObject", OBJECTS)],
            WORK,
            since={0: LONG_AGO, 1: LONG_AGO, 2: NOW},
        )
    )
    assert after(result) == [DAILY, allow("s3:GetObject", OBJECTS)]
    assert [change.statement for change in result.changes] == [StatementRef(result.files[0].path, 0)]
