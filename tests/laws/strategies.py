"""Random policies and evidence over a small world of real actions, so that grants and calls meet often."""

from __future__ import annotations

import json

from hypothesis import Phase, settings
from hypothesis import strategies as st

from leastwise.holdings import Holdings
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Decision
from leastwise.iam.request import Request
from leastwise.model.event import Outcome
from leastwise.model.request import ResourceForm
from tests.builders import (
    MANAGEMENT_ONLY,
    allow,
    case,
    denied,
    failed,
    last,
    policy,
    saw,
    sees_everything,
)
from tests.iam import slow_evaluator

FULL = settings.default.max_examples
heavy = settings(max_examples=FULL if FULL > 1_000 else max(FULL // 3, 30))
"""For laws about whole proposals: fewer examples, unless it is the long run."""
first_found = settings(max_examples=2_000, phases=[Phase.generate])
"""For ``find``: the first example will do, nobody needs the smallest."""

BUCKET = "arn:aws:s3:::b"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:q"
INSTANCE = "arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0"
KEYS = ("x", "in/1", "in/2", "in/3", "in/a/b", "u/ann/1", "*", "in/?", "${aws:username}")
NAMED = {
    "s3:GetObject": (*(f"{BUCKET}/{key}" for key in KEYS), "arn:aws:s3:::c/x"),
    "s3:PutObject": tuple(f"{BUCKET}/{key}" for key in KEYS[:5]),
    "s3:ListBucket": (BUCKET, "arn:aws:s3:::c"),
    "sqs:SendMessage": (QUEUE, QUEUE + "2"),
    "sqs:ReceiveMessage": (QUEUE,),
    "ec2:DescribeInstances": ("*",),
    "ec2:TerminateInstances": (INSTANCE,),
}
WORLD = tuple((action, resource) for action, names in NAMED.items() for resource in names)
CONTEXTS = ({}, {"aws:username": ("ann",)}, {"aws:username": ("*",)}, {"k:1": ("a",)}, {"k:1": ("b",)})
ACTION_PATTERNS = (
    "s3:*", "s3:Get*", "S3:getobject", "s3:PutObject", "s3:List*", "sqs:*", "sqs:S?ndMessage",
    "ec2:Describe*", "ec2:TerminateInstances", "*:SendMessage",
)  # fmt: skip
RESOURCE_PATTERNS = (
    "*", BUCKET, f"{BUCKET}/*", f"{BUCKET}/in/*", f"{BUCKET}/in/?", "arn:aws:s3:::*", "arn:aws:s3:::?/x",
    f"{BUCKET}/${{aws:username}}*", f"{BUCKET}/${{*}}", "arn:aws:sqs:*:q", "arn:aws:sqs:*:*:q*", QUEUE,
    "arn:aws:sqs", "arn:aws:ec2:*:*:instance/*",
)  # fmt: skip
CONDITIONS = (
    {"StringEquals": {"k:1": "a"}},
    {"StringNotEquals": {"k:1": ["a", "b"]}},
    {"Null": {"k:1": "true"}},
)
NO_OTHERS = st.just([])
ODDITIES = (None,) * 8 + ("NotAction", "NotResource", "Deny", "Deny")
DAILY = allow("kms:ListAliases")
WORK = saw("kms:ListAliases", days=60)


def one_or_more(entries, most=3):
    return st.lists(st.sampled_from(entries), min_size=1, max_size=most, unique=True)


@st.composite
def statements(draw):
    members = allow(draw(one_or_more(ACTION_PATTERNS)), draw(one_or_more(RESOURCE_PATTERNS)))
    match draw(st.sampled_from(ODDITIES)):
        case "NotAction":
            members["NotAction"] = members.pop("Action")
        case "NotResource":
            members["NotResource"] = members.pop("Resource")
        case "Deny":
            members["Effect"] = "Deny"
    if draw(st.integers(0, 4)) == 0:
        members["Condition"] = draw(st.sampled_from(CONDITIONS))
    return members


policies = st.lists(statements(), min_size=1, max_size=3)


@st.composite
def calls(draw):
    """A successful call, or one that failed after authorization; its resource may be known in part only."""
    action, resource = draw(st.sampled_from(WORLD))
    days = draw(st.sampled_from([last(1), last(3), last(20)]))
    form = draw(st.integers(0, 9))
    if form == 0:
        return saw(action, "*", days, form=ResourceForm.UNRECORDED)
    if form == 1 and action in ("s3:GetObject", "s3:PutObject"):
        return saw(action, f"{BUCKET}/in/*", days, form=ResourceForm.ROLLED_UP)
    return failed(action, resource, days, proves=True) if form == 2 else saw(action, resource, days)


evidences = st.lists(calls(), max_size=6)
refusals = st.lists(
    st.builds(
        lambda asked, days, sessions: denied(*asked, days=days, sessions=sessions),
        st.sampled_from(WORLD),
        st.integers(1, 5),
        st.sampled_from([(), ("one",), ("one", "two")]),
    ),
    max_size=4,
)


@st.composite
def cases(draw, others=NO_OTHERS):
    """A case whose calls the policies explain, most of the time: otherwise nothing would be proposed."""
    written = [DAILY, *draw(policies)]
    seen = draw(evidences)
    if draw(st.integers(0, 9)):
        seen = explained(written, seen)
    selectors = draw(st.sampled_from([None, None, MANAGEMENT_ONLY]))
    document = {"Version": "2012-10-17", "Statement": written}
    text = json.dumps(document, indent=draw(st.sampled_from([None, 1, 4])))
    coverage = sees_everything(selectors=selectors) if selectors else None
    return case(text, WORK, *seen, *draw(others), seen=coverage)


def explained(written, observations):
    """Those of the calls that the statements do not refuse."""
    held = Holdings.of([parse(policy(*written))])
    refused = (Decision.NONE, Decision.DENY)
    return [seen for seen in observations if held.decide(seen.key.request) not in refused]


def with_more(subject, more):
    """The same case with more evidence."""
    seen = subject.evidence.observations
    return case(subject.own[0].text, *seen, *more, seen=subject.coverage[0])


def texts_after(subject, result):
    """Path -> text of what the principal holds if a proposal is merged; of what it holds if there is none."""
    changed = {change.path: change.after for change in getattr(result, "files", ())}
    texts = {file.path: file.text for file in subject.own} | changed
    return {path: text for path, text in texts.items() if text is not None}


def documents_after(subject, result):
    """The same, read."""
    return [parse(text) for text in texts_after(subject, result).values()]


def documents_of(subject):
    """What the principal holds."""
    return [file.document for file in subject.own]


def allowed(documents, like=None):
    """Every (action, resource, context, reading) of the small world that the documents allow, obviously so.

    Contexts are tried only where the documents ``like`` (these, if there are none) ask for one.
    """
    asks = any(
        statement.conditions
        or any("${aws" in name for name in (*statement.resources, *statement.not_resources))
        for document in like or documents
        for statement in document.statements
    )
    return {
        (action, resource, number, reading)
        for action, resource in WORLD
        for number, context in enumerate(CONTEXTS if asks else CONTEXTS[:1])
        for reading in ("flat", "segment")
        if slow_evaluator.decide(documents, Request(action, resource, context, closed=True), reading)
        == "ALLOW"
    }


def lines_of(observation, lines):
    """Those of the lines that a recorded call may have been, if it was authorized."""
    request = observation.key.request
    if observation.key.outcome is Outcome.DENIED:
        return set()
    return {line for line in lines if line[0] == request.action and _may_be(request, line[1])}


def _may_be(request, resource):
    if request.form is ResourceForm.ROLLED_UP:
        return resource.startswith(request.resource[:-1])
    return request.form is ResourceForm.UNRECORDED or resource == request.resource


def written(*own):
    """The text of a policy with the daily work in it."""
    return policy(DAILY, *own)
