"""Attacks by whoever is observed, or can name things: A1 to A15.

Each docstring names the defence that was taken out of a scratch copy to see its test fail.  The bombs of A8
that lie in log files are in ``tests/collect/test_bad_files.py``, look-alikes of permission sets (A3) in
``tests/collect/test_roster.py``.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from leastwise.assess import assess
from leastwise.collect.roster import Roster
from leastwise.errors import PolicySyntaxError
from leastwise.holdings import Holdings
from leastwise.iam import glob
from leastwise.iam.document import parse
from leastwise.iam.statement import Effect, PolicyDocument, Statement
from leastwise.model.derivation import LeftOut
from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason, Unreadable
from leastwise.model.finding import NotProposed, Unseen
from leastwise.model.proposal import ChangeKind, Obligation, Proposal, Withheld, WithheldReason
from leastwise.model.request import ResourceForm
from leastwise.propose.check_certificate import check_certificate
from leastwise.propose.proof import inside
from leastwise.propose.replay import replay
from leastwise.propose.verified import verified
from leastwise.render.pull_request import pull_request_text
from tests.builders import (
    ROLE,
    added,
    after,
    allow,
    case,
    day,
    denied,
    findings,
    first_policy,
    policy,
    principal,
    saw,
    sees_everything,
    tightened,
)

BUCKET = "arn:aws:s3:::b"
OBJECTS = f"{BUCKET}/*"
DAILY = allow("s3:ListBucket", BUCKET)
WORK = saw("s3:ListBucket", BUCKET)
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
READER = [DAILY, allow("s3:GetObject", OBJECTS)]
READ = saw("s3:GetObject", f"{BUCKET}/x")
CUT_OFF = Unreadable("one.json.gz", "it ends too early")
WRITER = [DAILY, allow("s3:PutObject", OBJECTS)]


def proposed(subject):
    """Everything that would be published for the case."""
    return [result for result in assess(subject).results if isinstance(result, Proposal)]


def granted(result):
    """The names a proposal grants."""
    return [name for change in result.changes for name in change.after]


def test_a1_refused_calls_are_no_use():
    """Without ``is_authorized`` in ``derive``, the refused call is granted."""
    escalate = denied("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/p", days=30)
    result = first_policy(case(None, WORK, escalate))
    assert {change.action for change in result.changes} == {"s3:ListBucket"}


@pytest.mark.parametrize(
    ("attempt", "why_not"),
    [
        (denied("iam:CreatePolicyVersion", "arn:aws:iam::111122223333:policy/p"), NotProposed.SENSITIVE),
        (denied("s3:GetObject", f"{BUCKET}/x", days=2), NotProposed.TOO_FEW_DAYS),
        (denied("s3:GetObject", f"{BUCKET}/x", sessions=("one",)), NotProposed.TOO_FEW_SESSIONS),
        (denied("s3:GetObject", f"{BUCKET}/x", reason=DenialReason.UNQUALIFIED), NotProposed.UNQUALIFIED),
        (denied("s3:GetObject", f"{BUCKET}/x", reason=DenialReason.EXPLICIT_DENY), NotProposed.OTHER_POLICY),
    ],
)
def test_a1_trying_on_purpose_is_no_way_to_a_grant(attempt, why_not):
    """Without any one check of ``triage._why_not``, the row of that check is proposed."""
    subject = case([DAILY], WORK, attempt)
    assert [found.why_not for found in assess(subject).denied] == [why_not]
    assert isinstance(added(subject), Withheld)


def test_a1_what_was_only_attempted_grants_nothing_sensitive():
    """Access Analyzer counts refused calls too: without ``SENSITIVE_UNNAMED`` one attempt is a grant."""
    attempt = saw("iam:CreatePolicyVersion", "*", form=ResourceForm.UNRECORDED, outcome=Outcome.ATTEMPTED)
    result = first_policy(case(None, WORK, attempt))
    assert {change.action for change in result.changes} == {"s3:ListBucket"}
    assert [omission.reason for omission in result.omissions] == [LeftOut.SENSITIVE_UNNAMED]


def test_a2_a_call_made_once_to_keep_a_grant_shows_its_one_day():
    """Without the day in ``words.usage``, nobody sees that all calls were made on one day."""
    once = saw("s3:GetObject", f"{BUCKET}/x", days=[day(2)], calls=500)
    subject = case(READER, WORK, once)
    assert f"500 calls on {day(2)}, e.g." in pull_request_text(tightened(subject), subject).body


def test_a2_a_call_made_once_keeps_only_what_it_touched():
    """Without narrowing (``compare._used``), one call keeps the whole bucket."""
    once = saw("s3:GetObject", f"{BUCKET}/x", days=[day(2)])
    assert granted(tightened(case(READER, WORK, once))) == [f"{BUCKET}/x"]


@pytest.mark.parametrize(
    "look_alike",
    [
        ROLE.replace("111122223333", "999988887777"),
        ROLE.replace("role/", "role/other/"),
        ROLE.replace("role/", "user/"),
        ROLE + "2",
        ROLE.upper(),
    ],
)
def test_a3_a_principal_is_its_whole_arn(look_alike):
    """With ``Roster`` comparing names only, each look-alike is taken for the role."""
    roster = Roster((principal(),))
    assert roster.keys_of(ROLE) == (ROLE,)
    assert roster.keys_of(look_alike) == ()


@pytest.mark.parametrize("name", ["*", "?", "${aws:username}", "${*}", "in/*", "a?c", "${", "$"])
def test_a4_a_name_is_never_a_pattern(name):
    """Without ``escape`` in ``narrow``, in ``derive`` or in ``literal_pattern``, the name is a wildcard."""
    call = saw("s3:GetObject", f"{BUCKET}/{name}")
    results = (
        tightened(case(READER, WORK, call)),
        first_policy(case(None, WORK, call)),
        added(case([DAILY], WORK, denied("s3:GetObject", f"{BUCKET}/{name}"))),
    )
    for result in results:
        (written,) = [name for name in granted(result) if name != BUCKET]
        assert glob.parse(written).is_literal
        assert glob.matches(glob.parse(written), f"{BUCKET}/{name}")


def test_a4_escapes_are_not_written_where_they_do_not_exist():
    """With ``why_opaque`` leaving the Version aside, ``${*}`` would be a wildcard in an old policy."""
    old = policy(*READER, version="2008-10-17")
    assert not proposed(
        case(old, WORK, saw("s3:GetObject", f"{BUCKET}/*"), denied("s3:GetObject", "arn:aws:s3:::c/*"))
    )


def test_a5_names_without_number_do_not_become_all_names():
    """Without ``names_nothing``, calls on a thousand buckets grant every bucket there will be."""
    everywhere = saw("s3:GetObject", "arn:aws:s3:::*", form=ResourceForm.ROLLED_UP)
    subject = case(None, WORK, everywhere, bound=allow("s3:*"))
    assert granted(first_policy(subject)) == [BUCKET]
    wide = case([DAILY, allow("s3:GetObject")], WORK, everywhere)
    assert isinstance(tightened(wide), Withheld)
    assert "too many" in findings(wide)["s3:GetObject"].detail


def test_a5_a_roll_up_counts_as_the_whole_pattern():
    """With a roll-up replayed as one literal name, narrowing below it would pass the proof."""
    rolled = saw("s3:GetObject", f"{BUCKET}/in/*", form=ResourceForm.ROLLED_UP)
    old = Holdings.of([parse(policy(allow("s3:GetObject", OBJECTS)))])
    new = Holdings.of([parse(policy(allow("s3:GetObject", f"{BUCKET}/in/a*")))])
    assert replay(old, new, [rolled]).lost == (rolled,)


INJECTION = (
    "x` | @acme/admins #12 <img src=q> [l](http://e) fixes https://github.com/a/b/issues/1 **b** \u202e\u0430"
)


def test_a6_names_are_no_markdown():
    """Without ``escape.plain`` in ``code``, the name breaks out of its code span."""
    subject = case(READER, WORK, saw("s3:GetObject", f"{BUCKET}/{INJECTION}"))
    body = pull_request_text(tightened(subject), subject).body
    assert not any(mark in body for mark in ("@acme", "<img", "#12", "](http", "` |\u0020@"))
    outside = "".join(body.split("`")[::2])
    assert "https://" not in outside
    assert "**b**" not in outside


def test_a6_reasons_with_names_in_them_are_no_markdown():
    """With ``plain`` for ``prose`` in ``findings``, the example in the reason closes an issue."""
    own = [DAILY, allow("s3:PutObject", OBJECTS), allow("sqs:*", QUEUE)]
    foreign = saw("sqs:SendMessage", f"{QUEUE}-{INJECTION}")
    subject = case(own, WORK, foreign)
    body = pull_request_text(tightened(subject), subject).body
    outside = "".join(body.split("`")[::2])
    assert "issues/1" in outside
    assert not any(mark in outside for mark in ("https://", " **b**", "@acme", "<img"))


def test_a7_a_page_holds_no_character_that_looks_like_another():
    """Without the range in ``escape._escaped``, the override turns the line around."""
    subject = case(READER, WORK, saw("s3:GetObject", f"{BUCKET}/\u202egpj.\u0430\u200b"))
    text = pull_request_text(tightened(subject), subject)
    assert all(ord(character) < 0x7F or character in "…→⚠×—" for character in text.title + text.body)
    assert "\\u202egpj.\\u0430\\u200b" in text.body
    assert tightened(subject).files[0].after.isascii()


def test_a7_names_are_compared_letter_for_letter():
    """Were names normalised, the Cyrillic letter would be taken for the Latin one."""
    own = [DAILY, allow("s3:GetObject", f"{BUCKET}/\u00e9")]
    assert (
        findings(case(own, WORK, saw("s3:GetObject", f"{BUCKET}/e\u0301")))["s3:GetObject"].verdict.value
        == "unknown"
    )


@pytest.mark.parametrize(
    "text",
    [
        '{"Statement":{"Effect":"Allow","Action":"s3:Get*","Action":"*","Resource":"*"}}',
        '{"Statement":' * 100_000,
        "[" * 100_000 + "]" * 100_000,
        '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":NaN}}',
        '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":' + "9" * 120_000 + "}}",
        '{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::\\ud800"}}',
        '{"Statement":[' + '{"Effect":"Allow","Action":"s3:*","Resource":"*"},' * 200_000 + "{}]}",
    ],
    ids=["duplicate key", "deep objects", "deep lists", "NaN", "long number", "half a surrogate", "too long"],
)
def test_a8_a_policy_that_hides_something_is_refused(text):
    """Without the duplicate check of ``grammar.members`` the first reads as ``*``; the others crash."""
    with pytest.raises(PolicySyntaxError):
        parse(text)


def test_a8_names_that_are_no_text_reach_no_policy():
    """Without ``is_resource``, half a surrogate pair makes a policy that cannot be written."""
    subject = case(None, WORK, saw("s3:GetObject", f"{BUCKET}/\ud800"), saw("s3:GetObject", "arn:nonsense"))
    result = first_policy(subject)
    assert granted(result) == [BUCKET]
    assert len(result.omissions) == 2
    assert granted(
        tightened(case([DAILY, allow("s3:*", "*")], WORK, saw("s3:GetObject", f"{BUCKET}/\ud800")))
    ) == [BUCKET]


def test_a9_crafted_names_cost_no_more_than_plain_ones():
    """With ``re`` in the place of ``glob.matches``, this does not end."""
    pattern = glob.parse(f"{BUCKET}/" + "*a" * 25 + "*b")
    assert not glob.matches(pattern, f"{BUCKET}/" + "a" * 900)
    own = [DAILY, allow("s3:GetObject", f"{BUCKET}/" + "*a" * 25 + "*b")]
    assert tightened(case(own, WORK, saw("s3:GetObject", "arn:aws:s3:::c/" + "a" * 900)))


def certified(subject):
    result = tightened(subject)
    own = [file.text for file in subject.own]
    new = [change.after for change in result.files]
    return result.proof.certificate, own, new


def checked(subject, certificate, own, new, evidence):
    before, after_ = (Holdings.of(parse(text) for text in texts) for texts in (own, new))
    replayed = replay(before, after_, evidence.of(ROLE).observations)
    return check_certificate(certificate, own, new, evidence, replayed)


def test_a10_a_certificate_is_of_this_evidence_and_these_policies():
    """Without its comparison in ``check_certificate._doubts``, each forged part passes."""
    subject = case(READER, WORK, READ)
    certificate, own, new = certified(subject)
    assert checked(subject, certificate, own, new, subject.evidence) == ()
    forged = case(READER, WORK, READ, saw("s3:GetObject", f"{BUCKET}/y")).evidence
    assert checked(subject, certificate, own, new, forged)
    as_many = case(READER, WORK, saw("s3:GetObject", f"{BUCKET}/x", context=(("k:1", "a"),))).evidence
    assert checked(subject, certificate, own, new, as_many) == ("its evidence is not the one given",)
    assert checked(subject, certificate, own, [text.replace("/x", "/y") for text in new], subject.evidence)
    assert checked(subject, certificate, [text + " " for text in own], new, subject.evidence)
    broken = {**certificate, "obligations": {"allows nothing new": None}}
    assert checked(subject, broken, own, new, subject.evidence)
    assert checked(subject, {**certificate, "obligations": {}}, own, new, subject.evidence)


@pytest.mark.parametrize(
    ("blindfold", "reason"),
    [
        ({"tampering": frozenset({"2026-10-01T00:00:00Z StopLogging e"})}, Unseen.TAMPERING),
        ({"selectors": None}, Unseen.NO_SELECTORS),
        ({"all_regions": None}, Unseen.REGIONS_UNKNOWN),
        ({"all_regions": False}, Unseen.REGIONS_UNKNOWN),
        ({"unreadable_count": 1, "unreadable": (CUT_OFF,)}, Unseen.UNREADABLE),
        ({"unmapped": {"s3.amazonaws.com:New": 1}}, Unseen.UNMAPPED),
    ],
)
def test_a11_a_blindfold_makes_nothing_unused(blindfold, reason):
    """Without its check in ``visibility._blind_to_all``, each row ends in a removal."""
    subject = case(WRITER, WORK, seen=sees_everything(**blindfold))
    assert findings(subject)["s3:PutObject"].reason is reason
    assert isinstance(tightened(subject), Withheld)


@pytest.mark.parametrize("gap", [1, 2, 45, 90])
def test_a11_a_day_without_records_makes_nothing_unused(gap):
    """With days counted instead of the unbroken run (``seen_since``), the gap is overlooked."""
    seen = sees_everything()
    seen = replace(seen, delivered=frozenset(pair for pair in seen.delivered if pair[1] != day(gap)))
    assert isinstance(tightened(case(WRITER, WORK, seen=seen)), Withheld)


def test_a11_an_idle_principal_makes_nothing_unused():
    """With ``ACTIVE_DAYS`` at 1, a principal that was away loses what it needs when it is back."""
    assert isinstance(tightened(case(WRITER, saw("s3:ListBucket", BUCKET, days=13))), Withheld)
    assert isinstance(tightened(case(WRITER, saw("s3:ListBucket", BUCKET, days=14))), Proposal)


def test_a11_records_of_another_account_do_not_fill_a_gap():
    """With ``delivered`` asked without the account, a neighbour's records show that nothing was used."""
    seen = sees_everything()
    foreign = frozenset(("999988887777", day_) for _, day_ in seen.delivered)
    assert isinstance(tightened(case(WRITER, WORK, seen=replace(seen, delivered=foreign))), Withheld)


def test_a12_names_that_begin_alike_stay_apart():
    """Were rungs climbed at ``-`` or inside a name, ``app-*`` would take in ``app-prod-secrets``."""
    calls = [saw("s3:GetObject", f"{BUCKET}/app-{name}") for name in ("prod", "test", "dev")]
    wide = [DAILY, allow("s3:GetObject", f"{BUCKET}/app-*")]
    assert granted(tightened(case(wide, WORK, *calls))) == [
        f"{BUCKET}/app-{name}" for name in ("dev", "prod", "test")
    ]


@pytest.mark.parametrize(
    ("action", "name"),
    [
        ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:app-{}"),
        ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/app-{}"),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:app-{}"),
        ("s3:ListBucket", "arn:aws:s3:::app-{}"),
    ],
)
def test_a12_names_of_things_are_never_shortened(action, name):
    """Had ``container_of`` a ladder for them, many tables would become all tables."""
    names = [name.format(number) for number in range(9)]
    result = first_policy(case(None, *(saw(action, each) for each in names), bound=allow("*")))
    assert granted(result) == names


def test_a12_sensitive_actions_are_granted_on_exact_names_only():
    """Without ``is_sensitive`` in ``derive._acceptance`` and ``narrow._patterns``, they become ``in/*``."""
    names = [f"{BUCKET}/in/{each}" for each in "abcd"]
    calls = [saw("s3:PutObjectAcl", each) for each in names]
    assert granted(first_policy(case(None, *calls, bound=allow("*")))) == names
    assert granted(tightened(case([DAILY, allow("s3:PutObjectAcl", OBJECTS)], WORK, *calls))) == names


def test_a13_each_kind_is_a_proposal_of_its_own_and_a_tightening_only_takes():
    """With additions made in the same proposal, the one bad line hides among many good ones."""
    subject = case([DAILY, allow("s3:PutObject", OBJECTS)], WORK, denied("s3:GetObject", f"{BUCKET}/x"))
    tighten, add = proposed(subject)
    assert {change.kind for change in tighten.changes} <= {ChangeKind.REMOVED, ChangeKind.NARROWED}
    assert {change.kind for change in add.changes} == {ChangeKind.ADDED}
    assert after(tighten) == [DAILY]
    assert len(after(add)) == 3


def test_a13_a_proposal_that_would_allow_more_is_not_made():
    """Without ``inside`` in ``prove_tightening``, or without ``verified``, a wrong edit is published."""
    narrow, wide = (parse(policy(allow("s3:GetObject", name))) for name in (f"{BUCKET}/x", OBJECTS))
    assert inside("allows nothing new", [narrow], [wide]).holds is False
    proposal = tightened(case(WRITER, WORK))
    for holds in (False, None):
        broken = replace(
            proposal.proof, obligations=(*proposal.proof.obligations, Obligation("x", holds, ""))
        )
        result = verified(replace(proposal, proof=broken))
        assert isinstance(result, Withheld)
        assert result.reason is WithheldReason.PROOF_FAILED


def test_a14_a_question_too_hard_to_decide_is_no_proof():
    """With ``Undecided`` read as ``Included`` in ``inside``, the state explosion passes for a proof."""
    lines = [Statement(Effect.ALLOW, ("*",), (), (), (f"arn:aws:s3:::{'*a?' * 9}{n}*",)) for n in range(60)]
    denies = [Statement(Effect.DENY, ("*",), (), (f"arn:aws:s3:::*{'?b*' * 9}{n}*",)) for n in range(60)]
    outer, inner = (
        PolicyDocument((*lines, *denies)),
        PolicyDocument((Statement(Effect.ALLOW, ("*",), (), ("*",)),)),
    )
    assert inside("allows nothing new", [outer], [inner]).holds is not True


@pytest.mark.parametrize("look_alike", ["\u212ams:Decrypt", "kms:\u212aey", "\u017f3:Get", "s3:Get\u200b"])
def test_a15_letters_that_are_lowered_to_others_are_no_action(look_alike):
    """U+212A, the sign of kelvin, becomes k in lower case: a Deny of it would deny nothing in AWS."""
    with pytest.raises(PolicySyntaxError):
        parse(json.dumps({"Statement": [{"Effect": "Deny", "Action": look_alike, "Resource": "*"}]}), "p")
