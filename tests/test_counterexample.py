import json

from hypothesis import given
from hypothesis import strategies as st

from leastwise.counterexample import included
from leastwise.iam.document import parse
from leastwise.iam.evaluate import Decision, evaluate
from leastwise.iam.includes import Included, Witness, includes
from leastwise.iam.request import Request
from leastwise.reference.actions import exists

BUCKET = "arn:aws:s3:::acme"
ENTRIES = st.sampled_from(
    ["*", "s3:*", "s3:get*", "s3:?et*", "*:Get*", "sqs:SendMessage", "s3:NoSuch", "*:*"]
)
STATEMENTS = st.builds(
    lambda element, entries, resource: {"Effect": "Allow", element: entries, "Resource": resource},
    st.sampled_from(["Action", "NotAction"]),
    st.lists(ENTRIES, min_size=1, max_size=3),
    st.sampled_from(["*", BUCKET]),
)


def policy(*statements):
    return [parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}))]


def allow(**elements):
    return policy({"Effect": "Allow", "Resource": "*"} | elements)


def test_an_action_that_nobody_named_is_a_real_one():
    found = included(allow(Action="sqs:*"), allow(NotAction=["iam:*", "a4b:*"]))
    assert isinstance(found, Witness)
    assert exists(found.action)
    assert found.action.partition(":")[0] not in {"sqs", "iam", "a4b"}


def test_an_action_of_the_service_that_the_resource_belongs_to_comes_first():
    found = included(allow(Action="s3:Get*"), allow(Action="*", Resource=BUCKET))
    assert found.action.startswith("s3:")


def test_a_name_that_only_the_policies_know_stays():
    assert included(allow(Action="s3:*"), allow(Action="nosuch:Thing")).action == "nosuch:Thing"


@given(st.lists(STATEMENTS, max_size=2), st.lists(STATEMENTS, min_size=1, max_size=2))
def test_what_it_names_refutes_too_and_answers_are_the_same(outer, inner):
    outer, inner = policy(*outer), policy(*inner)
    found = included(outer, inner)
    assert type(found) is type(includes(outer, inner))
    if not isinstance(found, Included):
        request = Request(found.action, found.resource, {})
        held, wanted = (evaluate(each, request, found.reading).decision for each in (outer, inner))
        assert (held, wanted) == (Decision.NONE, Decision.ALLOW)
