"""Messages by AWS: SNS topics and SES e-mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.aws.sessions import Aws
    from leastwise.model.declared import EmailTarget

_DENIED = ("AccessDenied", "AccessDeniedException")


class Messages:
    """SNS and SES with the credentials at hand, never with a role of an account: those read only."""

    def __init__(self, aws: Aws) -> None:
        """Nothing is asked of AWS yet."""
        self._aws = aws

    def publish(self, topic: str, subject: str, message: str) -> None:
        """``sns:Publish``; ``topic`` is the topic's ARN.  Raises ``AwsError``."""
        caller = self._aws.caller("sns", topic.split(":")[3])
        hints = {
            "AuthorizationError": "allow sns:Publish on the topic to the role of the job that notifies",
            "NotFound": f"there is no topic {topic}: mend `notify` in principals.yaml",
        }
        caller.call("Publish", hints, TopicArn=topic, Subject=subject, Message=message)

    def mail(self, target: EmailTarget, subject: str, text: str) -> None:
        """``ses:SendEmail`` (API version 2), as plain text.  Raises ``AwsError``."""
        simple = {"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}}
        self._send(target, "ses:SendEmail", {"Simple": simple})

    def mail_whole(self, target: EmailTarget, message: bytes) -> None:
        """``ses:SendEmail`` of a message with its headers and parts, for which SES asks for the permission
        ``ses:SendRawEmail`` too.  Raises ``AwsError``."""
        self._send(target, "ses:SendEmail and ses:SendRawEmail", {"Raw": {"Data": message}})

    def _send(self, target: EmailTarget, permissions: str, content: Mapping[str, object]) -> None:
        allow = f"allow {permissions} on the sender's identity to the role of the job that notifies"
        hints = {
            "MessageRejected": "verify the sender (and, in the sandbox, the addresses) in SES",
            **dict.fromkeys(_DENIED, allow),
        }
        self._aws.caller("sesv2", target.region).call(
            "SendEmail",
            hints,
            FromEmailAddress=target.sender,
            Destination={"ToAddresses": list(target.to)},
            Content=content,
        )
