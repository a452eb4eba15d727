"""Each obligation fails of an edit that breaks it, and of one that nobody can decide."""

from __future__ import annotations

import pytest

from leastwise.holdings import Holdings
from leastwise.iam.document import parse
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement
from leastwise.model.derivation import LeftOut
from leastwise.model.finding import StatementRef
from leastwise.model.proposal import ChangeKind, FileChange, GrantChange
from leastwise.model.request import ResourceForm
from leastwise.propose.parts import Tightening
from leastwise.propose.proof import inside, prove_addition, prove_initial, prove_tightening
from leastwise.propose.replay import replay
from tests.builders import allow, case, denied, first_policy, policy, saw

BUCKET = "arn:aws:s3:::b"
OBJECTS = f"{BUCKET}/*"
READ = saw("s3:GetObject", f"{BUCKET}/x")
ROLLED = saw("s3:GetObject", f"{BUCKET}/in/*", form=ResourceForm.ROLLED_UP)
DENY = {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}
CONDITION = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
FILE = "f.json"


def held(*statements):
    return Holdings.of([parse(policy(*statements))])


def proof(old, new, *observations, finds_more=False):
    """Name of the obligation -> whether it holds, for an edit from ``old`` to ``new``."""
    change = GrantChange(ChangeKind.REMOVED, "s3:PutObject", StatementRef(FILE, 0), before=(OBJECTS,))
    read = GrantChange(ChangeKind.NARROWED, "s3:GetObject", StatementRef(FILE, 0), (OBJECTS,), (BUCKET,))
    edited = Tightening((FileChange(FILE, policy(*old), policy(*new)),), (change, read))
    proved = prove_tightening(held(*old), held(*new), edited, observations, lambda: finds_more)
    return {found.name.removeprefix(f"{FILE}: "): found.holds for found in proved.obligations}


def broken(old, new, *observations, **rest):
    return {name for name, holds in proof(old, new, *observations, **rest).items() if holds is not True}


OLD = [allow(["s3:GetObject", "s3:PutObject"], OBJECTS), DENY]
RIGHT = [allow("s3:GetObject", OBJECTS), DENY]
TRACED = "every statement is traced to an old one"
STILL_ALLOWED = "every recorded call is still allowed"


def test_a_right_edit_breaks_nothing():
    assert broken(OLD, RIGHT, READ, ROLLED) == set()


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ([allow("s3:GetObject", BUCKET + "*"), DENY], {"allows nothing new", TRACED}),
        ([allow("s3:GetObject", f"{BUCKET}/y"), DENY], {STILL_ALLOWED}),
        ([allow("s3:GetObject", OBJECTS)], {TRACED}),
        ([allow("s3:GetObject", OBJECTS), {**DENY, "Resource": OBJECTS}], {TRACED}),
        ([allow("s3:GetObject", OBJECTS), DENY, {**DENY, "Action": "s3:*"}], {TRACED, STILL_ALLOWED}),
        (OLD, {"something is taken away"}),
        ([allow("s3:GetObject", OBJECTS, **CONDITION), DENY], {STILL_ALLOWED}),
    ],
)  # fmt: skip
def test_a_wrong_edit_breaks_what_it_must(new, expected):
    assert broken(OLD, new, READ) == expected


def test_what_would_be_proposed_again_breaks_the_proof():
    assert broken(OLD, RIGHT, finds_more=True) == {"proposing again proposes nothing"}


def test_an_opaque_statement_is_traced_to_its_equal():
    most = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert TRACED in broken([*OLD, most], [*RIGHT, {**most, "NotAction": ["iam:*", "s3:*"]}])
    mine = allow("s3:*", f"{BUCKET}/${{aws:username}}")
    assert TRACED in broken([*OLD, mine], RIGHT)


def test_two_statements_may_not_be_merged_into_one_though_nothing_new_is_allowed():
    old = [
        allow("s3:GetObject", f"{BUCKET}/a/*"),
        allow("s3:GetObject", f"{BUCKET}/b/*"),
        allow("s3:PutObject", OBJECTS),
    ]
    new = [allow("s3:GetObject", [f"{BUCKET}/a/*", f"{BUCKET}/b/*"])]
    assert broken(old, new) == {TRACED}


def test_a_statement_may_be_used_up_only_by_itself():
    assert TRACED not in broken(OLD, [allow("s3:GetObject", f"{BUCKET}/in/*"), DENY])


def test_calls_that_the_new_policy_refuses_are_counted_and_named():
    found = replay(held(*OLD), held(allow("s3:GetObject", f"{BUCKET}/y")), [READ, ROLLED])
    assert (found.recorded, found.allowed, found.lost) == (400, 0, (READ, ROLLED))


def test_calls_that_hang_on_a_condition_must_keep_all_they_had():
    old = held(allow("s3:GetObject", OBJECTS, **CONDITION))
    assert replay(old, old, [READ]).undecided == 200
    assert replay(old, held(allow("s3:GetObject", f"{BUCKET}/x", **CONDITION)), [READ]).lost == ()
    assert replay(old, held(allow("s3:GetObject", f"{BUCKET}/y", **CONDITION)), [READ]).lost == (READ,)
    other = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    assert replay(old, held(allow("s3:GetObject", f"{BUCKET}/x", **other)), [READ]).lost == (READ,)


def test_a_deny_that_hangs_on_a_condition_may_stay_and_may_not_grow():
    deny = {**DENY, "Action": "s3:GetObject", **CONDITION}
    old = held(allow("s3:GetObject", OBJECTS), deny)
    assert replay(old, old, [READ]).lost == ()
    stricter = held(allow("s3:GetObject", OBJECTS), deny, {**deny, "Condition": {"Null": {"k:1": "true"}}})
    assert replay(old, stricter, [READ]).lost == (READ,)


def test_calls_the_old_policy_refused_prove_nothing():
    found = replay(
        held(allow("s3:PutObject")), held(allow("s3:PutObject")), [READ, denied("s3:PutObject", OBJECTS)]
    )
    assert (found.recorded, found.undecided, found.lost) == (0, 0, ())


def test_two_sources_are_not_added_up():
    again = saw("s3:GetObject", f"{BUCKET}/x", source="lake")
    assert replay(held(*OLD), held(*OLD), [READ, again]).recorded == 200


def open_question():
    """Policies whose inclusion no budget decides: more open conditions than are ever tried out."""
    lines = tuple(
        Statement(Effect.ALLOW, ("*",), (), ("*",), (), (Condition("Bool", f"k:{number}", ("true",)),))
        for number in range(500)
    )
    return [PolicyDocument(lines)], [PolicyDocument((Statement(Effect.ALLOW, ("*",), (), ("*",)),))]


def test_what_cannot_be_decided_does_not_hold():
    assert inside("x", *open_question()).holds is None


def initial(bound, new, *observations):
    proved = prove_initial(held(*bound) if bound else None, held(*new), observations)
    return {found.name for found in proved.obligations if found.holds is not True}


def test_a_first_policy_allows_every_call_of_every_source_inside_its_bound():
    lake = saw("s3:PutObject", f"{BUCKET}/x", days=1, source="lake")
    assert initial(None, [allow("s3:GetObject", OBJECTS)], READ) == set()
    assert initial(None, [allow("s3:GetObject", OBJECTS)], READ, lake) == {"every recorded call is allowed"}
    assert initial(None, [allow("s3:GetObject", OBJECTS, **CONDITION)], READ) == {
        "every recorded call is allowed"
    }
    outside = {"stays inside the trial's policy"}
    assert initial([allow("s3:GetObject", f"{BUCKET}/x")], [allow("s3:GetObject", OBJECTS)], READ) == outside


def test_what_a_bound_leaves_open_is_left_out_with_that_reason():
    bound = allow("s3:*", "*", **CONDITION)
    result = first_policy(case(None, READ, saw("sqs:SendMessage", "arn:aws:sqs:r:1:q"), bound=bound))
    assert LeftOut.UNDECIDED_BOUND.value in result.detail
    assert LeftOut.OUTSIDE_BOUND.value in result.detail


REFUSED = denied("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q")
SHORT = allow("sqs:SendMessage", "arn:aws:sqs")
GRANT = allow("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q")


def addition(new, grant=GRANT):
    added = parse(policy(grant))
    proved = prove_addition(held(*OLD), held(*new), added, [READ], [REFUSED])
    return {found.name for found in proved.obligations if found.holds is not True}


@pytest.mark.parametrize(
    ("new", "grant", "expected"),
    [
        ([*OLD, GRANT], GRANT, set()),
        ([*RIGHT, GRANT], GRANT, {"keeps everything"}),
        ([*OLD, GRANT, allow("s3:ListBucket")], GRANT, {"adds the listed grants only"}),
        (OLD, GRANT, {"the denied calls are now allowed"}),
        ([*OLD, allow("sqs:*")], allow("sqs:*"), {"grants are literal"}),
        ([*OLD, SHORT], SHORT, {"grants are literal", "the denied calls are now allowed"}),
        ([DENY, GRANT], GRANT, {"keeps everything", STILL_ALLOWED}),
    ],
)  # fmt: skip
def test_an_addition_is_what_it_says(new, grant, expected):
    assert addition(new, grant) == expected


def test_an_action_without_resources_is_not_lost_with_a_grant_on_some():
    describing = allow("ec2:DescribeInstances", "*", **CONDITION)
    call = saw("ec2:DescribeInstances")
    old = held(describing, allow("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*"))
    assert replay(old, held(describing), [call]).lost == ()


def test_a_statement_that_cannot_have_allowed_the_call_may_go():
    mine = allow("s3:*", f"{BUCKET}/${{aws:username}}*")
    call = saw("s3:GetObject", f"{BUCKET}/in/3")
    assert replay(held(allow("s3:GetObject", "arn:aws:s3:::?/x"), mine), held(mine), [call]).lost == ()
    conditional = allow("s3:GetObject", f"{BUCKET}/in*", **CONDITION)
    assert replay(held(conditional, mine), held(mine), [call]).lost == (call,)


@pytest.mark.parametrize("untouchable", [DENY, {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}])
def test_a_file_does_not_go_with_what_is_never_rewritten(untouchable):
    before = policy(untouchable, allow("s3:PutObject", OBJECTS))
    change = GrantChange(ChangeKind.REMOVED, "s3:PutObject", StatementRef(FILE, 1), before=(OBJECTS,))
    gone = Tightening((FileChange(FILE, before, None),), (change,))
    proved = prove_tightening(Holdings.of([parse(before)]), held(DENY), gone, [], lambda: False)
    assert next(found.holds for found in proved.obligations if TRACED in found.name) is False
