"""The dry run: proposals as Markdown and patches in a folder.  Nothing else changes."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from leastwise.errors import PublishError
from leastwise.model.proposal import OutcomeKind, PublishOutcome
from leastwise.publish.names import slug
from leastwise.publish.patch import patch

if TYPE_CHECKING:
    from collections.abc import Callable

    from leastwise.model.proposal import Proposal, ProposalKind, PullRequestText

DEFAULT_FOLDER = "leastwise-out"


class PreviewPublisher:
    """Writes ``<folder>/<principal>/<kind>.md``, ``.patch`` and ``.certificate.json``; shows the Markdown.

    ``policies`` is the path of the policies folder from the repository's top (``policies/``), from where
    ``git apply`` takes the patch.
    """

    def __init__(self, folder: Path, show: Callable[[str], None], policies: str = "policies/") -> None:
        """``show`` receives the Markdown of each proposal, for the terminal."""
        self._folder = folder
        self._show = show
        self._policies = policies

    def ensure(self, proposal: Proposal, text: PullRequestText) -> PublishOutcome:
        """Write the files where they differ, and show the text."""
        markdown = f"# {text.title}\n\n{text.body.rstrip()}\n"
        page, changes, certificate = self._files(proposal.principal, proposal.kind)
        existed = page.exists()
        written = [
            _write(page, markdown),
            _write(changes, patch(proposal.files, self._policies)),
            _write(certificate, json.dumps(proposal.proof.certificate, indent=2) + "\n"),
        ]
        self._show(markdown)
        kind = OutcomeKind.UNCHANGED
        if any(written):
            kind = OutcomeKind.UPDATED if existed else OutcomeKind.OPENED
        return PublishOutcome(kind, proposal.kind, proposal.principal, where=str(page))

    def withdraw(self, principal: str, kind: ProposalKind) -> PublishOutcome | None:
        """Remove the files of an earlier run."""
        page, *others = self._files(principal, kind)
        existing = [file for file in (page, *others) if file.exists()]
        for file in existing:
            file.unlink()
        if not existing:
            return None
        return PublishOutcome(OutcomeKind.WITHDRAWN, kind, principal, str(page), "no longer proposed")

    def _files(self, principal: str, kind: ProposalKind) -> tuple[Path, Path, Path]:
        folder = self._folder.joinpath(*slug(principal).split("/"))
        page, changes, certificate = (
            folder / f"{kind.value}{suffix}" for suffix in (".md", ".patch", ".certificate.json")
        )
        return page, changes, certificate


def _write(file: Path, text: str) -> bool:
    """Write the whole file or nothing; False if it says that already."""
    content = text.encode()
    try:
        if file.is_file() and file.read_bytes() == content:
            return False
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=file.parent, prefix=".leastwise-")
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(file)
    except OSError as error:
        raise PublishError(f"the preview {file} could not be written: {error.strerror}; see --out") from error
    return True
