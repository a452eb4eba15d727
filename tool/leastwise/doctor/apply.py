"""The least that ``leastwise apply`` must be allowed, by the declaration: whom it writes to, nobody else.

Actions, resource types and condition keys (2026-11-23): https://docs.aws.amazon.com/service-authorization/
latest/reference/list_awsidentityandaccessmanagementiam.html, …/list_awsiamidentitycenter.html.  Names of
customer managed policies are unique in an account, whatever their path: ``policy/*/NAME`` is that one policy.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from leastwise.doctor.policy import Needed, policy_for_entering
from leastwise.iam.document import render
from leastwise.iam.glob import escape
from leastwise.iam.size import MANAGED_POLICY_CHARACTERS
from leastwise.iam.statement import Condition, Effect, PolicyDocument, Statement
from leastwise.model.declared import Ownership, PrincipalKind
from leastwise.model.policies import policy_name
from leastwise.plan.desired import new_path
from leastwise.propose.split import packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leastwise.aws.sso_admin import PermissionSet
    from leastwise.model.declared import Declaration, Principal

_KINDS = {PrincipalKind.USER: "User", PrincipalKind.ROLE: "Role"}
_POLICY_WRITES = (
    *("iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion"),
    "iam:SetDefaultPolicyVersion",
)
_POLICY_READS = ("iam:GetPolicy", "iam:GetPolicyVersion", "iam:ListPolicyVersions")
_ACCOUNT_READS = ("iam:GetAccountSummary", "iam:ListPolicies")
_CENTER_READS = (
    *("sso:DescribePermissionSet", "sso:DescribePermissionSetProvisioningStatus"),
    *("sso:GetInlinePolicyForPermissionSet", "sso:GetPermissionsBoundaryForPermissionSet"),
    *("sso:ListAccountsForProvisionedPermissionSet", "sso:ListManagedPoliciesInPermissionSet"),
    *("sso:ListCustomerManagedPolicyReferencesInPermissionSet", "sso:ListPermissionSets"),
)
_INSTANCES = "sso:ListInstances"
_CENTER_WRITES = (
    "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
    "sso:AttachManagedPolicyToPermissionSet",
    "sso:DeleteInlinePolicyFromPermissionSet",
    "sso:DetachCustomerManagedPolicyReferenceFromPermissionSet",
    "sso:DetachManagedPolicyFromPermissionSet",
    "sso:ProvisionPermissionSet",
    "sso:PutInlinePolicyToPermissionSet",
)
_VERBS = ("Attach", "Detach", "Put", "Delete")
_STATE = ("s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject")
"""For keeping the journal in a bucket."""
_NEVER_ATTACHED = ("AdministratorAccess", "IAMFullAccess")
"""AWS-managed policies by which whoever holds them can give itself everything."""
APPLY_ROLE = "leastwise-apply*"
"""What the roles and policies of leastwise itself are called in ``deploy/apply-role.yml``."""


def apply_policies(
    declaration: Declaration,
    names: Mapping[str, Sequence[str]],
    sets: Mapping[str, PermissionSet] = MappingProxyType({}),
) -> tuple[Needed, ...]:
    """What each identity must be allowed, our own first; several policies where one is too small.

    ``names`` holds the names of each principal's own customer managed policies, by its key.  AWS makes up
    the ARNs of permission sets: those that are not among ``sets``, by name, the policy says where to put.
    """
    held: dict[str, list[Statement]] = {"": []}
    for account, members in _by_account(declaration).items():
        holder = declaration.apply_roles.get(account, "")
        held.setdefault(holder, []).extend(_of_account(account, members, names))
    center = [each for each in _enrolled(declaration) if each.kind is PrincipalKind.PERMISSION_SET]
    if center:
        account = declaration.identity_center.account
        holder = declaration.apply_roles.get(account, "")
        held.setdefault(holder, []).extend(_of_center(center, partition_of(declaration), sets))
    return (
        *(Needed(holder, text) for holder, found in sorted(held.items()) for text in _texts(found)),
        *(Needed("", policy_for_entering(role)) for role in sorted(filter(None, held))),
    )


def reading_policy() -> str:
    """What reads what is live, of everybody: for plans, and for telling what was changed by hand."""
    return render(PolicyDocument((_allow("ReadWhatIsLive", _every_read(), ("*",)),)))


def apply_boundary(declaration: Declaration) -> str:
    """The permissions boundary of an applying role: what no later version of its policies can exceed."""
    partition = partition_of(declaration)
    referred = {each for one in _enrolled(declaration) for each in one.references}
    attach = tuple(f"iam:Attach{kind}Policy" for kind in _KINDS.values())
    writes = (*_POLICY_WRITES, *(f"iam:{verb}{kind}Policy" for verb in _VERBS for kind in _KINDS.values()))
    ours = tuple(
        f"arn:{partition}:iam::*:{kind}/{path}{APPLY_ROLE}"
        for kind in ("policy", "role")
        for path in ("", "*/")
    )
    powerful = {f"arn:{partition}:iam::aws:policy/{name}" for name in _NEVER_ATTACHED} - referred
    everything = (*writes, *_every_read(), *_CENTER_WRITES, "sts:AssumeRole")
    at_most = Statement(Effect.ALLOW, tuple(sorted({*everything, *_STATE})), (), ("*",), sid="AtMost")
    not_itself = Statement(Effect.DENY, tuple(sorted(writes)), (), ours, sid="NotItself")
    no_more = Statement(
        Effect.DENY,
        attach,
        (),
        ("*",),
        conditions=(Condition("ArnEquals", "iam:PolicyARN", tuple(sorted(powerful))),),
        sid="NoAdministrators",
    )
    return render(PolicyDocument((at_most, not_itself, *([no_more] if powerful else []))))


def _enrolled(declaration: Declaration) -> Iterator[Principal]:
    return (each for each in declaration.principals if each.ownership is Ownership.APPLY)


def _by_account(declaration: Declaration) -> dict[str, list[Principal]]:
    """The users and roles of each account, in the order of the declaration."""
    accounts: dict[str, list[Principal]] = {}
    for principal in _enrolled(declaration):
        if principal.kind in _KINDS:
            accounts.setdefault(principal.accounts[0], []).append(principal)
    return accounts


def _of_account(
    account: str, members: Sequence[Principal], names: Mapping[str, Sequence[str]]
) -> Iterator[Statement]:
    partition = str(members[0].arn).split(":")[1]
    local = f"arn:{partition}:iam::{account}:policy/"
    yield _allow("ReadAccount", _ACCOUNT_READS, ("*",))
    yield _allow("ReadPolicies", _POLICY_READS, (f"{local}*", f"arn:{partition}:iam::aws:policy/*"))
    for kind, word in _KINDS.items():
        arns = [str(member.arn) for member in members if member.kind is kind]
        if arns:
            yield _allow(f"Read{word}s", _reads(word), arns)
            writes = (f"iam:Delete{word}Policy", f"iam:Detach{word}Policy", f"iam:Put{word}Policy")
            yield _allow(f"Write{word}s", writes, arns)
    own = [pattern for member in members for pattern in _own(member, local, names)]
    yield _allow("WritePolicies", _POLICY_WRITES, own)
    for number, member in enumerate(members, 1):
        action = f"iam:Attach{_KINDS[member.kind]}Policy"
        may_hold = (*_own(member, local, names), *_others(member, local))
        only = (Condition("ArnLike", "iam:PolicyARN", may_hold),)
        yield replace(_allow(f"Attach{number}", (action,), (str(member.arn),)), conditions=only)


def _own(member: Principal, local: str, names: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Its own policies: those that leastwise makes for it, and those that were there before, by name."""
    made = local + escape(new_path(member).removeprefix("/")) + "*"
    return (made, *(pattern for name in names.get(member.key, ()) for pattern in _at(local, name)))


def _others(member: Principal, local: str) -> tuple[str, ...]:
    """The shared and AWS-managed policies that it is declared to be attached to, and its trial's."""
    shared = (each for each in member.references if not each.startswith("arn:"))
    names = map(policy_name, shared)
    aws_managed = (each for each in member.references if each.startswith("arn:"))
    return (*(pattern for name in names for pattern in _at(local, name)), *aws_managed)


def _at(local: str, name: str) -> tuple[str, str]:
    """The policy of that name, at the root or below any path."""
    return f"{local}{escape(name)}", f"{local}*/{escape(name)}"


def _every_read() -> tuple[str, ...]:
    of_kinds = (each for kind in _KINDS.values() for each in _reads(kind))
    return (*_POLICY_READS, *_ACCOUNT_READS, *of_kinds, *_CENTER_READS, _INSTANCES)


def _reads(kind: str) -> tuple[str, ...]:
    groups = ("iam:ListGroupsForUser",) if kind == "User" else ()
    return (
        *(f"iam:Get{kind}", f"iam:Get{kind}Policy", f"iam:ListAttached{kind}Policies"),
        f"iam:List{kind}Policies",
        *groups,
    )


def _of_center(
    members: Sequence[Principal], partition: str, sets: Mapping[str, PermissionSet]
) -> Iterator[Statement]:
    """Every call about a permission set is authorized on its instance and on itself.

    To find one by its name, all of the instance are described.
    """
    found = [sets[member.name] for member in members if member.name in sets]
    known = {each.instance for each in found} if len(found) == len(members) else {""}
    instances = [each or f"arn:{partition}:sso:::instance/*" for each in sorted(known)]
    all_sets = [f"{each.replace(':instance/', ':permissionSet/')}/*" for each in instances]
    accounts = sorted({account for member in members for account in member.accounts})
    written = [
        sets[member.name].arn if member.name in sets else f"ARN-OF-PERMISSION-SET-{member.name}"
        for member in members
    ]
    yield _allow("FindIdentityCenter", (_INSTANCES,), ("*",))
    yield _allow("ReadPermissionSets", _CENTER_READS, (*instances, *all_sets))
    places = (*instances, *written, *(f"arn:{partition}:sso:::account/{account}" for account in accounts))
    yield _allow("WritePermissionSets", _CENTER_WRITES, places)
    yield _allow("ReadAWSManagedPolicies", _POLICY_READS, (f"arn:{partition}:iam::aws:policy/*",))


def _allow(sid: str, actions: Iterable[str], resources: Iterable[str]) -> Statement:
    return Statement(Effect.ALLOW, tuple(sorted(actions)), (), tuple(dict.fromkeys(resources)), sid=sid)


def _texts(statements: Sequence[Statement]) -> list[str]:
    document = PolicyDocument(tuple(statements))
    return [render(part) for part in packed(document, MANAGED_POLICY_CHARACTERS)] if statements else []


def partition_of(declaration: Declaration) -> str:
    """The partition of whoever is enrolled: nobody works in two."""
    arns = (arn for principal in declaration.principals for arn in (principal.arn, *principal.members) if arn)
    return next((arn.split(":")[1] for arn in arns), "aws")
