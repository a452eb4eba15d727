"""A model of IAM in this process, so that the demo can go on where AWS would have to be called.

It is no AWS, and whoever uses it says so.  It holds the policies of users and roles of one account, knows
the calls that leastwise makes, and refuses what IAM refuses of them: a sixth version, a policy too large, a
policy deleted while it is attached, names that are not there.  A call it does not know is an error, never a
success.

Behaviour: IAM's API reference (https://docs.aws.amazon.com/IAM/latest/APIReference/, 2026-11-23).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leastwise.aws.caller import Caller, Refusal
from leastwise.aws.sessions import Aws
from leastwise.iam.size import MANAGED_POLICIES, MANAGED_POLICY_CHARACTERS, non_white_length

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


Json = dict[str, Any]
VERSIONS = 5
_VERBS = ("Attach", "Detach", "Get", "Put", "Delete", "ListAttached", "List")


@dataclass(slots=True)
class _Policy:
    """A managed policy; ``versions`` maps ID -> text, oldest first."""

    name: str
    arn: str
    versions: dict[str, str]
    default: str = "v1"
    made: int = 1


@dataclass(slots=True)
class _Entity:
    """A user or role."""

    arn: str
    attached: list[str] = field(default_factory=list)
    inline: dict[str, str] = field(default_factory=dict)


class ModelAws(Aws):
    """Stands where ``Aws`` stands and reaches none of it: ``iam`` is the model of one account."""

    def __init__(self, account: str, partition: str = "aws") -> None:
        """An account without users, roles and policies."""
        super().__init__({})
        self._iam = ModelIam(account, partition)
        self._partition = partition

    def caller(
        self, service: str, region: str, account: str = "", paces: Mapping[str, float] | None = None
    ) -> Caller:
        """See ``Aws.caller``."""
        place = f"a model of account {account or self._iam.account}"
        return Caller(service, region or place, lambda: self._model(service), self.clock, paces or {})

    def holds(self, arn: str, policies: Mapping[str, str], attached: tuple[str, ...] = ()) -> None:
        """Let a user or role be there, with managed policies of its own (name -> text) and AWS's attached."""
        self._iam.make(arn, policies, attached)

    def says(self, arn: str, text: str) -> None:
        """Let a policy of AWS's own say this."""
        self._iam.says(arn, text)

    def _model(self, service: str) -> ModelIam | ModelSts:
        if service == "sts":
            return ModelSts(self._iam.account, self._partition)
        if service != "iam":
            raise Refusal("InvalidAction", f"the demo's account has no {service}: it is a model of IAM alone")
        return self._iam


class ModelSts:
    """See ``Client``: who calls."""

    def __init__(self, account: str, partition: str) -> None:
        """Whoever runs the demo."""
        self._arn = f"arn:{partition}:sts::{account}:assumed-role/leastwise-apply/demo"

    def call(self, operation: str, _: Mapping[str, Any]) -> Json:
        """See ``Client.call``."""
        if operation != "GetCallerIdentity":
            raise Refusal("InvalidAction", f"the demo's model of STS does not know {operation}")
        return {"Arn": self._arn}


class ModelIam:
    """See ``Client``."""

    def __init__(self, account: str, partition: str) -> None:
        """Nothing is there but AWS's own policies, made when they are first attached."""
        self.account = account
        self._partition = partition
        self._policies: dict[str, _Policy] = {}
        self._entities: dict[tuple[str, str], _Entity] = {}

    def make(self, arn: str, policies: Mapping[str, str], attached: tuple[str, ...]) -> None:
        """See ``ModelAws.holds``."""
        kind, _, rest = arn.split(":", 5)[5].partition("/")
        entity = _Entity(arn, list(attached))
        self._entities[kind.capitalize(), rest.rpartition("/")[2]] = entity
        for name, text in policies.items():
            made = self.call("CreatePolicy", {"PolicyName": name, "PolicyDocument": text})
            entity.attached.append(made["Policy"]["Arn"])

    def says(self, arn: str, text: str) -> None:
        """Let a policy of AWS's own say this."""
        self._policies[arn] = _Policy(arn.rpartition("/")[2], arn, {"v1": text})

    def call(self, operation: str, parameters: Mapping[str, Any]) -> Json:
        """See ``Client.call``."""
        for kind in ("User", "Role"):
            verb = next(
                (verb for verb in _VERBS if operation in (f"{verb}{kind}Policy", f"{verb}{kind}Policies")), ""
            )
            if verb:
                return _OF_ENTITY[verb](self, self._entity(kind, parameters), kind, parameters)
            if operation == f"Get{kind}":
                return {kind: {"Arn": self._entity(kind, parameters).arn}}
        if operation not in _CALLS:
            raise Refusal("InvalidAction", f"the demo's model of IAM does not know {operation}")
        return _CALLS[operation](self, parameters)

    def _entity(self, kind: str, given: Mapping[str, Any]) -> _Entity:
        name = str(given[f"{kind}Name"])
        try:
            return self._entities[kind, name]
        except KeyError:
            raise Refusal("NoSuchEntity", f"The {kind.lower()} with name {name} cannot be found.") from None

    def _policy(self, given: Mapping[str, Any]) -> _Policy:
        arn = str(given["PolicyArn"])
        try:
            return self._policies[arn]
        except KeyError:
            raise Refusal("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.") from None

    def _holders(self, arn: str) -> int:
        return sum(arn in entity.attached for entity in self._entities.values())

    def create_policy(self, given: Mapping[str, Any]) -> Json:
        """``CreatePolicy``."""
        name, path = str(given["PolicyName"]), str(given.get("Path", "/"))
        arn = f"arn:{self._partition}:iam::{self.account}:policy{path}{name}"
        if any(policy.name == name for policy in self._local()):
            raise Refusal("EntityAlreadyExists", f"A policy called {name} already exists.")
        self._policies[arn] = _Policy(name, arn, {"v1": _checked(given)})
        return {"Policy": self._told(self._policies[arn])}

    def create_version(self, given: Mapping[str, Any]) -> Json:
        """``CreatePolicyVersion``."""
        policy = self._policy(given)
        if len(policy.versions) >= VERSIONS:
            raise Refusal("LimitExceeded", "A managed policy can have up to 5 versions.")
        text = _checked(given)
        policy.made += 1
        version = f"v{policy.made}"
        policy.versions[version] = text
        if given.get("SetAsDefault"):
            policy.default = version
        return {"PolicyVersion": {"VersionId": version, "IsDefaultVersion": policy.default == version}}

    def set_default(self, given: Mapping[str, Any]) -> Json:
        """``SetDefaultPolicyVersion``."""
        policy = self._policy(given)
        self._text(policy, given)
        policy.default = str(given["VersionId"])
        return {}

    def delete_version(self, given: Mapping[str, Any]) -> Json:
        """``DeletePolicyVersion``."""
        policy = self._policy(given)
        self._text(policy, given)
        if given["VersionId"] == policy.default:
            raise Refusal("DeleteConflict", "Cannot delete the default version of a policy.")
        del policy.versions[str(given["VersionId"])]
        return {}

    def delete_policy(self, given: Mapping[str, Any]) -> Json:
        """``DeletePolicy``."""
        policy = self._policy(given)
        if self._holders(policy.arn):
            raise Refusal("DeleteConflict", "Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise Refusal("DeleteConflict", "This policy has more than one version.")
        del self._policies[policy.arn]
        return {}

    def get_policy(self, given: Mapping[str, Any]) -> Json:
        """``GetPolicy``."""
        return {"Policy": self._told(self._policy(given))}

    def get_version(self, given: Mapping[str, Any]) -> Json:
        """``GetPolicyVersion``."""
        policy = self._policy(given)
        document = json.loads(self._text(policy, given))
        return {"PolicyVersion": {"VersionId": given["VersionId"], "Document": document}}

    def versions(self, given: Mapping[str, Any]) -> Json:
        """``ListPolicyVersions``, the newest first."""
        policy = self._policy(given)
        return {
            "Versions": [
                {"VersionId": version, "IsDefaultVersion": version == policy.default}
                for version in reversed(policy.versions)
            ]
        }

    def policies(self, _: Mapping[str, Any]) -> Json:
        """``ListPolicies`` with ``Scope=Local``."""
        return {"Policies": [self._told(policy) for policy in self._local()]}

    def summary(self, _: Mapping[str, Any]) -> Json:
        """``GetAccountSummary``."""
        quotas = {f"AttachedPoliciesPer{kind}Quota": MANAGED_POLICIES for kind in ("User", "Role")}
        return {"SummaryMap": quotas}

    def groups(self, _: Mapping[str, Any]) -> Json:
        """``ListGroupsForUser``: nobody is in a group."""
        return {"Groups": []}

    def attach(self, entity: _Entity, _: str, given: Mapping[str, Any]) -> Json:
        """``AttachRolePolicy``, ``AttachUserPolicy``."""
        arn = self._policy(given).arn
        if arn not in entity.attached:
            if len(entity.attached) >= MANAGED_POLICIES:
                raise Refusal("LimitExceeded", "Cannot exceed quota for PoliciesPerEntity.")
            entity.attached.append(arn)
        return {}

    def detach(self, entity: _Entity, _: str, given: Mapping[str, Any]) -> Json:
        """``DetachRolePolicy``, ``DetachUserPolicy``."""
        arn = str(given["PolicyArn"])
        if arn not in entity.attached:
            raise Refusal("NoSuchEntity", f"Policy {arn} was not found.")
        entity.attached.remove(arn)
        return {}

    def attached(self, entity: _Entity, _: str, __: Mapping[str, Any]) -> Json:
        """``ListAttachedRolePolicies``, ``ListAttachedUserPolicies``."""
        rows = [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in entity.attached]
        return {"AttachedPolicies": rows}

    def put(self, entity: _Entity, _: str, given: Mapping[str, Any]) -> Json:
        """``PutRolePolicy``, ``PutUserPolicy``."""
        entity.inline[str(given["PolicyName"])] = _checked(given)
        return {}

    def get(self, entity: _Entity, _: str, given: Mapping[str, Any]) -> Json:
        """``GetRolePolicy``, ``GetUserPolicy``."""
        document = json.loads(self._inline(entity, given))
        return {"PolicyName": given["PolicyName"], "PolicyDocument": document}

    def delete(self, entity: _Entity, _: str, given: Mapping[str, Any]) -> Json:
        """``DeleteRolePolicy``, ``DeleteUserPolicy``."""
        self._inline(entity, given)
        del entity.inline[str(given["PolicyName"])]
        return {}

    def inlined(self, entity: _Entity, _: str, __: Mapping[str, Any]) -> Json:
        """``ListRolePolicies``, ``ListUserPolicies``."""
        return {"PolicyNames": sorted(entity.inline)}

    def _inline(self, entity: _Entity, given: Mapping[str, Any]) -> str:
        name = str(given["PolicyName"])
        try:
            return entity.inline[name]
        except KeyError:
            raise Refusal("NoSuchEntity", f"The policy with name {name} cannot be found.") from None

    def _text(self, policy: _Policy, given: Mapping[str, Any]) -> str:
        version = str(given["VersionId"])
        try:
            return policy.versions[version]
        except KeyError:
            raise Refusal("NoSuchEntity", f"Policy {policy.arn} version {version} does not exist.") from None

    def _local(self) -> list[_Policy]:
        return [policy for policy in self._policies.values() if f"::{self.account}:" in policy.arn]

    def _told(self, policy: _Policy) -> Json:
        return {
            "PolicyName": policy.name,
            "Arn": policy.arn,
            "DefaultVersionId": policy.default,
            "AttachmentCount": self._holders(policy.arn),
            "PermissionsBoundaryUsageCount": 0,
        }


def _checked(given: Mapping[str, Any]) -> str:
    text = str(given["PolicyDocument"])
    try:
        json.loads(text)
    except ValueError:
        raise Refusal("MalformedPolicyDocument", "Syntax errors in policy.") from None
    if non_white_length(text) > MANAGED_POLICY_CHARACTERS:
        raise Refusal("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    return text


_CALLS: dict[str, Callable[[ModelIam, Mapping[str, Any]], Json]] = {
    "CreatePolicy": ModelIam.create_policy,
    "CreatePolicyVersion": ModelIam.create_version,
    "SetDefaultPolicyVersion": ModelIam.set_default,
    "DeletePolicyVersion": ModelIam.delete_version,
    "DeletePolicy": ModelIam.delete_policy,
    "GetPolicy": ModelIam.get_policy,
    "GetPolicyVersion": ModelIam.get_version,
    "ListPolicyVersions": ModelIam.versions,
    "ListPolicies": ModelIam.policies,
    "GetAccountSummary": ModelIam.summary,
    "ListGroupsForUser": ModelIam.groups,
}
_OF_ENTITY: dict[str, Callable[[ModelIam, _Entity, str, Mapping[str, Any]], Json]] = {
    "Attach": ModelIam.attach,
    "Detach": ModelIam.detach,
    "ListAttached": ModelIam.attached,
    "Put": ModelIam.put,
    "Get": ModelIam.get,
    "Delete": ModelIam.delete,
    "List": ModelIam.inlined,
}
