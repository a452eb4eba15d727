"""``principals.yaml`` -> ``Declaration``, or every problem of the file at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.declare.building import build_declaration
from leastwise.declare.checks import problems_between_entries
from leastwise.declare.fields import Field
from leastwise.declare.schema import problems_of_form
from leastwise.declare.yaml_tree import Table, describe, read_tree
from leastwise.errors import DeclarationError, Problem

if TYPE_CHECKING:
    from leastwise.model.declared import Declaration

_BEGINNING = "`version: 1` and `principals:`"


def read_declaration(text: str, path: str = "principals.yaml") -> Declaration:
    """The declaration that a text makes, defaults filled in; ``path`` is how errors name the file.

    Raises ``DeclarationError`` with every problem in the order of the file; broken YAML hides what comes
    after it.  Bytes become text with ``leastwise.declare.yaml_tree.decode``.
    """
    tree = read_tree(text, path)
    if tree.root is None:
        found = "an empty file" if not text.strip() else "comments only"
        raise DeclarationError([Problem(path, 1, 1, _BEGINNING, found)])
    if not isinstance(tree.root, Table):
        place = tree.root.start
        raise DeclarationError([Problem(path, place.line, place.column, _BEGINNING, describe(tree.root))])
    of_form, broken = problems_of_form(tree.root, path)
    root = Field(tree.root, (), broken)
    refused = {(problem.line, problem.column) for problem in tree.problems}
    others = (*of_form, *problems_between_entries(root, path))
    # Where YAML itself was refused, what else is said of that place is only a consequence.
    problems = [*tree.problems, *(other for other in others if (other.line, other.column) not in refused)]
    if problems:
        raise DeclarationError(problems)
    return build_declaration(root)
