"""Values held against the shapes of botocore's service models, with what botocore itself leaves to AWS.

``ParamValidator`` knows types, required members and least lengths; enumerations, patterns and greatest
lengths are checked by the service, so a fake that let them pass would take what AWS refuses.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import regex
from botocore.validate import ParamValidator

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMON_ERRORS = {
    "AccessDeniedException": 403,
    "ExpiredTokenException": 403,
    "InvalidSignatureException": 403,
    "ThrottlingException": 400,
}
"""https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/CommonErrors.html"""


def hold(shape: Any, value: Any) -> None:
    """Fails where a request or response is not one of the model's."""
    assert isinstance(value, dict)
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), report.generate_report()
    wrong = list(_wrong(shape, value, shape.name))
    assert not wrong, "; ".join(wrong)


def refusal(model: Any, code: str, message: str) -> tuple[int, dict[str, Any]]:
    """The status and body of an error, with every member that the model requires of it."""
    shape = next((shape for shape in model.error_shapes if shape.name == code), None)
    if shape is None:
        assert code in COMMON_ERRORS, f"{model.name} answers with no {code}"
        return COMMON_ERRORS[code], {"message": message}
    body = {name: _some(shape.members[name]) for name in shape.required_members} | {"message": message}
    return int(shape.metadata.get("error", {}).get("httpStatusCode", 400)), body


def _wrong(shape: Any, value: Any, place: str) -> Iterator[str]:
    if shape.type_name == "structure":
        yield from _wrong_members(shape, value, place)
    elif shape.type_name == "list":
        yield from _too_long(shape, value, place)
        for number, each in enumerate(value):
            yield from _wrong(shape.member, each, f"{place}[{number}]")
    elif shape.type_name == "map":
        for key, each in value.items():
            yield from _wrong(shape.value, each, f"{place}[{key}]")
    elif shape.type_name == "string":
        yield from _wrong_text(shape, value, place)


def _wrong_members(shape: Any, value: Any, place: str) -> Iterator[str]:
    yield from (f"{place} has no member {name}" for name in value.keys() - shape.members.keys())
    for name in value.keys() & shape.members.keys():
        yield from _wrong(shape.members[name], value[name], f"{place}.{name}")


def _wrong_text(shape: Any, value: str, place: str) -> Iterator[str]:
    yield from _too_long(shape, value, place)
    if shape.enum and value not in shape.enum:
        yield f"{place} is {value!r}, none of {shape.enum}"
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield f"{place} is {value!r}, and does not match {pattern}"


def _too_long(shape: Any, value: Any, place: str) -> Iterator[str]:
    most = shape.metadata.get("max")
    if most is not None and len(value) > most:
        yield f"{place} has {len(value)} of at most {most}"


@cache
def _compiled(pattern: str) -> regex.Pattern[str]:
    r"""A pattern of a model, where ``\p{L}`` is any letter; Java writes characters beyond 16 bits as two."""
    return regex.compile(pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF"))


def _some(shape: Any) -> Any:
    """A value of a shape, for members of which nobody reads what they say."""
    if shape.type_name == "string":
        return shape.enum[0] if shape.enum else "of the fake"
    return {"integer": 0, "boolean": False, "list": [], "structure": {}}[shape.type_name]
