"""What a single scalar of ``principals.yaml`` may say: the ``format`` names of ``principals.schema.json``.

A format goes beyond a pattern where the answer needs thought (is 2026-02-30 a day?) or deserves advice (which
role does this session ARN belong to?).  Editors ignore format names they do not know.
"""

from __future__ import annotations

import re
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from jsonschema import FormatChecker

from leastwise.declare.identities import UnfitError, is_name, is_permission_set_name, parse_identity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DAYS = 3650
MIN_YEAR = 2000
MAX_YEAR = 2999

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ACTION = re.compile(r"\*|[a-z0-9-]+:[a-z0-9*?]+", re.IGNORECASE | re.ASCII)
_RESOURCE = re.compile(r"\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
_OWNER = re.compile(
    r"@[a-z0-9](?:[a-z0-9_-]{0,99})(?:/[a-z0-9._-]{1,100})?"
    r"|[^@\s<>()\[\],;:\"]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+",
    re.IGNORECASE | re.ASCII,
)
_AWS_POLICY = re.compile(r"arn:aws(?:-[a-z]+)*:iam::aws:policy/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+")
_SHARED_POLICY = re.compile(r"shared/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+\.json")
_S3_FOLDER = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:/.*)?")
_POLICY_AS_WRITTEN = re.compile(r"(?:\./)?(?:policies/)?(.*?)(?:\.json|\.ya?ml)?", re.IGNORECASE | re.DOTALL)
_CUSTOMER_POLICY = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:policy/(?:.*/)?([A-Za-z0-9_+=,.@-]+)")


def format_checker() -> FormatChecker:
    """A checker that knows our formats; the cause of each error it finds is an ``UnfitError``."""
    checker = FormatChecker(formats=())
    for name, parse in _FORMATS.items():
        checker.checks(name, raises=UnfitError)(_accepting_texts(parse))
    return checker


def parse_day(text: str) -> date:
    """``2026-11-01`` as a date: ISO 8601, no other spelling.  Raises ``UnfitError``."""
    if not _DAY.fullmatch(text):
        raise UnfitError("a day written YYYY-MM-DD, such as 2026-11-01")
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise UnfitError("a day that the calendar has") from error
    if not MIN_YEAR <= day.year <= MAX_YEAR:
        raise UnfitError(f"a day between the years {MIN_YEAR} and {MAX_YEAR}")
    return day


def parse_days(text: str) -> int:
    """A trial's length in days, 1 to ``MAX_DAYS``.  Raises ``UnfitError``."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MAX_DAYS:
        raise UnfitError(f"a whole number of days from 1 to {MAX_DAYS}")
    return int(text)


def _check_policy(text: str) -> None:
    leads_out = {".", ".."} & set(text.split("/"))
    if not leads_out and (_AWS_POLICY.fullmatch(text) or _SHARED_POLICY.fullmatch(text)):
        return
    customer = _CUSTOMER_POLICY.fullmatch(text)
    if customer:
        advice = f"policies/shared/{customer.group(1)}.json"
        expected = f"the policy's text kept as {advice}, and `{advice.removeprefix('policies/')}` here"
        raise UnfitError(expected, "the ARN of a customer managed policy")
    raise UnfitError(_meant_policy(text))


def _meant_policy(text: str) -> str:
    """What to write; of a bare name, or the file's path from the top, with that name."""
    match = _POLICY_AS_WRITTEN.fullmatch(text)
    path = match.group(1) if match else ""
    folder, _, name = path.rpartition("/")
    if folder not in {"", "aws", "shared"} or not is_name(name):
        return "an AWS-managed policy's ARN or a file like shared/logging.json"
    arn, file = f"arn:aws:iam::aws:policy/{name}", f"shared/{name}.json"
    return {"aws": arn, "shared": file}.get(folder, f"{arn}, or {file}")


def _check_account(text: str) -> None:
    if not re.fullmatch(r"[0-9]{12}", text):
        digits = f"{len(text)} digits" if text.isascii() and text.isdigit() else None
        raise UnfitError("a twelve-digit account ID", digits and f'"{text[:40]}" of {digits}')


def _check_group_name(text: str) -> None:
    if not is_name(text):
        raise UnfitError("a name of up to 64 letters, digits and _+=,.@-")


def _check_permission_set_name(text: str) -> None:
    if text.startswith("arn:"):
        raise UnfitError("the permission set's name, as IAM Identity Center shows it", "an ARN")
    if not is_permission_set_name(text):
        raise UnfitError("the permission set's name: up to 32 letters, digits and _+=,.@-")


def _check_action(text: str) -> None:
    if not _ACTION.fullmatch(text):
        raise UnfitError("an action or a pattern of actions, such as s3:DeleteObject or iam:*")


def _check_resource(text: str) -> None:
    if not _RESOURCE.fullmatch(text):
        raise UnfitError("a resource ARN, which may have wildcards, or *")


def _check_log_folder(text: str) -> None:
    if text.startswith("~"):
        raise UnfitError("a folder from principals.yaml on, or an absolute one: ~ is for shells")
    if text.lower().startswith(("http://", "https://")) or text.startswith("arn:"):
        raise UnfitError("a folder, or s3://BUCKET/PREFIX/ for a trail's bucket")
    if text.startswith("s3:") and not _S3_FOLDER.fullmatch(text):
        raise UnfitError("the bucket and the prefix of a trail, as in s3://org-trail/AWSLogs/")


def _check_owner(text: str) -> None:
    if not _OWNER.fullmatch(text):
        raise UnfitError("@user, @organization/team or an e-mail address")


_FORMATS: Mapping[str, Callable[[str], object]] = MappingProxyType(
    {
        "day": parse_day,
        "days": parse_days,
        "iam-identity": parse_identity,
        "aws-account": _check_account,
        "policy-reference": _check_policy,
        "group-name": _check_group_name,
        "permission-set-name": _check_permission_set_name,
        "action-pattern": _check_action,
        "resource-pattern": _check_resource,
        "log-folder": _check_log_folder,
        "owner": _check_owner,
    }
)


def _accepting_texts(parse: Callable[[str], object]) -> Callable[[object], bool]:
    def check(value: object) -> bool:
        if isinstance(value, str):
            parse(value)
        return True

    return check
