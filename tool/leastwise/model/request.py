"""What AWS is asked to authorize: an action on a resource in a context."""

from __future__ import annotations

from dataclasses import dataclass

from leastwise.model.word import Word


class Certainty(Word):
    """How we know of a request."""

    CERTAIN = "certain"
    """The event is the request: CloudTrail recorded this very call."""
    INFERRED = "inferred"
    """The call needs this permission too, but CloudTrail never records it (``iam:PassRole``)."""


class ResourceForm(Word):
    """How to read ``AuthorizationRequest.resource``."""

    LITERAL = "literal"
    """The resource's exact name; a ``*`` in it is a star in the name, not a wildcard."""
    NONE = "none"
    """The action works on no resource type; AWS evaluates it against ``*``."""
    UNRECORDED = "unrecorded"
    """There was a resource, and the record does not say which; ``resource`` is ``*``."""
    ROLLED_UP = "rolled-up"
    """Many resources seen and counted as one; ``resource`` is a glob in IAM's pattern language that
    covers them all (names escaped: ``${*}``, ``${?}``, ``${$}``)."""


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """One thing AWS authorizes: ``action`` in AWS's own spelling (``s3:GetObject``) on ``resource``.

    ``context`` holds the condition keys that the record proves, as sorted (key, value) pairs, such as
    ``("iam:PassedToService", "lambda.amazonaws.com")``.  A key that is not there is *unknown*, not absent.
    """

    action: str
    resource: str
    form: ResourceForm = ResourceForm.LITERAL
    context: tuple[tuple[str, str], ...] = ()
    certainty: Certainty = Certainty.CERTAIN

    @property
    def sort_key(self) -> tuple[str, str, str, tuple[tuple[str, str], ...], str]:
        """A total order that does not depend on how the request was found."""
        return (self.action, self.resource, self.form.value, self.context, self.certainty.value)

    @property
    def service(self) -> str:
        """The IAM service prefix, ``s3`` in ``s3:GetObject``."""
        return self.action.partition(":")[0]
