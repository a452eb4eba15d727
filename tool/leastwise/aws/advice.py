"""AWS's error codes, and what a person can do about them.

Codes: botocore 1.44.5 service models, and
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html (2026-11-23).
"""

from __future__ import annotations

EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
"""The credentials were good and no longer are."""

PASSING = frozenset(
    {
        "ConcurrentModification",
        "EntityTemporarilyUnmodifiable",
        "InternalError",
        "InternalFailure",
        "InternalServerException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceFailure",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "Unreachable",
    }
)
"""Worth another try a little later.  ``Unreachable`` is ours: no answer at all."""

UNSURE = PASSING - {
    *("ConcurrentModification", "EntityTemporarilyUnmodifiable", "RequestLimitExceeded", "SlowDown"),
    *("Throttling", "ThrottlingException", "TooManyRequestsException"),
}
"""Those of them after which a write may have been carried out all the same."""

UNKNOWN_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidToken",
        "UnrecognizedClientException",
    }
)
LOST_CREDENTIALS = EXPIRED | UNKNOWN_CREDENTIALS | {"NoCredentials"}
"""No other call can succeed either."""

_MENDS: tuple[tuple[frozenset[str], str], ...] = (
    (EXPIRED, "renew your AWS credentials and run again: what was finished is found again"),
    (
        frozenset({"InvalidSignatureException", "RequestTimeTooSkewed", "SignatureDoesNotMatch"}),
        "AWS compares the time of a request with its own: set this machine's clock, then run again",
    ),
    (
        UNKNOWN_CREDENTIALS,
        "AWS does not know these credentials: check the profile or the environment they come from",
    ),
    (
        frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}),
        "allow {permission} to the identity that leastwise runs as",
    ),
    (PASSING, "AWS was asked several times and stayed busy: run again later"),
    (frozenset({"NoCredentials"}), "give AWS credentials by a profile, the environment or a role"),
)


def advice(code: str, permission: str) -> str:
    """What would mend it, as a sentence without its full stop; empty where the code says nothing to us.

    ``permission`` is the IAM action behind the call, such as ``cloudtrail:StartQuery``.
    """
    return next((words.format(permission=permission) for codes, words in _MENDS if code in codes), "")
