"""Principals for pages: an ordinary one, and one whose every name is an attack."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from leastwise.assess import assess
from leastwise.model.declared import PrincipalKind
from leastwise.model.event import Outcome
from leastwise.model.evidence import Evidence, Examined, Unreadable
from leastwise.reference.actions import expand
from tests.builders import (
    ACCOUNT,
    NOW,
    ROLE,
    allow,
    case,
    day,
    denied,
    last,
    principal,
    saw,
    sees_everything,
    trial,
)

HOSTILE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/victim"
BUCKET = "arn:aws:s3:::acme-receipts"
TABLE = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/payments"
SCRIPT = "<script>document.title='owned'</script>"
HOSTILE = (
    SCRIPT,
    '"><img src=x onerror="document.title=\'owned\'">',
    "'-alert(1)-'",
    "{{ 7*7 }}{% for x in y %}{# gone #}",
    "</style></script><svg/onload=alert(1)>",
    "</details></table></main><h1>Nothing to see</h1>",
    "javascript:alert(1)",
    "invoice\u202egnp.exe",
    "zero\u200bwidth\u2060\ufeff",
    "p\u0430yments",
    "tab\tnew\nline\x00\x1b[31m",
    "half \ud800 a pair",
    "$x^2$ \\frac",
    "&lt;b&gt; &amp;",
)
GAP = tuple(day(back) for back in range(105, 99, -1))


def ordinary():
    """Looked at for 120 days but for a week; five actions, two of them rare; a policy that allows more."""
    seen = sees_everything(delivered=frozenset((ACCOUNT, each) for each in last(120) if each not in GAP))
    return assess(
        case(
            {"main.json": allow(["s3:*Object", "dynamodb:*", "sns:Publish", "iam:PassRole"])},
            saw("s3:GetObject", f"{BUCKET}/2026/a", 50, calls=1_200),
            saw("s3:GetObject", f"{BUCKET}/2026/b", 20),
            saw("s3:PutObject", f"{BUCKET}/2026/c", [day(80), day(40)]),
            saw("dynamodb:Query", TABLE, 50, calls=30),
            saw("dynamodb:Scan", TABLE, [day(33)]),
            denied("ecs:DescribeServices", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/shop/web"),
            seen=seen,
        )
    )


def in_trial():
    """A permission set in an open trial; nothing is committed."""
    who = principal(
        kind=PrincipalKind.PERMISSION_SET,
        name="DataEngineer",
        arn=None,
        accounts=(ACCOUNT,),
        trial=trial(30, 90),
    )
    return assess(case(None, saw("glue:GetTable", TABLE, 12, principal=who.key), who=who))


def idle():
    """Enrolled, never seen, by a source that looked at nothing."""
    seen = sees_everything(delivered=frozenset(), records=0)
    return assess(case({"main.json": allow("s3:GetObject")}, seen=seen, who=principal(trial=trial(10, 30))))


def hostile():
    """Whatever can be named is an attack on the page."""
    who = principal(arn=HOSTILE_ROLE, name="victim")
    seen = sees_everything(
        unmapped={f"{name}:call": 3 for name in HOSTILE},
        unreadable=tuple(Unreadable(name, name) for name in HOSTILE),
        unreadable_count=len(HOSTILE),
        limits=frozenset(HOSTILE),
        tampering=frozenset(f"2026-10-01T00:00:00Z StopLogging {name}" for name in HOSTILE),
    )
    calls = [saw("s3:GetObject", f"{BUCKET}/{name}", 20, principal=who.key) for name in HOSTILE]
    refused = [denied("s3:PutObject", f"{BUCKET}/{name}", principal=who.key) for name in HOSTILE]
    odd = [saw("s3:GetObject", name, 20, principal=who.key) for name in HOSTILE]
    policy = allow("s3:*", [f"{BUCKET}/*", f"{BUCKET}-{SCRIPT}/*"], Sid="Hostile")
    return assess(case({f"{SCRIPT}.json": policy}, *calls, *refused, *odd, seen=seen, who=who))


def crowded(resources, actions):
    """So many resources, actions and services that no page could show them all."""
    calls = [saw("s3:GetObject", f"{BUCKET}/{each}", [day(1 + each % 100)]) for each in range(resources)]
    others = [
        saw(action, f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/{each}", [day(1)])
        for action in expand("ec2:Describe*")[:actions]
        for each in range(15)
    ]
    return assess(case({"main.json": allow("*")}, *calls, *others))


def opaque():
    """A statement that is not taken apart."""
    statement = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    return assess(case({"main.json": statement}, saw("s3:GetObject", f"{BUCKET}/a", 20)))


def twice():
    """One call that two statements allow."""
    both = [allow("s3:GetObject", f"{BUCKET}/*"), allow("s3:Get*", "*")]
    return assess(case({"main.json": both}, saw("s3:GetObject", f"{BUCKET}/a", 20, calls=10)))


def newly_logged():
    """At work for 50 days, of which the trail logged the last 20 as it does now."""
    seen = sees_everything(logging_since=NOW - timedelta(days=20))
    return assess(case({"main.json": allow("s3:*")}, saw("s3:GetObject", f"{BUCKET}/a", 50), seen=seen))


def without_days():
    """What Access Analyzer tells: which actions were called, and nothing else."""
    examined = {ROLE: Examined(days=frozenset(last(95)), as_of="2026-11-22T00:00:00Z")}
    called = saw("s3:GetObject", days=1, outcome=Outcome.ATTEMPTED)
    undated = replace(called, tally=replace(called.tally, days={}))
    seen = sees_everything(kind="access-analyzer", examined=examined)
    return assess(case({"main.json": allow("s3:*")}, undated, seen=seen))


def not_begun():
    """A trial that opens in ten days."""
    return assess(case({"main.json": allow("s3:*")}, who=principal(trial=trial(-10, 30))))


def probed(reasons):
    """Refused in so many hours that each would be a line of its own."""
    return assess(
        case(
            {"main.json": allow("s3:GetObject")},
            *(
                denied(
                    action,
                    f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc/{hour}",
                    [day(1 + hour // 24)],
                    hour=hour % 24,
                )
                for hour in range(reasons)
                for action in expand("ec2:Describe*")[:25]
            ),
        )
    )


def sessions(of=ROLE):
    """Evidence by session, with people's names and attacks."""
    names = ("ada", *HOSTILE)
    found = [saw("s3:GetObject", f"{BUCKET}/a", 3, principal=f"{of} session {name}") for name in names]
    return Evidence({each.key: each.tally for each in found})
