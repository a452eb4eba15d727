"""Comparing one value of a policy with one value of a request, operator by operator."""

from __future__ import annotations

import base64
import ipaddress
import operator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from leastwise.iam import arn, glob, variables
from leastwise.iam.glob import Glob, Variable
from leastwise.iam.request import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.iam.kleene import Truth
    from leastwise.iam.request import Request

MAX_NUMBER_CHARACTERS = 64
"""Longer numbers and dates are not compared: nobody wrote them in good faith."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a comparison depends on beside its two values."""

    request: Request
    variables: bool
    """Whether ``${…}`` in the policy's value is a variable or an escape."""
    unsettled: Truth
    """The answer where the documents say only that nothing matches: unknown below a negation."""


_Value = TypeVar("_Value")


def _string_equals(pattern: str, value: str, scope: Scope) -> Truth:
    text = _text(pattern, scope)
    return text if isinstance(text, bool) or text is None else text == value


def _string_equals_ignore_case(pattern: str, value: str, scope: Scope) -> Truth:
    text = _text(pattern, scope)
    return text if isinstance(text, bool) or text is None else text.lower() == value.lower()


def _string_like(pattern: str, value: str, scope: Scope) -> Truth:
    resolved = _resolved(pattern, scope)
    return glob.matches(resolved, value) if isinstance(resolved, Glob) else resolved


def _arn_like(pattern: str, value: str, scope: Scope) -> Truth:
    """Each of the six components is compared separately; what is no ARN is not compared at all."""
    resolved = _resolved(pattern, scope)
    if not isinstance(resolved, Glob):
        return resolved
    if resolved.tokens.count(":") < arn.SEGMENTS - 1:
        return None
    if arn.parse(value) is None:
        return scope.unsettled
    return arn.matches(arn.of_glob(resolved), value, arn.Reading.SEGMENT)


def _ip_address(pattern: str, value: str, scope: Scope) -> Truth:
    try:
        network = ipaddress.ip_network(pattern, strict=False)
        address = ipaddress.ip_address(value)
    except ValueError:
        return None
    return scope.unsettled if address.version != network.version else address in network


def _typed(
    read: Callable[[str], _Value | None], compare: Callable[[_Value, _Value], bool]
) -> Callable[[str, str, Scope], Truth]:
    """A comparison of what both texts stand for, the request's on the left; unknown if one is ill-formed."""

    def compared(pattern: str, value: str, _scope: Scope) -> Truth:
        expected, found = read(pattern), read(value)
        return None if expected is None or found is None else compare(found, expected)

    return compared


def _truth_word(text: str) -> str | None:
    return text.lower() if text.lower() in ("true", "false") else None


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    if not text or len(text) > MAX_NUMBER_CHARACTERS or not set(text) <= set("+-.0123456789eE"):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _date(text: str) -> Decimal | None:
    """Seconds since 1970: an ISO 8601 date (UTC where it names no zone) or the epoch itself."""
    if text.isdecimal() and text.isascii():
        return None if len(text) in (4, 8) else _number(text)  # "2026" may be a year, or 34 minutes
    if len(text) > MAX_NUMBER_CHARACTERS:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Decimal(str(moment.timestamp()))


def _resolved(pattern: str, scope: Scope) -> Glob | Truth:
    """The pattern with its variables replaced, or the answer that their absence gives."""
    resolved = variables.resolve(glob.parse(pattern, variables=scope.variables), scope.request)
    if isinstance(resolved, Missing):
        return scope.unsettled if resolved is Missing.ABSENT else None
    return resolved


def _text(pattern: str, scope: Scope) -> str | Truth:
    """The value as plain text: wildcards mean themselves here."""
    resolved = _resolved(pattern, scope)
    if not isinstance(resolved, Glob):
        return resolved
    return "".join(_written(token) for token in resolved.tokens)


def _written(token: glob.Token) -> str:
    if isinstance(token, Variable):
        return token.text
    return token if isinstance(token, str) else token.value


COMPARISONS = MappingProxyType(
    {
        "StringEquals": _string_equals,
        "StringEqualsIgnoreCase": _string_equals_ignore_case,
        "StringLike": _string_like,
        "ArnEquals": _arn_like,
        "ArnLike": _arn_like,
        "Bool": _typed(_truth_word, operator.eq),
        "BinaryEquals": _typed(_bytes, operator.eq),
        "IpAddress": _ip_address,
        "NumericEquals": _typed(_number, operator.eq),
        "NumericLessThan": _typed(_number, operator.lt),
        "NumericLessThanEquals": _typed(_number, operator.le),
        "NumericGreaterThan": _typed(_number, operator.gt),
        "NumericGreaterThanEquals": _typed(_number, operator.ge),
        "DateEquals": _typed(_date, operator.eq),
        "DateLessThan": _typed(_date, operator.lt),
        "DateLessThanEquals": _typed(_date, operator.le),
        "DateGreaterThan": _typed(_date, operator.gt),
        "DateGreaterThanEquals": _typed(_date, operator.ge),
    }
)
"""Operator without ``Not`` -> comparison.  AWS treats ``ArnEquals`` and ``ArnLike`` alike."""

VARIABLE_OPERATORS = frozenset(name for name in COMPARISONS if name.startswith(("String", "Arn")))
"""The operators whose values may hold policy variables; AWS documents strings and ARNs."""
