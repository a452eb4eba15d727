"""The ladder from a record to the resources of one action.

For each resource type of the action, the first rung that holds:

1. ``resources[].ARN`` and the request's own ARNs that fit an ARN template of the type;
2. the template filled from request parameters, region, account and partition;
3. ARNs deeper in the request that fit;
4. ARNs in the response that fit;
5. the template with ``*`` for the names that the request does not say.

Where the call makes the resource, the response comes first, and the parts of its ARN that AWS invented become
``*``: when the call was authorized they did not exist.  Nothing on any rung: ``*``, UNRECORDED.  No resource
type at all: ``*``, NONE.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from leastwise.model.request import ResourceForm
from leastwise.reference.actions import resource_types
from leastwise.reference.bindings import members_for, prefix_for
from leastwise.reference.parameters import at_path, names, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leastwise.reference.actions import ResourceType
    from leastwise.reference.record import Record
    from leastwise.reference.templates import ArnTemplate

CREATING = (
    "Create",
    "Run",
    "Allocate",
    "Import",
    "Copy",
    "Register",
    "Request",
    "Restore",
    "Purchase",
    "Publish",
)
"""First words of actions that make the resource they are checked against."""
MAX_FILLED = 256
"""How many resources of one type one call may name before the rest is left out as hostile."""


class Target(NamedTuple):
    """A resource, and how to read it."""

    resource: str
    form: ResourceForm


NO_RESOURCE = Target("*", ResourceForm.NONE)
UNRECORDED = Target("*", ResourceForm.UNRECORDED)


class _Source(NamedTuple):
    """The request members that may hold the value of one variable, and what the value starts with."""

    members: tuple[str, ...]
    prefix: str
    head: str
    """What stands before the variable in the ARN and may stand before the name too: ``alias/``."""


class _Filler(NamedTuple):
    """A template with, for each of its variables, where the request may hold its value."""

    template: ArnTemplate
    sources: tuple[_Source, ...]


class _Type(NamedTuple):
    type: ResourceType
    fillers: tuple[_Filler, ...]

    @property
    def is_constant(self) -> bool:
        """Whether there is one such resource in an account, such as Glue's catalog: its ARN holds no name."""
        return all(not filler.sources for filler in self.fillers)

    def constants(self, found: tuple[Target, ...], record: Record) -> list[Target]:
        """The one resource, where the type is constant, always touched, and not among those found."""
        if not (self.is_constant and self.type.required):
            return []
        templates = [filler.template for filler in self.fillers]
        told = any(template.fits(target.resource) for template in templates for target in found)
        return [] if told else [_filled_in(template, {}, record) for template in templates]


def targets(action: str, record: Record) -> tuple[Target, ...]:
    """The resources that ``action`` was checked against in this record; never empty."""
    types = _types(action)
    if not types:
        return (NO_RESOURCE,)
    found = tuple(dict.fromkeys(_found(action, types, record)))
    if found or all(type_.is_constant for type_ in types):
        found += tuple(target for type_ in types for target in type_.constants(found, record))
    return found or (UNRECORDED,)


def _found(action: str, types: tuple[_Type, ...], record: Record) -> list[Target]:
    """The first rung of the ladder that holds."""
    if _creates(action):
        made, answered = _made(types, record)
        asked = [target for type_ in types if type_ not in made for target in _asked(type_, record)]
        if answered or asked:
            return [*answered, *asked]
    asked = [target for type_ in types for target in _asked(type_, record)]
    return (
        asked
        or _fitting(types, record.deep_arns())
        or _fitting(types, record.answered_arns())
        or [pattern(glob) for type_ in types for filler in type_.fillers for glob in _partly(filler, record)]
    )


def literal(arn: str) -> Target:
    """A resource whose exact name is known."""
    return Target(arn, ResourceForm.LITERAL)


def pattern(glob: str) -> Target:
    """A resource known only as far as this glob goes."""
    return Target(glob, ResourceForm.ROLLED_UP)


@lru_cache(maxsize=16_384)
def _types(action: str) -> tuple[_Type, ...]:
    types = resource_types(action)
    return tuple(
        _Type(
            type_,
            tuple(
                _Filler(
                    template,
                    tuple(
                        _Source(
                            members_for(action, type_.name, variable, alone=len(types) == 1),
                            prefix_for(action, type_.name, variable),
                            template.head if variable == template.variables[0] else "",
                        )
                        for variable in template.variables
                    ),
                )
                for template in type_.templates
            ),
        )
        for type_ in types
    )


def _asked(type_: _Type, record: Record) -> list[Target]:
    """What the record's resources and the request say of one type."""
    recorded = [literal(arn) for arn in record.arns if any(f.template.fits(arn) for f in type_.fillers)]
    return recorded or [target for filler in type_.fillers for target in _filled(filler, record)]


def _filled(filler: _Filler, record: Record) -> Iterator[Target]:
    if not filler.sources:
        return
    choices = [_values(record, source) for source in filler.sources]
    variables = filler.template.variables
    for _, values in zip(range(MAX_FILLED), product(*choices), strict=False):  # the shorter one ends it
        target = _filled_in(filler.template, dict(zip(variables, values, strict=True)), record)
        if filler.template.fits(target.resource):
            yield target


def _filled_in(template: ArnTemplate, names: Mapping[str, str], record: Record) -> Target:
    """The resource with these names; where the reference itself writes a star, as far as it goes."""
    if template.is_glob:
        return pattern(template.pattern(record.place, names))
    return literal(template.fill(record.place, names))


def _values(record: Record, source: _Source) -> tuple[str, ...]:
    """The names that the first telling member gives; an ARN is no name."""
    for member in source.members:
        if "." in member:
            found = at_path(record.members, member)
        elif member in record.members:
            found = names(record.members[member])
        else:
            continue
        values = tuple(
            text.removeprefix(source.head)
            for text in found
            if text.startswith(source.prefix) and not text.startswith("arn:")
        )
        if values:
            return values
    return ()


def _partly(filler: _Filler, record: Record) -> Iterator[str]:
    """The template with the names that are known, where some are."""
    choices = [_values(record, source) for source in filler.sources]
    known = {
        variable: values[0]
        for variable, values in zip(filler.template.variables, choices, strict=True)
        if len(values) == 1
    }
    if known:
        yield filler.template.pattern(record.place, known)


def _fitting(types: Iterable[_Type], arns: list[str]) -> list[Target]:
    fillers = [filler for type_ in types for filler in type_.fillers]
    return [literal(arn) for arn in arns if any(filler.template.fits(arn) for filler in fillers)]


def _creates(action: str) -> bool:
    return action.partition(":")[2].startswith(CREATING)


def _made(types: tuple[_Type, ...], record: Record) -> tuple[list[_Type], list[Target]]:
    """The types whose new resource the response names, and that resource as far as the caller chose it."""
    answered = record.answered_arns()[:MAX_FILLED]
    asked = {text for _, text in walk(record.request)} if answered else set()
    made: list[_Type] = []
    found: list[Target] = []
    for type_ in types:
        fitting = [(arn, f.template) for arn in answered for f in type_.fillers if f.template.fits(arn)]
        if fitting:
            made.append(type_)
            found.extend(_as_asked(arn, template, asked, record) for arn, template in fitting)
    return made, found


def _as_asked(arn: str, template: ArnTemplate, asked: set[str], record: Record) -> Target:
    """The ARN as far as the caller chose it: the rest did not exist when the call was authorized."""
    values = dict(zip(template.variables, template.values(arn), strict=True))
    chosen = {
        name: text for name, text in values.items() if text.rpartition("/")[2] in asked or text in asked
    }
    is_chosen = len(chosen) == len(values) and not template.is_glob
    return literal(arn) if is_chosen else pattern(template.pattern(record.place, chosen))
