"""The ARN of a user or role that can be enrolled; for any other ARN, what to enrol in its place.

Sources: names and paths from the IAM API's own patterns (``userNameType``, ``roleNameType``, ``pathType`` in
botocore's ``iam/2010-05-08/service-2.json``); ARN forms from
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html; the roles of permission sets from
https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html (read 2026-11-23).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from leastwise.declare.yaml_tree import shown
from leastwise.model.declared import PrincipalKind

_ARN = re.compile(r"arn:(aws(?:-[a-z]+)*):([a-z0-9-]+):([a-z0-9-]*):([0-9]{12}|aws|):(.+)", re.DOTALL)
_PARTITION = re.compile(r"aws(?:-[a-z]+)*")
_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_PATH = re.compile(r"/(?:[\x21-\x7e]{1,510}/)?")
_PERMISSION_SET_ROLE = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")
_WANTED = "the ARN of a user or role, such as arn:aws:iam::111122223333:role/payments-api"
_FOLDER_NAMES = frozenset({".", ".."})
"""IAM takes these as names; as folders below ``policies/`` they would lead out of it."""


class UnfitError(ValueError):
    """A text is not what it should be: ``expected`` is what to write, ``found`` what stands there."""

    def __init__(self, expected: str, found: str | None = None) -> None:
        """``found`` is left out where the text itself says enough."""
        self.expected = expected
        self.found = found
        super().__init__(expected)


@dataclass(frozen=True, slots=True)
class Identity:
    """An IAM user or role; ``path`` begins and ends with ``/``."""

    kind: PrincipalKind
    partition: str
    account: str
    path: str
    name: str


def parse_identity(arn: str) -> Identity:
    """The user or role an ARN names.  Raises ``UnfitError``, with advice, where it cannot be enrolled."""
    match = _ARN.fullmatch(arn)
    if not match:
        raise _unfit_text(arn)
    partition, service, region, account, resource = match.groups()
    kind, _, rest = resource.partition("/")
    if service == "sts" or (service == "iam" and kind == "assumed-role"):
        raise _unfit_session(partition, account, kind, rest)
    if service != "iam" or kind not in {"user", "role"}:
        raise _unfit_resource(service, account, kind, rest)
    if region:
        raise UnfitError(f"an ARN without a region: arn:{partition}:iam::{account}:{resource}", f'"{region}"')
    if len(account) != 12:
        raise UnfitError(
            "a twelve-digit account ID in the ARN", f'"{account}" in {arn}' if account else "none"
        )
    path, _, name = f"/{rest}".rpartition("/")
    identity = Identity(PrincipalKind(kind), partition, account, f"{path}/", name)
    _refuse_what_has_no_policy_of_its_own(identity)
    return identity


def odd_character(text: str) -> str | None:
    """The name of the first character that is no printable ASCII: some look like a letter, some like none."""
    for character in text:
        if not " " <= character <= "~":
            return f"U+{ord(character):04X} {unicodedata.name(character, 'control character')}"
    return None


def is_name(text: str) -> bool:
    """Whether IAM takes it as the name of a user or role, and we as the name of a folder."""
    return _NAME.fullmatch(text) is not None and text not in _FOLDER_NAMES


def is_permission_set_name(text: str) -> bool:
    """The same for a permission set: ``PermissionSetName`` of sso-admin is ``[\\w+=,.@-]{1,32}``."""
    return is_name(text) and len(text) <= 32


def permission_set_of(role_name: str) -> str | None:
    """The permission set whose role this is; ``None`` for the roles of people."""
    match = _PERMISSION_SET_ROLE.fullmatch(role_name)
    return match.group(1) if match else None


def _refuse_what_has_no_policy_of_its_own(identity: Identity) -> None:
    if not is_name(identity.name):
        raise UnfitError(
            "a name of up to 64 letters, digits and _+=,.@- at the ARN's end, without wildcards",
            _with_odd_character(identity.name),
        )
    if not _PATH.fullmatch(identity.path):
        raise UnfitError("a path of printable ASCII characters, of at most 512, in the ARN")
    if identity.kind is PrincipalKind.ROLE and identity.path.startswith("/aws-service-role/"):
        raise UnfitError(
            "a role whose policy you can edit",
            "a service-linked role: its policy belongs to the AWS service, so it cannot be enrolled",
        )
    permission_set = permission_set_of(identity.name)
    if identity.kind is PrincipalKind.ROLE and permission_set:
        raise _unfit_permission_set_role(permission_set, identity.account)


def _with_odd_character(text: str) -> str | None:
    odd = odd_character(text)
    return odd and f"{shown(text)} with {odd} in it"


def _unfit_text(text: str) -> UnfitError:
    """Says which part of an ARN is none, as far as the text is one."""
    parts = text.split(":", 5)
    if len(parts) == 6 and parts[0] == "arn" and parts[2] in {"iam", "sts"}:
        if not _PARTITION.fullmatch(parts[1]):
            return UnfitError(
                "a partition of AWS in the ARN: aws, aws-cn, aws-us-gov …", f'"{parts[1][:40]}"'
            )
        if not re.fullmatch("[0-9]{12}", parts[4]):
            return UnfitError(
                "a twelve-digit account ID in the ARN, as in 111122223333", f'"{parts[4][:40]}"'
            )
    return UnfitError(_WANTED, _with_odd_character(text))


def _unfit_session(partition: str, account: str, kind: str, rest: str) -> UnfitError:
    role = rest.partition("/")[0]
    if kind != "assumed-role" or not role:
        return UnfitError("the ARN of the IAM user or role that holds the permissions", "an STS session")
    permission_set = permission_set_of(role)
    if permission_set:
        return _unfit_permission_set_role(permission_set, account)
    advice = f"arn:{partition}:iam::{account}:role/{role}"
    return UnfitError(
        f"the ARN of the role: {advice} (with the role's path, if it has one)", "an STS session"
    )


def _unfit_permission_set_role(permission_set: str, account: str) -> UnfitError:
    return UnfitError(
        f'`permission_set: {permission_set}` with `accounts: ["{account}"]` in place of an ARN',
        "a role that IAM Identity Center makes and makes again",
    )


def _unfit_resource(service: str, account: str, kind: str, rest: str) -> UnfitError:
    if service == "iam" and kind == "root":
        return UnfitError(
            "an IAM user or role", f"the root user of account {account}, whom no IAM policy limits"
        )
    if service == "iam" and kind == "group":
        return UnfitError(
            f"`group: {rest.rpartition('/')[2]}` with its `members:` listed", "an IAM group's ARN"
        )
    if service == "iam" and kind == "instance-profile":
        return UnfitError("the ARN of the role inside the instance profile", "an instance profile's ARN")
    if service == "iam" and kind == "policy":
        return UnfitError("the ARN of the user or role that the policy is attached to", "a policy's ARN")
    if service == "sso" and kind == "permissionSet":
        return UnfitError("`permission_set:` with its name and `accounts:`", "a permission set's ARN")
    return UnfitError(_WANTED)
