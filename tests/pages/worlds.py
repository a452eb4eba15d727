"""Principals for pages: an ordinary one, and one whose every name is an attack."""

from __future__ import annotations

from leastwise.assess import assess
from leastwise.model.declared import PrincipalKind
from leastwise.model.evidence import Evidence, Unreadable
from leastwise.model.request import ResourceForm
from tests.builders import (
    ACCOUNT,
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


def crowded(number):
    """So many resources, services and days that no page could show them all."""
    calls = [
        saw("s3:GetObject", f"{BUCKET}/{each}", [day(1 + each % 100)], form=ResourceForm.LITERAL)
        for each in range(number)
    ]
    return assess(case({"main.json": allow("*")}, *calls))


def sessions(of=ROLE):
    """Evidence by session, with people's names and attacks."""
    names = ("ada", *HOSTILE)
    found = [saw("s3:GetObject", f"{BUCKET}/a", 3, principal=f"{of} session {name}") for name in names]
    return Evidence({each.key: each.tally for each in found})
