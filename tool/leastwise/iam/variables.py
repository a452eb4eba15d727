"""Policy variables: their values come from the context of a request.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html (read 2026-11-23): a value
is taken literally (a ``*`` in a user's name is no wildcard); a key with several values cannot be used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam import glob
from leastwise.iam.request import Missing

if TYPE_CHECKING:
    from leastwise.iam.glob import Glob, Variable
    from leastwise.iam.request import Request


def resolve(pattern: Glob, request: Request) -> Glob | Missing:
    """The pattern with its variables replaced.

    ``Missing.ABSENT``: a variable certainly has no value; ``Missing.UNKNOWN``: it may or may not have one.
    """
    if not pattern.variables:
        return pattern
    values = {variable: _value(variable, request) for variable in pattern.variables}
    missing = {value for value in values.values() if isinstance(value, Missing)}
    if missing:
        return Missing.ABSENT if Missing.ABSENT in missing else Missing.UNKNOWN
    found = {variable: value for variable, value in values.items() if isinstance(value, str)}
    return glob.substitute(pattern, found.get) or Missing.UNKNOWN


def _value(variable: Variable, request: Request) -> str | Missing:
    if not variable.key:
        return Missing.UNKNOWN
    values = request.values(variable.key)
    if values is Missing.ABSENT and variable.default is not None:
        return variable.default
    if isinstance(values, Missing):
        return values
    return values[0] if len(values) == 1 else Missing.UNKNOWN
