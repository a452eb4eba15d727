"""Dates in names: what is written into ``log-2026_11`` today is written into another table next month."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

_DATE = re.compile(
    r"(?<![0-9])(20[0-9]{2})([-_/.]?)(0[1-9]|1[0-2])"
    r"(?:\2(?:0[1-9]|[12][0-9]|3[01])(?:[0-9]{2}){0,3})?(?![0-9])"
)
"""A year and a month, perhaps with the day and the time: ``2026-11``, ``2026/11/23``, ``20261123093000``."""


def holds_date_of_use(name: str, days: Iterable[date]) -> bool:
    """Whether a name was used in the month it names, or in one beside it: it will not be used next year.

    A name with a date of long ago (``orders-2019-05-migrated``) is just a name.
    """
    months = {12 * day.year + day.month for day in days}
    named = {12 * int(found[1]) + int(found[3]) for found in _DATE.finditer(name)}
    return any(abs(month - other) <= 1 for month in months for other in named)
