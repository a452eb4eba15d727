"""Short ways to write policies and requests in tests."""

from __future__ import annotations

from leastwise.iam.request import Request
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement, Version

BUCKET = "arn:aws:s3:::b/"


def allow(actions="*", resources="*", *conditions, **rest) -> Statement:
    return Statement(Effect.ALLOW, _tuple(actions), (), _tuple(resources), (), conditions, **rest)


def deny(actions="*", resources="*", *conditions) -> Statement:
    return Statement(Effect.DENY, _tuple(actions), (), _tuple(resources), (), conditions)


def allow_not_action(actions, resources="*") -> Statement:
    return Statement(Effect.ALLOW, (), _tuple(actions), _tuple(resources), ())


def not_resource(effect, actions, resources) -> Statement:
    return Statement(effect, _tuple(actions), (), (), _tuple(resources))


def when(operator, key, *values) -> Condition:
    return Condition(operator, key, values)


def document(*statements, version=Version.V2012) -> PolicyDocument:
    return PolicyDocument(tuple(statements), version)


def request(action="s3:GetObject", resource=BUCKET + "k", closed=True, **context) -> Request:
    """Context keys are written ``aws_username`` for ``aws:username``."""
    named = {key.replace("_", ":", 1): _tuple(value) for key, value in context.items()}
    return Request(action, resource, named, closed)


def _tuple(value):
    if value is None:
        return None
    return (value,) if isinstance(value, str) else tuple(value)
