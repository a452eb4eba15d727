"""Nodes x ``principals.schema.json`` -> problems of form, each at its place and in words for people."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any, TypeAlias, cast

from jsonschema import Draft202012Validator, ValidationError, validators

from leastwise.declare.formats import format_checker
from leastwise.declare.identities import UnfitError
from leastwise.declare.yaml_tree import Node, Place, Scalar, Sequence, Table, describe, plain, shown
from leastwise.errors import Problem

SCHEMA_FILE = "principals.schema.json"
KEYS_SHOWN = 8
KEYS_COMPARED = 100
"""For how many unknown keys of a mapping the one that was meant is looked for."""

Path: TypeAlias = tuple[str | int, ...]

_GLUED = re.compile(r"([a-z_]{1,20}):\s*([!-~]{1,200})")
"""A key and its value without the space that YAML wants between them, or with one that is no plain space."""
_TYPE_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "null": "",
}
_ABOUT_KEYS = frozenset({"additionalProperties", "dependentRequired", "not", "oneOf", "required"})
"""Rules about which keys a mapping has: where they are broken, the values of the keys may still be sound."""


def problems_of_form(root: Node, path: str) -> tuple[list[Problem], frozenset[Path]]:
    """What the schema objects to, and the paths of the values it objects to.

    Where one value breaks several rules, the one with the best advice speaks for all.
    """
    errors = sorted(_validator().iter_errors(plain(root)), key=_rank)
    misspelt = _misspelt_keys(errors)
    problems: dict[tuple[Place, str], Problem] = {}
    broken: set[Path] = set()
    for error in errors:
        for place, expected, found in _in_words(error, root, misspelt):
            rule = expected if error.validator in _ABOUT_KEYS else ""
            problems.setdefault((place, rule), Problem(path, place.line, place.column, expected, found))
        if error.validator not in _ABOUT_KEYS and not _is_about_a_key(error, root):
            broken.add(tuple(error.absolute_path))
    return list(problems.values()), frozenset(broken)


def node_at(root: Node, path: Path) -> Node:
    """The node that a path of keys and indices leads to; the last one there is where the path leads on."""
    node = root
    for step in path:
        match node, step:
            case Table(), str():
                below = node.value(step)
            case Sequence(items=items), int():
                below = items[step]
            case _:
                below = None
        if below is None:
            return node
        node = below
    return node


@cache
def _validator() -> Draft202012Validator:
    text = resources.files("leastwise.declare").joinpath(SCHEMA_FILE).read_text(encoding="utf-8")
    strict = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    return cast(Draft202012Validator, strict(json.loads(text), format_checker=format_checker()))


def _pattern(_: object, pattern: str, instance: object, __: object) -> Iterator[ValidationError]:
    r"""``$`` is the end, as in the standard's regular expressions; Python's lets an end of a line follow."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$\Z", r"\\Z", pattern), instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _rank(error: ValidationError) -> int:
    """Advice from a format first, then a wrong kind of value, then the rest."""
    return {"format": 0, "type": 1}.get(str(error.validator), 2)


def _misspelt_keys(errors: Iterable[ValidationError]) -> dict[Path, dict[str, str]]:
    """Mapping by mapping, the keys nobody knows -> the known key each was probably meant to be."""
    misspelt: dict[Path, dict[str, str]] = {}
    for error in errors:
        if error.validator == "additionalProperties":
            table = cast(Mapping[str, object], error.instance)
            known = list(_rules(error)["properties"])
            free = [key for key in known if key not in table]
            here = misspelt.setdefault(tuple(error.absolute_path), {})
            for count, key in enumerate(sorted(set(table) - set(known))):
                near = difflib.get_close_matches(key, free, 1) if count < KEYS_COMPARED else []
                here[key] = next(iter(near), "")
    return misspelt


def _in_words(
    error: ValidationError, root: Node, misspelt: Mapping[Path, Mapping[str, str]]
) -> Iterator[tuple[Place, str, str]]:
    """(place, expected, found) of each thing the error is about."""
    where: Path = tuple(error.absolute_path)
    node = node_at(root, where)
    meant = misspelt.get(where, {})
    match error.validator:
        case "additionalProperties":
            known = list(_rules(error)["properties"])
            for key, near in meant.items():
                expected = f"`{near}`" if near else _where_it_belongs(key, known)
                yield _key_place(node, key), expected, f"the unknown key {shown(key)}"
        case "required" | "dependentRequired":
            yield from _missing(error, node, meant)
        case "oneOf" if set(meant.values()) & _alternatives(error):
            return
        case "oneOf" | "not" if isinstance(node, Table):
            yield node.start, str(_rules(error)["errorMessage"]), _found_keys(error, node)
        case "oneOf" | "not":
            return  # that it is no mapping is said already
        case _ if _is_about_a_key(error, root):
            yield _key_place(node, str(error.instance)), *_unfit(error, shown(str(error.instance)))
        case "type":
            yield node.start, _right_kind(error, node), describe(node)
        case _:
            yield node.start, *_unfit(error, describe(node))


def _where_it_belongs(key: str, known: list[str]) -> str:
    """For a key that exists, though not here, where it stands; else which keys there are."""
    inside = next((name for name, keys in _keys_below().items() if name in known and key in keys), None)
    if inside:
        return f"`{key}` indented below `{inside}`"
    if key in _schema()["properties"]:
        return f"`{key}` at the top of the file, not indented"
    return f"one of {', '.join(f'`{name}`' for name in known)}"


def _schema() -> Mapping[str, Any]:
    return cast(Mapping[str, Any], _validator().schema)


@cache
def _keys_below() -> Mapping[str, frozenset[str]]:
    """The keys of a principal and of the file -> the keys that stand below each."""
    schema = _schema()
    keys = {**schema["properties"], **schema["$defs"]["principal"]["properties"]}
    return {name: frozenset(_below(rules)) for name, rules in keys.items()}


def _below(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys of the mapping (or of the mappings in the list) that a key stands for."""
    schema = _schema()
    while "$ref" in rules or "items" in rules:
        rules = schema["$defs"][rules["$ref"].rpartition("/")[2]] if "$ref" in rules else rules["items"]
    return cast(Mapping[str, Any], rules.get("properties", {}))


def _right_kind(error: ValidationError, node: Node) -> str:
    """What kind of value belongs there, written out of what stands there where that can be done."""
    types = error.validator_value
    known = list(_rules(error).get("properties", {}))
    if isinstance(node, Scalar) and (glued := _GLUED.fullmatch(node.text)) and glued[1] in known:
        is_arn = glued[1] == "arn" and not glued[2].startswith("arn:")
        return f"a space after a key's colon: `{glued[1]}: {node.text if is_arn else glued[2]}`"
    if isinstance(node, Scalar) and not node.is_null and _includes(types, "array"):
        return f"a list: [{shown(node.text)}]"
    if isinstance(node, Table) and _includes(types, "array"):
        return 'a list, each item of which begins with "- "'
    if known and _includes(types, "object"):
        more = ", …" if len(known) > KEYS_SHOWN else ""
        return f"a mapping with {', '.join(f'`{key}`' for key in known[:KEYS_SHOWN])}{more}"
    return _types(types)


def _includes(types: object, name: str) -> bool:
    return name in ([types] if isinstance(types, str) else cast(list[str], types))


def _is_about_a_key(error: ValidationError, root: Node) -> bool:
    """Whether a key itself is wrong (``propertyNames``): the path then leads to the mapping around it."""
    return isinstance(error.instance, str) and isinstance(node_at(root, tuple(error.absolute_path)), Table)


def _missing(
    error: ValidationError, node: Node, meant: Mapping[str, str]
) -> Iterator[tuple[Place, str, str]]:
    present = cast(Mapping[str, object], error.instance)
    if error.validator == "required":
        for key in cast(list[str], error.validator_value):
            if key not in present and key not in meant.values():
                yield node.start, f"`{key}`", _found_keys(error, node)
        return
    for cause, needed in cast(Mapping[str, list[str]], error.validator_value).items():
        for key in needed:
            if cause in present and key not in present and key not in meant.values():
                yield _key_place(node, cause), f"`{cause}` and `{key}` together", f"`{cause}` alone"


def _unfit(error: ValidationError, found: str) -> tuple[str, str]:
    if isinstance(error.cause, UnfitError):
        return error.cause.expected, error.cause.found or found
    if error.validator == "enum":
        return _choice(cast(list[object], error.validator_value), error.instance), found
    if error.validator in {"minLength", "minItems"}:
        return "something here", "nothing" if error.instance == "" else found
    return str(_rules(error).get("errorMessage", error.message)), found


def _rules(error: ValidationError) -> Mapping[str, Any]:
    """The part of our schema that the error comes from; JSON, so its values have no better type."""
    return cast(Mapping[str, Any], error.schema)


def _choice(values: list[object], instance: object) -> str:
    texts = [value for value in values if isinstance(value, str)]
    near = difflib.get_close_matches(str(instance), texts, 1)
    return near[0] if near else texts[0] if len(texts) == 1 else f"one of {', '.join(texts)}"


def _types(types: object) -> str:
    names = [types] if isinstance(types, str) else cast(list[str], types)
    if "string" in names and "integer" in names:
        names = ["string"]
    return " or ".join(_TYPE_WORDS[name] for name in names if _TYPE_WORDS[name])


def _alternatives(error: ValidationError) -> set[str]:
    return {
        key
        for option in cast(list[Mapping[str, list[str]]], error.validator_value)
        for key in option["required"]
    }


def _found_keys(error: ValidationError, node: Node) -> str:
    if not isinstance(node, Table) or not node.entries:
        return describe(node)
    keys = list(node.firsts)
    if error.validator == "not":
        forbidden = cast(Mapping[str, list[str]], error.validator_value)["required"]
        return "both " + " and ".join(f"`{key}`" for key in forbidden)
    if error.validator == "oneOf":
        chosen = [key for key in keys if key in _alternatives(error)]
        return " and ".join(f"`{key}`" for key in chosen) if chosen else "none of them"
    more = ", …" if len(keys) > KEYS_SHOWN else ""
    return "only " + ", ".join(map(shown, keys[:KEYS_SHOWN])) + more


def _key_place(node: Node, key: str) -> Place:
    entry = node.entry(key) if isinstance(node, Table) else None
    return entry[0].start if entry else node.start
