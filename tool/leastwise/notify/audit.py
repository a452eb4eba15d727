"""The monthly audit on its way to people: one mail by SES, and a note to an SNS topic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import AwsError, NotifyError
from leastwise.notify.sns import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leastwise.aws.messages import Messages
    from leastwise.model.declared import AuditOrder, EmailTarget
    from leastwise.model.report import Digest

LARGEST = 40_000_000
"""Bytes of one message, as SES takes it by this API (https://docs.aws.amazon.com/ses/latest/dg/quotas.html)."""


@dataclass(frozen=True, slots=True)
class Post:
    """What is sent: ``mail`` is a whole message, ``note`` the same for a topic, as lines of text."""

    mail: bytes
    note: Digest


def send(order: AuditOrder, post: Post, messages: Messages) -> Iterator[Callable[[], str]]:
    """One step for each channel; it returns in words what was sent, or raises ``NotifyError``."""
    if order.email:
        email = order.email
        yield lambda: _mail(email, post.mail, messages)
    if order.topic:
        topic = order.topic
        yield lambda: _note(topic, post.note, messages)


def _mail(target: EmailTarget, message: bytes, messages: Messages) -> str:
    if len(message) > LARGEST:
        raise NotifyError(f"SES: the message has {len(message):,} bytes, and SES takes {LARGEST:,}")
    try:
        messages.mail_whole(target, message)
    except AwsError as error:
        raise NotifyError(f"SES: {error}") from error
    count = len(target.to)
    return f"mailed by SES to {count} address{'' if count == 1 else 'es'}"


def _note(topic: str, note: Digest, messages: Messages) -> str:
    Topic(topic, messages).send(note)
    return f"published to {topic}"
