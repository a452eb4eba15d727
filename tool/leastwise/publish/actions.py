"""The run of GitHub Actions that leastwise may be part of: its page, and whether it shows annotations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leastwise.errors import PublishError

if TYPE_CHECKING:
    from collections.abc import Mapping


PAGE = 1024 * 1024
"""Bytes of one step
(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands, 2026-11)."""
_CUT = b"\n\nCut: the page of a step holds 1 MiB.\n"


@dataclass(frozen=True, slots=True)
class ActionsRun:
    """What Actions tells its steps
    (https://docs.github.com/en/actions/reference/workflows-and-actions/variables, 2026-11).

    Outside of Actions nothing is annotated, and there is no page: everything is empty.
    """

    annotates: bool = False
    address: str = ""
    """The run's page."""
    summary: Path | None = None

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> ActionsRun:
        """From ``os.environ``, or what stands for it."""
        names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
        server, repository, run = (environment.get(name, "") for name in names)
        file = environment.get("GITHUB_STEP_SUMMARY", "")
        return cls(
            annotates=environment.get("GITHUB_ACTIONS") == "true",
            address=f"{server}/{repository}/actions/runs/{run}" if server and repository and run else "",
            summary=Path(file) if file else None,
        )

    def summarize(self, markdown: str) -> None:
        """Put a text on the run's page, below what is there, as far as it fits: of a page too long GitHub
        shows nothing.
        """
        if self.summary is None:
            return
        try:
            with self.summary.open("ab") as page:
                page.write(_fitting(markdown.encode(), PAGE - page.tell()))
        except OSError as error:
            raise PublishError(f"the step summary could not be written: {error.strerror}") from error


def _fitting(text: bytes, room: int) -> bytes:
    """The text, or as many whole lines of it as there is room for and a word that it was cut."""
    if len(text) <= room:
        return text
    whole = text[: max(0, room - len(_CUT))].rpartition(b"\n")[0]
    return whole + _CUT if room >= len(_CUT) else b""
