"""Whether an ARN can be a resource of an action."""

from __future__ import annotations

from functools import lru_cache

from leastwise.reference.actions import resource_types


@lru_cache(maxsize=16_384)
def fits(arn: str, action: str) -> bool:
    """Whether ``arn`` fits an ARN template of a resource type that ``action`` works on.

    The most specific type of the service counts: ``arn:aws:s3:::bucket/key`` is an object and no bucket.
    """
    return any(template.fits(arn) for type_ in resource_types(action) for template in type_.templates)
