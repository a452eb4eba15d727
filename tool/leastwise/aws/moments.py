"""Times as AWS tells them."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """The same moment in UTC: botocore gives times of the machine's own zone, whose days are others."""
    return moment.astimezone(UTC)
