"""IAM evaluation the obvious way, written apart from leastwise.iam: recursion, enumeration, no cleverness.

It knows two truth values and a complete context, String, Bool and Null conditions, and both readings of ARN
patterns.  It shares no code with the evaluator under test except the values of the policy language.
"""

from __future__ import annotations

from functools import cache


@cache
def fits(pattern: tuple, text: str) -> bool:
    """Pattern: a tuple of ("char", c), ("any",), ("star",)."""
    if not pattern:
        return not text
    head, rest = pattern[0], pattern[1:]
    if head[0] == "star":
        return fits(rest, text) or (bool(text) and fits(pattern, text[1:]))
    return bool(text) and (head[0] == "any" or head[1] == text[0]) and fits(rest, text[1:])


def read(text: str, context: dict, with_variables: bool):
    """The pattern with its variables filled in; None if one has no value."""
    values = tuple(sorted(context.items())) if with_variables and "${" in text else ()
    return read_once(text, values, with_variables)


@cache
def read_once(text: str, values: tuple, with_variables: bool):
    pieces, context = [], dict(values)
    while text:
        if with_variables and text.startswith("${"):
            name, _, text = text[2:].partition("}")
            if name in ("*", "?", "$"):
                pieces.append(("char", name))
                continue
            values = context.get(name)
            if not values:
                return None
            pieces += [("char", character) for character in values[0]]
        else:
            pieces.append({"*": ("star",), "?": ("any",)}.get(text[0], ("char", text[0])))
            text = text[1:]
    return tuple(pieces)


def resource_fits(pattern: tuple, resource: str, reading: str) -> bool:
    if reading == "flat" or set(pattern) == {("star",)}:
        return fits(pattern, resource)
    segments = [()]
    for piece in pattern:
        if piece == ("char", ":") and len(segments) < 6:
            segments.append(())
        else:
            segments[-1] += (piece,)
    segments += [(("star",),)] * (6 - len(segments))
    parts = resource.split(":", 5)
    return len(parts) == 6 and all(fits(*pair) for pair in zip(segments, parts, strict=True))


def applies(statement, with_variables: bool, request, reading: str) -> bool:
    wanted = statement.actions or statement.not_actions
    named = any(fits(read(entry.lower(), {}, False), request.action.lower()) for entry in wanted)
    if named == bool(statement.not_actions):
        return False
    listed = False
    for entry in statement.resources or statement.not_resources:
        pattern = read(entry, request.context, with_variables)
        if pattern is not None and resource_fits(pattern, request.resource, reading):
            listed = True
    if listed == bool(statement.not_resources):
        return False
    return all(condition_holds(line, request.context, with_variables) for line in statement.conditions)


def condition_holds(line, context: dict, with_variables: bool) -> bool:
    name, values = line.operator, context.get(line.key) or ()
    if name == "Null":
        return any((value == "true") == (not values) for value in line.values)
    for_all, for_any = name.startswith("ForAllValues:"), name.startswith("ForAnyValue:")
    name = name.rpartition(":")[2]
    if not values:
        return for_all or (not for_any and (name.endswith("IfExists") or "Not" in name))
    name = name.removesuffix("IfExists")
    verdicts = [value_passes(name, line.values, value, context, with_variables) for value in values]
    return any(verdicts) if for_any else all(verdicts)


def value_passes(name: str, expected, value: str, context: dict, with_variables: bool) -> bool:
    hits = [one_passes(name.replace("Not", ""), each, value, context, with_variables) for each in expected]
    return not any(hits) if "Not" in name else any(hits)


def one_passes(name: str, expected: str, value: str, context: dict, with_variables: bool) -> bool:
    if name == "Bool":
        return expected == value
    pattern = read(expected, context, with_variables)
    if pattern is None:
        return False
    if name == "StringLike":
        return fits(pattern, value)
    plain = "".join({"star": "*", "any": "?"}.get(piece[0]) or piece[1] for piece in pattern)
    return plain.lower() == value.lower() if name == "StringEqualsIgnoreCase" else plain == value


def decide(documents, request, reading: str) -> str:
    """ALLOW, DENY or NONE."""
    effects = {
        statement.effect.value
        for document in documents
        for statement in document.statements
        if applies(statement, document.version.value == "2012-10-17", request, reading)
    }
    return "DENY" if "Deny" in effects else "ALLOW" if "Allow" in effects else "NONE"
