"""When users and roles were made: days before that were an earlier one's of the same name, if anybody's.

Access Analyzer names whom it looked at by ARN, which a principal that is deleted and made again keeps.
Whether it tells the two apart no document says, so days before the present one was made were not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from leastwise.aws.advice import LOST_CREDENTIALS
from leastwise.aws.iam import is_gone
from leastwise.collect.analyzer.reading import days_between
from leastwise.errors import AwsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from leastwise.collect.analyzer.desk import Result

    Made = Callable[[str], datetime]
    """ARN of a user or role -> when it was made; may raise ``AwsError``."""


@dataclass(frozen=True, slots=True)
class Aged:
    """What of a result is about the user or role that is there now.

    ``words`` say what is not.  ``unknown`` says why nobody can tell; then all of it is taken.
    """

    result: Result | None
    words: str = ""
    unknown: str = ""


def since_made(result: Result, arn: str, made: Made) -> Aged:
    """The part of a result that counts.  Raises ``AwsError`` where the credentials are lost."""
    try:
        moment = made(arn)
    except AwsError as error:
        if error.code in LOST_CREDENTIALS:
            raise
        return Aged(None, words=str(error)) if is_gone(error) else Aged(result, unknown=str(error))
    if moment <= result.start:
        return Aged(result)
    words = f"it was made on {moment:%Y-%m-%d}: what was done before, an earlier one of the same name did"
    if moment >= result.end:
        return Aged(None, words)
    return Aged(replace(result, days=days_between(moment, result.end)), words)
