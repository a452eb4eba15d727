"""How long to wait, and for what: GitHub's rules, answer by answer."""

import pytest

from leastwise.publish.rate_limits import UNREACHABLE, Reply, seconds_to_wait

NOW = 1_790_000_000.0
SECONDARY = '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'


@pytest.mark.parametrize(
    ("reply", "attempt", "seconds"),
    [
        (Reply(502, {}, ""), 1, 2),
        (Reply(503, {}, ""), 2, 4),
        (Reply(UNREACHABLE, {}, ""), 4, 16),
        (Reply(429, {"retry-after": "17"}, ""), 3, 17),
        (Reply(403, {"retry-after": "17", "x-ratelimit-remaining": "0"}, ""), 1, 17),
        (Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1790000100"}, ""), 1, 101),
        (Reply(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1789999999"}, ""), 1, 1),
        (Reply(429, {"x-ratelimit-remaining": "7", "x-ratelimit-reset": "1790000100"}, ""), 1, 60),
        (Reply(403, {}, SECONDARY), 1, 60),
        (Reply(403, {}, SECONDARY), 3, 240),
        (Reply(429, {"retry-after": "soon"}, ""), 1, 60),
    ],
)
def test_waiting(reply, attempt, seconds):
    assert seconds_to_wait(reply, attempt, NOW) == seconds


@pytest.mark.parametrize(
    ("reply", "is_limited"),
    [
        (Reply(403, {"x-ratelimit-remaining": "4999"}, '{"message": "Resource not accessible"}'), False),
        (Reply(403, {}, SECONDARY), True),
        (Reply(403, {"x-ratelimit-remaining": "0"}, ""), True),
        (Reply(429, {}, ""), True),
        (Reply(422, {"retry-after": "1"}, ""), False),
    ],
)
def test_a_missing_permission_is_no_limit(reply, is_limited):
    assert reply.is_rate_limited is is_limited
    assert not reply.is_transient
