"""Slack, by an incoming webhook (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks)."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

from leastwise.errors import NotifyError
from leastwise.notify.body import fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.model.report import Digest, DigestItem

SECTION = 3_000
"""Characters in the text of one section block
(https://docs.slack.dev/reference/block-kit/blocks/section-block, 2026-11)."""
HEADER = 150
"""Characters in a header block (https://docs.slack.dev/reference/block-kit/blocks/header-block)."""
SECTIONS = 4
"""Of the 50 blocks that a message may have: about 13,000 characters are shown (GitLab MR 1786)."""
TIMEOUT = 10
_CALLS = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


class SlackWebhook:
    """One webhook, which belongs to one channel.  Its address is a secret: no message of ours names it."""

    def __init__(self, address: str) -> None:
        """``address`` comes from the environment."""
        self._address = address

    @classmethod
    def of(cls, variable: str, environment: Mapping[str, str]) -> SlackWebhook:
        """The webhook whose address an environment variable holds."""
        address = environment.get(variable, "")
        if not address.startswith("https://"):
            found = "something else" if address else "nothing"
            raise NotifyError(
                f"Slack: expected the address of a webhook (https://hooks.slack.com/...) in the environment "
                f"variable {variable}, found {found}: set it from a secret of the repository"
            )
        return cls(address)

    def send(self, digest: Digest) -> None:
        """See ``Channel``.  One message a run is far below Slack's one message a second."""
        body = json.dumps(message(digest)).encode()
        request = urllib.request.Request(  # noqa: S310  the scheme was checked, or a test chose it
            self._address, body, {"Content-Type": "application/json"}, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310  see above
                answer.read()
        except urllib.error.HTTPError as error:
            words = error.read(200).decode("ascii", "replace").strip()
            raise NotifyError(
                f"Slack answers {error.code} {words}: look at the webhook in the app's settings"
            ) from None
        except OSError as error:
            raise NotifyError(f"Slack could not be reached ({type(error).__name__})") from None


def message(digest: Digest) -> Mapping[str, object]:
    """The payload: a header, sections of whole lines, and the run's address."""
    blocks: list[Mapping[str, object]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(digest.subject, HEADER)}}
    ]
    sections = _sections([_line(item) for item in digest.items])
    blocks += [{"type": "section", "text": {"type": "mrkdwn", "text": text}} for text in sections]
    if digest.address:
        link = f"<{_escaped(digest.address)}|This run>"
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": link}]})
    return {"text": _escaped(digest.subject), "blocks": blocks, "unfurl_links": False}


def _sections(lines: list[str]) -> list[str]:
    """Lines shared out to at most ``SECTIONS`` texts of at most ``SECTION`` characters."""
    sections: list[str] = []
    while lines and len(sections) < SECTIONS - 1:
        count, room = 0, SECTION
        while count < len(lines) and len(lines[count]) < room:
            room -= len(lines[count]) + 1
            count += 1
        if count == 0:
            break
        sections.append("".join(f"{line}\n" for line in lines[:count]))
        lines = lines[count:]
    return [*sections, fitted(lines, SECTION)] if lines else sections


def _line(item: DigestItem) -> str:
    text = f"\u2022 {_escaped(item.text)}"
    return f"{text} <{_escaped(item.address)}>" if item.address.startswith("https://") else text


def _escaped(text: str) -> str:
    """The three characters that call people and make links in Slack
    (https://docs.slack.dev/messaging/formatting-message-text, 2026-11)."""
    return "".join(_CALLS.get(letter, letter) for letter in text)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"
