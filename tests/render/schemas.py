"""The schemas as users find them: files beside each other that name one another."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

OUTPUTS = ("trace", "evidence", "diff", "propose", "check", "replay", "prove", "plan", "audit", "query")


@cache
def schema(name: str) -> dict:
    file = resources.files("leastwise.render").joinpath("schemas", f"{name}.schema.json")
    return json.loads(file.read_text("utf-8"))


@cache
def validator(name: str, definition: str = "") -> Draft202012Validator:
    """Of an output, or of one of its ``$defs``."""
    files = {f"{each}.schema.json": Resource.from_contents(schema(each)) for each in ("common", *OUTPUTS)}
    registry = Registry().with_resources(files.items())
    pointer = f"#/$defs/{definition}" if definition else ""
    return Draft202012Validator(
        {"$ref": f"{name}.schema.json{pointer}"}, registry=registry, format_checker=FormatChecker(["date"])
    )


def valid(name: str, output: object, definition: str = "") -> object:
    """What a program reads that gets the output, after the schema has said yes to it."""
    read = json.loads(json.dumps(output))
    validator(name, definition).validate(read)
    return read
