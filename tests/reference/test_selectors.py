"""What a trail logs, from what get-event-selectors prints."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.model.evidence import DataSelector
from leastwise.model.finding import Unseen
from leastwise.reference.loggable import logged
from leastwise.reference.selectors import SelectorsError, read_selectors

MANAGEMENT = {"Field": "eventCategory", "Equals": ["Management"]}
DATA = {"Field": "eventCategory", "Equals": ["Data"]}
OBJECTS = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}


def basic(**selector: Any):
    return read_selectors(json.dumps({"TrailARN": "arn:t", "EventSelectors": [selector]}))


def advanced(*fields: dict[str, Any], name: str = "mine"):
    selectors = [{"Name": name, "FieldSelectors": list(fields)}]
    return read_selectors(json.dumps({"TrailARN": "arn:t", "AdvancedEventSelectors": selectors}))


def test_a_basic_selector_with_nothing_said_logs_all_management_events() -> None:
    found = basic()
    assert (found.management_read, found.management_write, found.data, found.unread) == (
        True,
        True,
        frozenset(),
        (),
    )
    assert found.trail_arn == "arn:t"


def test_read_only_and_write_only() -> None:
    assert not basic(ReadWriteType="ReadOnly").management_write
    assert not basic(ReadWriteType="WriteOnly").management_read
    assert not basic(IncludeManagementEvents=False).management_read
    assert basic(ReadWriteType="Sometimes").unread


def test_data_resources_of_a_basic_selector() -> None:
    all_objects = basic(DataResources=[{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}])
    assert all_objects.data == {DataSelector("AWS::S3::Object", read=True, write=True)}
    one = basic(
        ReadWriteType="WriteOnly", DataResources=[{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"]}]
    )
    assert one.data == {
        DataSelector("AWS::S3::Object", read=False, write=True, arn_prefixes=("arn:aws:s3:::b/",))
    }


def test_no_values_select_nothing() -> None:
    assert basic(DataResources=[{"Type": "AWS::S3::Object", "Values": []}]).data == frozenset()


def test_advanced_selectors() -> None:
    found = advanced(MANAGEMENT, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]})
    assert (found.management_read, found.management_write) == (True, True)
    assert found.excluded_sources == {"kms.amazonaws.com"}
    found = advanced(DATA, OBJECTS, {"Field": "readOnly", "Equals": ["false"]})
    assert found.data == {DataSelector("AWS::S3::Object", read=False, write=True)}
    found = advanced(DATA, OBJECTS, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::b/"]})
    assert found.data == {
        DataSelector("AWS::S3::Object", read=True, write=True, arn_prefixes=("arn:aws:s3:::b/",))
    }


@pytest.mark.parametrize(
    "fields",
    [
        [MANAGEMENT, {"Field": "eventName", "Equals": ["RunInstances"]}],
        [MANAGEMENT, {"Field": "eventSource", "Equals": ["kms.amazonaws.com"]}],
        [MANAGEMENT, {"Field": "userIdentity.arn", "NotEquals": ["x"]}],
        [MANAGEMENT, {"Field": "readOnly", "NotEquals": ["true"]}],
        [DATA, OBJECTS, {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::b/"]}],
        [DATA, OBJECTS, {"Field": "eventName", "NotEquals": ["GetObject"]}],
        [DATA],
        [{"Field": "eventCategory", "StartsWith": ["Man"]}],
        [],
    ],
)
def test_what_narrows_in_ways_we_do_not_read_logs_nothing_as_far_as_we_claim(
    fields: list[dict[str, Any]],
) -> None:
    found = advanced(*fields)
    assert (found.management_read, found.management_write, found.data) == (False, False, frozenset())
    assert found.unread == ("mine",)


def test_other_categories_neither_help_nor_hurt() -> None:
    found = advanced({"Field": "eventCategory", "Equals": ["NetworkActivity"]})
    assert found.unread == ()
    assert not found.management_read


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "expected JSON"),
        ("[]", "expected an object with EventSelectors"),
        ("{}", "found neither"),
        ('{"EventSelectors": 3}', "expected EventSelectors to be a list"),
        ('{"EventSelectors": ["x"]}', "expected EventSelectors to be a list of objects"),
        ('{"AdvancedEventSelectors": [{"FieldSelectors": "x"}]}', "expected FieldSelectors to be a list"),
        ('{"EventSelectors": [{"DataResources": [3]}]}', "expected DataResources to be a list of objects"),
        ("[" * 100_000, "expected JSON"),
    ],
)
def test_garbage_is_refused_with_advice(text: str, says: str) -> None:
    with pytest.raises(SelectorsError, match="get-event-selectors") as caught:
        read_selectors(text)
    assert says in str(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "Field",
                        "Equals",
                        "ReadWriteType",
                        "DataResources",
                        "Type",
                        "Values",
                        "FieldSelectors",
                        "Name",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_anything_is_read_or_refused(selector: object) -> None:
    for key in ("EventSelectors", "AdvancedEventSelectors"):
        try:
            found = read_selectors(json.dumps({key: [selector]}))
        except SelectorsError:
            continue
        assert found.trail_arn == ""


FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
SOME = basic(
    DataResources=[
        {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::b/"]},
        {"Type": "AWS::Lambda::Function", "Values": [FUNCTION]},
    ]
)


@pytest.mark.parametrize(
    ("action", "resource", "reason"),
    [
        ("iam:GetRole", "*", None),
        ("iam:PassRole", "*", Unseen.NEVER_LOGGED),
        ("logs:PutLogEvents", "*", Unseen.LOGGABILITY_UNKNOWN),
        ("nonsense:Get", "*", Unseen.LOGGABILITY_UNKNOWN),
        ("s3:GetObject", "arn:aws:s3:::b/*", None),
        ("s3:GetObject", "arn:aws:s3:::b/k", None),
        ("s3:GetObject", "arn:aws:s3:::bb/*", Unseen.NOT_LOGGED),
        ("s3:GetObject", "arn:aws:s3:::b*", Unseen.NOT_LOGGED),
        ("s3:GetObject", "*", Unseen.NOT_LOGGED),
        ("s3:ListBucket", "arn:aws:s3:::b", None),
        ("s3:ListBucket", "arn:aws:s3:::c", Unseen.NOT_LOGGED),
        ("lambda:InvokeFunction", FUNCTION, None),
        ("lambda:InvokeFunction", FUNCTION + ":*", None),
        (
            "lambda:InvokeFunction",
            FUNCTION + "ments",
            Unseen.NOT_LOGGED,
        ),
        ("lambda:InvokeFunction", FUNCTION + "*", Unseen.NOT_LOGGED),
        ("dynamodb:GetItem", "*", Unseen.NOT_LOGGED),
    ],
)
def test_what_a_trail_would_have_shown(action: str, resource: str, reason: Unseen | None) -> None:
    found = logged(action, [resource], SOME)
    assert (found[0] if found else None) is reason


def test_excluded_sources_and_halves_of_management_events() -> None:
    without_kms = advanced(MANAGEMENT, {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]})
    assert logged("kms:Decrypt", ["*"], without_kms) == (
        Unseen.NOT_LOGGED, "management events of kms.amazonaws.com are excluded",
    )  # fmt: skip
    writes = basic(ReadWriteType="WriteOnly")
    assert logged("iam:CreateRole", ["*"], writes) is None
    assert logged("iam:GetRole", ["*"], writes) == (Unseen.NOT_LOGGED, "management events (read)")
    assert logged("kms:Decrypt", ["*"], writes) == (Unseen.NOT_LOGGED, "management events (read)")
    assert logged("iam:GetRole", ["*"], None) == (Unseen.NO_SELECTORS, "")
