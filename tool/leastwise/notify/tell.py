"""All the channels of a declaration.  Telling is never worth a run: what fails is said, and nothing more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import NotifyError
from leastwise.notify.email import Email
from leastwise.notify.slack import SlackWebhook
from leastwise.notify.sns import Topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from leastwise.aws.messages import Messages
    from leastwise.model.declared import Notify
    from leastwise.model.report import Digest
    from leastwise.notify.interface import Channel


def tell(
    notify: Notify,
    digest: Digest | None,
    environment: Mapping[str, str],
    messages: Messages,
    warn: Callable[[str], None],
) -> int:
    """Send ``digest`` to every channel (``None``: nothing changed, nobody is told); how many it reached.

    ``environment`` holds the secrets that ``notify`` names; ``warn`` hears of every channel that failed.
    """
    if digest is None:
        return 0
    reached = 0
    for connect in _channels(notify, environment, messages):
        try:
            connect().send(digest)
        except NotifyError as error:
            warn(f"nobody was told: {error}")
        else:
            reached += 1
    return reached


def _channels(
    notify: Notify, environment: Mapping[str, str], messages: Messages
) -> Iterator[Callable[[], Channel]]:
    if notify.slack_variable:
        variable = notify.slack_variable
        yield lambda: SlackWebhook.of(variable, environment)
    if notify.topic:
        topic = notify.topic
        yield lambda: Topic(topic, messages)
    if notify.email:
        email = notify.email
        yield lambda: Email(email, messages)
