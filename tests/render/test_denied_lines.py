"""What was denied takes one line each, until one reason leaves out many."""

from __future__ import annotations

from leastwise.assess import assess
from leastwise.render import text
from leastwise.render.text import MANY
from tests.builders import allow, case, denied, policy

CONTENT = policy(allow("s3:GetObject", "arn:aws:s3:::reports/*"))
LISTINGS = ("ec2:DescribeInstances", "ec2:DescribeVpcs", "ecs:ListClusters", "kms:ListKeys", "sns:ListTopics")


def lines(*observations):
    found = assess(case(CONTENT, *observations))
    return [line for line in text.compared(found) if line.startswith("  denied: ")]


def test_a_few_are_listed_with_their_resources():
    assert len(lines(*(denied(action, days=1) for action in LISTINGS))) == MANY


def test_many_of_one_reason_share_a_line():
    actions = (*LISTINGS, "sqs:ListQueues", "logs:DescribeLogGroups")
    (line,) = lines(*(denied(action, days=1) for action in actions))
    assert line.startswith("  denied: ec2:DescribeInstances, ec2:DescribeVpcs, ecs:ListClusters, ")
    assert " and 2 more: refused on fewer than 3 days" in line


def test_what_is_proposed_is_never_lumped_together():
    buckets = [denied("s3:PutObject", f"arn:aws:s3:::reports/{number}") for number in range(MANY + 2)]
    assert [line for line in lines(*buckets) if "proposed as an addition" in line] == lines(*buckets)
    assert len(lines(*buckets)) == MANY + 2
