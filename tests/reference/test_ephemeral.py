"""Which names services invent, and what is kept of them."""

from __future__ import annotations

import pytest

from leastwise.reference.ephemeral import lasting_name

HERE = "eu-west-1:111122223333"


@pytest.mark.parametrize(
    ("arn", "lasting"),
    [
        (f"arn:aws:ec2:{HERE}:instance/i-0123456789abcdef0", f"arn:aws:ec2:{HERE}:instance/*"),
        (f"arn:aws:ecs:{HERE}:task/shop/{'0af1' * 8}", f"arn:aws:ecs:{HERE}:task/shop/*"),
        (
            f"arn:aws:logs:{HERE}:log-group:/a/b:log-stream:x/y",
            f"arn:aws:logs:{HERE}:log-group:/a/b:log-stream:*",
        ),
        (f"arn:aws:lambda:{HERE}:function:resize:41", f"arn:aws:lambda:{HERE}:function:resize:*"),
        (f"arn:aws:ecs:{HERE}:task-definition/web:7", f"arn:aws:ecs:{HERE}:task-definition/web:*"),
        (f"arn:aws:batch:{HERE}:job-definition/nightly:12", f"arn:aws:batch:{HERE}:job-definition/nightly:*"),
    ],
)
def test_what_a_service_invents_is_replaced(arn, lasting):
    assert lasting_name(arn) == lasting
    assert lasting_name(lasting) is None


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:lambda:{HERE}:function:resize",
        f"arn:aws:lambda:{HERE}:function:resize:live",
        f"arn:aws:lambda:{HERE}:function:2024",
        f"arn:aws:ecs:{HERE}:task-definition/web",
        f"arn:aws:ecs:{HERE}:task-definition/7",
        f"arn:aws:dynamodb:{HERE}:table/orders-7",
        "arn:aws:s3:::bucket/7",
        "no arn",
    ],
)
def test_what_a_person_named_is_kept(arn):
    assert lasting_name(arn) is None
