"""An audit as one mail: the same audit always gives the same bytes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from leastwise.model.declared import EmailTarget

LARGEST_ATTACHMENT = 3_000_000
"""Bytes of the CSV.  SES takes 40 MB by this API, but many mail servers refuse more than 10, and what is
attached grows by a third on its way (https://docs.aws.amazon.com/ses/latest/dg/quotas.html, 2026-11)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says; ``page`` is HTML, ``rows`` the CSV, ``whole`` where everything is."""

    subject: str
    text: str
    page: str
    rows: str
    month: str
    made: datetime


def mail(letter: Letter, target: EmailTarget | None) -> bytes:
    """The message: text, HTML, and the CSV if it is not too large for mail; without a target nobody's."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.subject
    if target:
        message["From"] = target.sender
        message["To"] = ", ".join(target.to)
    message["Date"] = format_datetime(letter.made)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.page, subtype="html", cte="quoted-printable")
    if is_attached(letter.rows):
        message.add_attachment(
            letter.rows.encode("ascii"), maintype="text", subtype="csv", filename=f"audit-{letter.month}.csv"
        )
    _bound(message.walk(), letter)
    return message.as_bytes()


def is_attached(rows: str) -> bool:
    """Whether the CSV goes with the mail."""
    return len(rows) <= LARGEST_ATTACHMENT


def _bound(parts: Iterable[EmailMessage], letter: Letter) -> None:
    """Boundaries of our own: the library's are random.  No text of ours can hold a hash of itself."""
    for number, part in enumerate(parts):
        if part.is_multipart():
            everything = f"{number}\0{letter.text}\0{letter.page}\0{letter.rows}"
            part.set_boundary(f"leastwise-{hashlib.sha256(everything.encode()).hexdigest()[:32]}")
