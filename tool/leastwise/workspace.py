"""The user's repository as one value: what is declared, what is committed, and since when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.declare.policies import read_policies
from leastwise.declare.principals_file import read_declaration
from leastwise.declare.yaml_tree import decode
from leastwise.errors import DeclarationError, Problem, RepositoryError
from leastwise.iam.document import locate
from leastwise.model.finding import StatementRef
from leastwise.repo import Repository, working_policies

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from leastwise.model.declared import Declaration
    from leastwise.model.policies import Policies, PolicyFile
    from leastwise.repo import Base

PRINCIPALS_FILE = "principals.yaml"
TEXTS_BEFORE = 20
"""How many changes of one file are looked back on."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with ``principals.yaml`` and ``policies/``.

    ``repository`` is ``None`` where the folder is in no git repository; ``commit`` is then empty, and so it
    is where the working tree was read.
    """

    root: Path
    declaration: Declaration
    policies: Policies
    repository: Repository | None
    commit: str = ""

    def unchanged_since(self, files: Iterable[PolicyFile]) -> dict[StatementRef, datetime | None]:
        """When each statement's text last changed; ``None`` where no commit tells."""
        return {
            StatementRef(file.path, index, statement.sid or ""): self._changed_at(file, spans.statement)
            for file in files
            for index, (statement, spans) in enumerate(
                zip(file.document.statements, locate(file.text), strict=True)
            )
        }

    def paths_ever(self, folder: str) -> tuple[str, ...]:
        """The policy files right in a folder below ``policies/`` that any commit knows of."""
        if self.repository is None or not self.commit:
            return ()
        return self.repository.paths_ever(folder, self.commit)

    def texts_before(self, path: str) -> tuple[str, ...]:
        """What a policy's file held before, the latest first; nothing where no commit tells."""
        if self.repository is None or not self.commit:
            return ()
        return self.repository.texts_before(path, self.commit, TEXTS_BEFORE)

    def texts_ever(self, path: str) -> tuple[str, ...]:
        """What a policy's file holds now and held before, the latest first."""
        file = self.policies.files.get(path)
        return (*((file.text,) if file else ()), *self.texts_before(path))

    def differs_on_disk(self) -> bool:
        """Whether the folder holds other policies than were read."""
        return working_policies(self.root) != {path: file.text for path, file in self.policies.files.items()}

    def _changed_at(self, file: PolicyFile, span: tuple[int, int]) -> datetime | None:
        if self.repository is None or not self.commit:
            return None
        first = file.text.count("\n", 0, span[0]) + 1
        last = file.text.count("\n", 0, span[1]) + 1
        return self.repository.changed_at(file.path, first, last, self.commit)


def read_working_tree(root: Path) -> Workspace:
    """What the folder holds now, committed or not."""
    declaration = read_declaration(principals_text(root))
    policies = read_policies(working_policies(root), declaration)
    return Workspace(root, declaration, policies, None)


def read_committed(root: Path, base: Base | None = None) -> Workspace:
    """The declaration of the folder, and the policies of a commit: ``base``, or else ``HEAD``.

    A policy that is not committed is not yet what the team agreed on, so nothing is compared with it; a
    principal is enrolled as soon as the file says so.  Outside of git the folder itself is read.
    """
    try:
        repository = Repository.open(root)
        commit = base.commit if base else repository.commit_id("HEAD")
    except RepositoryError:
        if base:
            raise
        return read_working_tree(root)
    declaration = read_declaration(principals_text(root))
    policies = read_policies(repository.policies_at(commit), declaration)
    return Workspace(root, declaration, policies, repository, commit)


def declared_in(root: Path) -> Declaration:
    """The declaration of the folder as it is now, without its policies; of nobody where it has none."""
    if not (root / PRINCIPALS_FILE).is_file():
        return read_declaration("version: 1")
    return read_declaration(principals_text(root))


def read_revision(root: Path, revision: str) -> Workspace:
    """The declaration and the policies of one commit, which is read by git and not checked out."""
    repository = Repository.open(root)
    commit = repository.commit_id(revision)
    text = repository.text_at(commit, PRINCIPALS_FILE)
    if text is None:
        raise DeclarationError([Problem(PRINCIPALS_FILE, 0, 0, f"the file in commit {commit}", "none")])
    declaration = read_declaration(text)
    policies = read_policies(repository.policies_at(commit), declaration)
    return Workspace(root, declaration, policies, repository, commit)


def principals_text(root: Path) -> str:
    """The text of the folder's ``principals.yaml``.  Raises ``DeclarationError`` where it has none."""
    file = root / PRINCIPALS_FILE
    if file.is_symlink() or (file.exists() and not file.is_file()):
        found = "a link, a folder or a device"
        raise DeclarationError([Problem(PRINCIPALS_FILE, 0, 0, "a plain file", found)])
    if not file.is_file():
        expected = (
            f"a file {PRINCIPALS_FILE} in {root} (start one with `leastwise enrol ARN`, or give --root)"
        )
        raise DeclarationError([Problem(PRINCIPALS_FILE, 0, 0, expected, "none")])
    return decode(file.read_bytes(), PRINCIPALS_FILE)
