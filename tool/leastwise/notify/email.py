"""E-mail by SES (https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html, 2026-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import AwsError, NotifyError, one_line
from leastwise.notify.body import plain_text

if TYPE_CHECKING:
    from leastwise.aws.messages import Messages
    from leastwise.model.declared import EmailTarget
    from leastwise.model.report import Digest

MESSAGE = 100_000
"""Characters: far below SES's 40 MB, and more than anybody reads."""
SUBJECT = 200


class Email:
    """One message to at most 50 addresses, which SES counts together; the schema holds that limit."""

    def __init__(self, target: EmailTarget, messages: Messages) -> None:
        """``messages`` speaks to AWS with the credentials at hand."""
        self._target = target
        self._messages = messages

    def send(self, digest: Digest) -> None:
        """See ``Channel``."""
        try:
            self._messages.mail(self._target, one_line(digest.subject)[:SUBJECT], plain_text(digest, MESSAGE))
        except AwsError as error:
            raise NotifyError(f"SES: {error}") from error
