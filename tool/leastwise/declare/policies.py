"""The files below ``policies/`` -> ``Policies``, or every problem in them at once.

The layout, with ``inline/`` before the file's name for an inline policy of a user, role or group::

    <account>/role/<name>/<policy>.json      <account>/user/<name>/<policy>.json
    permission-set/<name>/<policy>.json      group/<name>/<policy>.json
    shared/<policy>.json                     aws/<path and name>.json
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from leastwise.declare.identities import is_name
from leastwise.declare.yaml_tree import shown
from leastwise.errors import DeclarationError, PolicySyntaxError, Problem
from leastwise.iam import glob
from leastwise.iam.condition import operator
from leastwise.iam.document import parse
from leastwise.model.declared import PrincipalKind
from leastwise.model.policies import Policies, PolicyFile, PolicyKind, policy_path
from leastwise.quota import budgets
from leastwise.reference.actions import expand, reference_version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.model.declared import Declaration

FOLDER = "policies"
LAYOUT = (
    "<account>/role/<name>/<policy>.json, <account>/user/<name>/…, permission-set/<name>/…, group/<name>/…,"
    " shared/… or aws/…, with `inline/` before an inline policy's file"
)

_ACCOUNT = re.compile(r"[0-9]{12}")
_PARTITION = re.compile(r"aws(?:-[a-z]+)*")
_POLICY_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,128}")
"""``policyNameType`` of the IAM API (botocore's ``iam/2010-05-08/service-2.json``)."""


def read_policies(
    files: Mapping[str, str], declaration: Declaration, declared_in: str = "principals.yaml"
) -> Policies:
    """The policies of ``files`` (path below ``policies/`` -> text), for the principals of a declaration.

    Raises ``DeclarationError`` with every problem: files out of place, texts that are no policy, policies
    over their quota, and policies that a principal refers to and that have no file.  Files that are not
    ``.json`` are passed over.
    """
    problems: list[Problem] = []
    policies: dict[str, PolicyFile] = {}
    for path in sorted(files):
        if path.endswith(".json"):
            try:
                policies[path] = _policy_file(path, files[path])
            except (DeclarationError, PolicySyntaxError) as error:
                problems.extend(error.problems)
    problems.extend(_over_quota(policies.values()))
    problems.extend(_sets_of_two_versions(policies.values()))
    problems.extend(missing_files(declaration, files, declared_in))
    if problems:
        raise DeclarationError(problems)
    return Policies(MappingProxyType(policies), tuple(_notes(files, policies, declaration)))


def _policy_file(path: str, text: str) -> PolicyFile:
    kind, folder = _held(path)
    return PolicyFile(path, text, parse(text, f"{FOLDER}/{path}"), kind, folder)


def _held(path: str) -> tuple[PolicyKind, str]:
    """How the policy at a path is held, and by which folder's principal."""
    *folders, file_name = path.split("/")
    if not _POLICY_NAME.fullmatch(file_name.removesuffix(".json")):
        raise _misplaced(path, "a policy name of up to 128 letters, digits and _+=,.@-", file_name)
    if not all(is_name(folder) for folder in folders):
        raise _misplaced(path, "folders named with letters, digits and _+=,.@-", "/".join(folders))
    match folders:
        case ["shared", *_]:
            return PolicyKind.SHARED, ""
        case [partition, *_] if _PARTITION.fullmatch(partition):
            return PolicyKind.AWS_MANAGED, ""
        case ["permission-set", _] | ["permission-set", _, "inline"]:
            return PolicyKind.INLINE, "/".join(folders[:2])
        case ["group", _, *inline] if inline in ([], ["inline"]):
            return _kind(inline), "/".join(folders[:2])
        case [account, "role" | "user", _, *inline] if inline in ([], ["inline"]):
            if not _ACCOUNT.fullmatch(account):
                raise _misplaced(path, "a twelve-digit account ID as the first folder", account)
            return _kind(inline), "/".join(folders[:3])
        case _:
            raise _misplaced(path, f"a file at {LAYOUT}", path)


def _kind(inline: Sequence[str]) -> PolicyKind:
    return PolicyKind.INLINE if inline else PolicyKind.MANAGED


def _misplaced(path: str, expected: str, found: str) -> DeclarationError:
    return DeclarationError([Problem(f"{FOLDER}/{path}", 0, 0, expected, shown(found))])


def _over_quota(policies: Iterable[PolicyFile]) -> Iterator[Problem]:
    for budget in budgets(policies):
        if budget.used > budget.quota:
            expected = f"at most {budget.quota:,} {budget.rule}"
            yield Problem(f"{FOLDER}/{budget.path}", 0, 0, expected, f"{budget.used:,}")


def _sets_of_two_versions(policies: Iterable[PolicyFile]) -> Iterator[Problem]:
    """The files of a permission set become one policy, which has one ``Version``."""
    first: dict[str, PolicyFile] = {}
    for file in policies:
        if file.folder.startswith(f"{PrincipalKind.PERMISSION_SET.value}/"):
            other = first.setdefault(file.folder, file)
            wanted, found = other.document.version.value, file.document.version.value
            if wanted != found:
                expected = f'"Version": "{wanted}" as in {other.path}: both become one inline policy'
                yield Problem(f"{FOLDER}/{file.path}", 0, 0, expected, shown(found))


def missing_files(
    declaration: Declaration, files: Iterable[str], declared_in: str = "principals.yaml"
) -> Iterator[Problem]:
    """The policies that principals refer to and ``files`` (paths below ``policies/``) lacks."""
    places: dict[str, tuple[int, int]] = {}
    for principal in declaration.principals:
        for reference in principal.references:
            places.setdefault(reference, declaration.named_at.get(reference, (principal.line, 1)))
    for reference, place in places.items():
        path = policy_path(reference)
        if path not in files:
            expected = f"the file {FOLDER}/{path}{_how_to_get(reference, path)}"
            yield Problem(declared_in, *place, expected, "none")


def _how_to_get(reference: str, path: str) -> str:
    if not reference.startswith("arn:"):
        return ""
    file = f"{FOLDER}/{path}"
    version = f"$(aws iam get-policy --policy-arn {reference} --query Policy.DefaultVersionId --output text)"
    get = f"aws iam get-policy-version --policy-arn {reference} --version-id {version}"
    folder = file.rpartition("/")[0]
    return f" (made by: mkdir -p {folder} && {get} --query PolicyVersion.Document > {file})"


def _notes(
    files: Mapping[str, str], policies: Mapping[str, PolicyFile], declaration: Declaration
) -> Iterator[str]:
    enrolled = {principal.folder for principal in declaration.principals}
    for folder in sorted({file.folder for file in policies.values() if file.folder} - enrolled):
        yield f"{FOLDER}/{folder}/ belongs to no enrolled principal."
    for path in sorted(files):
        file_name = path.rpartition("/")[2]
        if not file_name.endswith((".json", ".md")) and not file_name.startswith("."):
            yield f"{FOLDER}/{path} was not read: policies are .json files."
    for path in sorted(policies):
        if not path.startswith("aws/"):
            notes = (*_unknown_words(policies[path]), *_placeholders(policies[path]))
            yield from (f"{FOLDER}/{path}: {note}" for note in notes)


def _unknown_words(file: PolicyFile) -> Iterator[str]:
    """Actions and operators that AWS does not have: IAM takes such actions without a word."""
    statements = file.document.statements
    patterns = dict.fromkeys(text for each in statements for text in (*each.actions, *each.not_actions))
    for pattern in patterns:
        if not expand(pattern):
            yield f"no action is called {shown(pattern)}: a slip, or newer than {reference_version()}."
    for name in dict.fromkeys(condition.operator for each in statements for condition in each.conditions):
        if operator(name) is None:
            yield f"no condition operator is called {shown(name)}: IAM will refuse the policy."


def _placeholders(file: PolicyFile) -> Iterator[str]:
    """``${BucketName}`` of a policy template, which IAM takes for a variable; ``${aws:username}`` is one."""
    if not file.document.version.has_variables:
        return
    texts = (
        text
        for each in file.document.statements
        for text in (
            *each.resources,
            *each.not_resources,
            *(value for condition in each.conditions for value in condition.values),
        )
    )
    found = (variable for text in texts for variable in glob.parse(text).variables)
    names = dict.fromkeys(shown(each.text) for each in found if not each.key or "::" in each.key)
    if names:
        yield f"IAM has no variables {', '.join(names)}: placeholders that nobody filled in?"
