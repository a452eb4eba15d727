"""Whether a condition holds in a context: AWS's operators, in three truth values.

Source (read 2026-11-23):
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
What these pages leave open is unknown here, never a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from leastwise.iam.comparison import COMPARISONS, VARIABLE_OPERATORS, Scope
from leastwise.iam.kleene import Truth, all_of, any_of, negate
from leastwise.iam.request import Missing

if TYPE_CHECKING:
    from leastwise.iam.request import Request
    from leastwise.iam.statement import Condition

IF_EXISTS = "IfExists"
NULL = "Null"
NEGATIONS = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
}
"""The operators that hold where another does not."""


class Qualifier(Enum):
    """How a condition takes a context key with several values."""

    NONE = ""
    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator taken apart: ``ForAnyValue:StringNotLikeIfExists``."""

    name: str
    """Without qualifier, ``Not`` and ``IfExists``: ``StringLike``."""
    negated: bool
    if_exists: bool
    qualifier: Qualifier


def operator(text: str) -> Operator | None:
    """Take an operator apart; ``None`` if AWS documents none of that name."""
    qualifier, colon, rest = text.rpartition(":")
    if qualifier not in [known.value for known in Qualifier] or (colon and not qualifier):
        return None
    base = rest.removesuffix(IF_EXISTS)
    name = NEGATIONS.get(base, base)
    if name not in COMPARISONS and name != NULL:
        return None
    return Operator(name, name != base, rest != base, Qualifier(qualifier))


def holds(condition: Condition, request: Request, *, variables: bool) -> Truth:
    """Whether the condition holds; ``variables``: the document's version knows policy variables."""
    parsed = operator(condition.operator)
    if parsed is None or not condition.values:
        return None
    values = request.values(condition.key)
    if parsed.name == NULL:
        return _null(parsed, condition, values)
    if values is Missing.UNKNOWN:
        return None
    if values is Missing.ABSENT:
        return _without_key(parsed)
    return _compare(parsed, condition, values, request, variables=variables)


def _null(parsed: Operator, condition: Condition, values: tuple[str, ...] | Missing) -> Truth:
    """``Null`` asks whether the key is absent; AWS documents no qualifier and no ``IfExists`` for it."""
    if parsed.if_exists or parsed.qualifier is not Qualifier.NONE or values is Missing.UNKNOWN:
        return None
    absent = values is Missing.ABSENT
    answers = {"true": absent, "false": not absent}
    return any_of(answers.get(value.lower()) for value in condition.values)


def _without_key(parsed: Operator) -> Truth:
    if parsed.qualifier is Qualifier.FOR_ALL_VALUES:
        return True
    if parsed.qualifier is Qualifier.FOR_ANY_VALUE:
        return None if parsed.if_exists else False
    return parsed.if_exists or parsed.negated


def _compare(
    parsed: Operator, condition: Condition, values: tuple[str, ...], request: Request, *, variables: bool
) -> Truth:
    results = [_matches(parsed, condition, value, request, variables=variables) for value in values]
    if parsed.qualifier is Qualifier.FOR_ANY_VALUE:
        return any_of(results)
    if parsed.qualifier is Qualifier.FOR_ALL_VALUES:
        # AWS lets an "empty data set, such as an empty string" pass, whatever it is compared with.
        pairs = zip(values, results, strict=True)
        return all_of(None if value == "" and result is False else result for value, result in pairs)
    return results[0] if len(results) == 1 else None


def _matches(
    parsed: Operator, condition: Condition, value: str, request: Request, *, variables: bool
) -> Truth:
    """One value of the request against all values of the condition: any of them, or for a negation none."""
    compare = COMPARISONS[parsed.name]
    if variables and parsed.name not in VARIABLE_OPERATORS and any("${" in text for text in condition.values):
        return None
    scope = Scope(request, variables=variables, unsettled=None if parsed.negated else False)
    result = any_of(compare(pattern, value, scope) for pattern in condition.values)
    return negate(result) if parsed.negated else result
