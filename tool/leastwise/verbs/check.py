"""``leastwise check``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.declare.policies import read_policies
from leastwise.declare.principals_file import read_declaration
from leastwise.errors import DeclarationError, one_line
from leastwise.model.declared import Declaration
from leastwise.render import as_json
from leastwise.render.annotations import annotations_of_problems
from leastwise.render.review import annotations_of_reviews, enrolments, reviewed
from leastwise.render.words import counted
from leastwise.repo import Repository, unread_policies
from leastwise.review import review
from leastwise.verbs.policies import evidence_at
from leastwise.workspace import PRINCIPALS_FILE, read_working_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from leastwise.model.evidence import Observation
    from leastwise.review import Review
    from leastwise.workspace import Workspace

WIDENS = 1
NOBODY = Declaration(sources={}, principals=())
"""Policies of a commit are read without asking whom they are for: the folders say it."""


@dataclass(frozen=True, slots=True)
class Against:
    """What an edit is held against: the policies of a commit, and evidence that may say more about it."""

    base: str
    evidence: Path | None = None


def run(root: Path, against: Against | None, form: str, today: date, show: Callable[[str], object]) -> int:
    """Read everything that is declared; with ``against``, exit code 1 if an edit allows something new.

    Raises ``DeclarationError`` with every problem, after showing it in the form that was asked for.
    """
    try:
        workspace = read_working_tree(root)
    except DeclarationError as error:
        if form == "json":
            show(json.dumps(as_json.problems(error.problems, principals=None, policies=None)))
        elif form == "github":
            for line in annotations_of_problems(error.problems):
                show(line)
        raise
    reviews = _reviews(workspace, against) if against else ()
    notes = (*_notes(root, workspace.declaration, today), *workspace.policies.notes)
    _show(workspace, notes, reviews, form, show)
    if against and form != "json":
        for line in enrolments(_enrolled_before(workspace, against), workspace.declaration.principals):
            show(line)
    return WIDENS if any(found.widens for found in reviews) else 0


def _reviews(workspace: Workspace, against: Against) -> tuple[Review, ...]:
    repository = Repository.open(workspace.root)
    before = read_policies(repository.policies_at(repository.commit_id(against.base)), NOBODY)
    observations: tuple[Observation, ...] = ()
    if against.evidence:
        expected = "evidence is what `leastwise observe --format json` prints"
        observations = evidence_at(against.evidence, expected).observations
    return review(before.files.values(), workspace.policies.files.values(), observations)


def _enrolled_before(workspace: Workspace, against: Against) -> frozenset[str]:
    """The keys of those whom the commit enrols; nobody where its file is missing or wrong."""
    text = Repository.open(workspace.root).text_at(against.base, PRINCIPALS_FILE)
    try:
        declaration = read_declaration(text or "", f"{against.base}:{PRINCIPALS_FILE}")
    except DeclarationError:
        return frozenset()
    return frozenset(principal.key for principal in declaration.principals)


def _notes(root: Path, declaration: Declaration, today: date) -> Iterator[str]:
    """What is no mistake, and yet not what somebody wanted."""
    for path in unread_policies(root):
        yield f"{path} was not read: policies are .json files."
    if declaration.principals and not declaration.sources:
        yield f"{PRINCIPALS_FILE} names no `sources`: no evidence is collected, and nothing is proposed."
    for principal in declaration.principals:
        for keep in principal.keep:
            if keep.until < today:
                place = f"{PRINCIPALS_FILE}:{principal.line}"
                yield f"{place}: keep {keep.action} until {keep.until}: that day is past, nothing is kept."


def _show(
    workspace: Workspace,
    notes: tuple[str, ...],
    reviews: tuple[Review, ...],
    form: str,
    show: Callable[[str], object],
) -> None:
    principals, files = len(workspace.declaration.principals), len(workspace.policies.files)
    if form == "json":
        found = as_json.problems((), principals=principals, policies=files, notes=notes, reviews=reviews)
        show(json.dumps(found))
        return
    show(f"{counted(principals, 'principal')}, {counted(files, 'policy file')}: no mistake found")
    for note in notes:
        show(one_line(f"note: {note}"))
    annotations = annotations_of_reviews(reviews) if form == "github" else ()
    for line in (*annotations, *reviewed(reviews)):
        show(line)
