"""An SNS topic (https://docs.aws.amazon.com/sns/latest/api/API_Publish.html, 2026-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import AwsError, NotifyError, one_line
from leastwise.notify.body import plain_text

if TYPE_CHECKING:
    from leastwise.aws.messages import Messages
    from leastwise.model.report import Digest

SUBJECT = 99
"""Characters: "ASCII text ... less than 100 characters", without line breaks."""
MESSAGE = 60_000
"""Characters.  A message may have 262,144 bytes, but is billed, and delivered to some, by 64 KB."""


class Topic:
    """One topic."""

    def __init__(self, arn: str, messages: Messages) -> None:
        """``messages`` speaks to AWS with the credentials at hand."""
        self._arn = arn
        self._messages = messages

    def send(self, digest: Digest) -> None:
        """See ``Channel``."""
        subject = one_line(digest.subject).encode("ascii", "replace").decode()[:SUBJECT]
        try:
            self._messages.publish(self._arn, subject, plain_text(digest, MESSAGE))
        except AwsError as error:
            raise NotifyError(f"SNS: {error}") from error
