"""Policies of a principal in a few words: before and after a plan."""

from __future__ import annotations

from leastwise.iam.document import parse, render
from leastwise.model.live import LivePolicy, LiveState
from leastwise.model.policies import PolicyKind
from leastwise.plan.desired import Sides
from tests.builders import FOLDER, policy, principal

ARN = "arn:aws:iam::111122223333:policy/"


def managed(name, *statements, versions=("v1",), **more):
    """A customer managed policy of payments-api; its default is the last version."""
    text = policy(*statements)
    return LivePolicy(
        f"{FOLDER}/{name}.json", text, parse(text), PolicyKind.MANAGED, name, ARN + name, versions[-1],
        versions=versions, **more,
    )  # fmt: skip


def inline(name, *statements):
    """An inline policy of payments-api."""
    text = policy(*statements)
    return LivePolicy(f"{FOLDER}/inline/{name}.json", text, parse(text), PolicyKind.INLINE, name)


def aws(name, *statements):
    """An AWS-managed policy."""
    text = policy(*statements)
    arn = f"arn:aws:iam::aws:policy/{name}"
    return LivePolicy(f"aws/{name}.json", text, parse(text), PolicyKind.AWS_MANAGED, name, arn, "v1")


def of_document(path, document):
    """An inline policy of whatever it says."""
    return LivePolicy(path, render(document), document, PolicyKind.INLINE, path)


def by_path(*policies):
    return {each.path: each for each in policies}


def both_sides(before, after, who=None, **live):
    state = LiveState("role", tuple(before), **live)
    return Sides(who or principal(), state, by_path(*before), by_path(*after))
