"""A witness, checked: policies in which all that it supposes is settled, so that the evaluator can judge."""

from __future__ import annotations

from dataclasses import replace

from leastwise.iam import arn
from leastwise.iam.evaluate import Decision, Evaluator, prepare
from leastwise.iam.request import Request
from leastwise.iam.worlds import condition_atoms, doubt_atom, variable_atom


def is_confirmed(witness, outer, inner) -> bool:
    """Whether the evaluator, too, lets the inner policies allow the request and the outer ones not."""
    request = Request(witness.action, witness.resource, closed=True)
    return (
        _decision(inner, witness, request) is Decision.ALLOW
        and _decision(outer, witness, request) is not Decision.ALLOW
    )


def _decision(documents, witness, request):
    settled = [
        _settled(statement, dict(witness.supposing), request) for statement in prepare(documents).statements
    ]
    return Evaluator(tuple(filter(None, settled))).evaluate(request, witness.reading).decision


def _settled(statement, world, request):
    """The statement without what the world answers; a question it does not answer counts as answered no."""
    if not all(world.get(str(atom), False) for atom in condition_atoms(statement)):
        return None
    entries = []
    for entry in statement.resources:
        atoms = [variable_atom(entry), doubt_atom(entry) if arn.in_doubt(entry, request.resource) else None]
        if not any(atoms):
            entries.append(entry)
        elif all(world.get(str(atom), False) for atom in atoms if atom):
            entries.append(
                arn.of_glob(arn.widen(entry)) if entry.flat.variables else replace(entry, doubt=None)
            )
    if entries:
        return replace(statement, conditions=(), resources=tuple(entries))
    everything = (arn.pattern("*"),)
    return (
        replace(statement, conditions=(), resources=everything, not_resource=False)
        if statement.not_resource
        else None
    )
