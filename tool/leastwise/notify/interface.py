"""What every channel does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from leastwise.model.report import Digest


class Channel(Protocol):
    """One way to reach people."""

    def send(self, digest: Digest) -> None:
        """Send one message, within the channel's limits; `NotifyError` where it was refused."""
        ...
