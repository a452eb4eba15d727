"""Requests and answers held against GitHub's published OpenAPI description (npm ``@octokit/openapi``, MIT).

The description is not part of this repository: ``make test-contract`` fetches it into a cache folder and
names the file in ``LEASTWISE_OPENAPI``.  It is reduced on load to what is asked for.
"""

import json
import re
from functools import cache, cached_property

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

_PROSE = {"example", "examples", "title"}
_WHOLE = "urn:github"
_HTTP_NOISE = {401, 502, 503, 504}


@cache
def load(file):
    """One description for all tests of a process: it has 13 MB."""
    return OpenApi(file)


class OpenApi:
    def __init__(self, file):
        self._file = file
        self._operations = {}

    @cached_property
    def _description(self):
        return json.loads(self._file.read_text())

    @cached_property
    def _registry(self):
        components = _as_json_schema({"components": {"schemas": self._description["components"]["schemas"]}})
        return Registry().with_resource(_WHOLE, Resource(components, DRAFT202012))

    @cached_property
    def _paths(self):
        """Pattern and template of each path; literal segments win over parameters, as in GitHub's router."""
        ours = [path for path in self._description["paths"] if path.startswith("/repos/{owner}/{repo}")]
        ordered = sorted(ours, key=lambda path: (path.count("{"), -len(path)))
        return [(re.compile(self._pattern(path)), path) for path in ordered]

    def _pattern(self, path):
        operations = self._description["paths"][path]
        refs = [part for operation in operations.values() for part in operation.get("parameters", [])]
        wide = {one["name"] for one in map(self._parameter, refs) if one.get("x-multi-segment")}
        pieces = re.split(r"\{(\w+)\}", path)
        return "".join(
            re.escape(piece) if index % 2 == 0 else ".+" if piece in wide else "[^/]+"
            for index, piece in enumerate(pieces)
        )

    def _parameter(self, reference):
        name = reference.get("$ref", "").rpartition("/")[2]
        return self._description["components"]["parameters"][name] if name else reference

    def _operation(self, method, path):
        for pattern, template in self._paths:
            operation = self._description["paths"][template].get(method.lower())
            if operation and pattern.fullmatch(path):
                return template, operation
        raise AssertionError("GitHub describes no such operation")

    def check_request(self, method, path, query, payload):
        template, operation = self._operation(method, path)
        known = {one["name"]: one for one in map(self._parameter, operation.get("parameters", []))}
        for name, value in query.items():
            assert known.get(name, {}).get("in") == "query", f"no query parameter {name}"
            schema = known[name]["schema"]
            given = int(value) if schema.get("type") == "integer" else value
            self._validate((template, method, "?", name), schema, given)
        body = operation.get("requestBody")
        assert payload is None or body is not None, "takes no body"
        if body is not None:
            schema = body["content"]["application/json"]["schema"]
            self._validate((template, method, "body"), _closed(schema), payload)

    def check_answer(self, method, path, status, answer):
        template, operation = self._operation(method, path)
        described = operation["responses"].get(str(status))
        if described is None:
            assert status in _HTTP_NOISE, f"GitHub describes no answer {status}"
            return
        if "$ref" in described:
            described = self._description["components"]["responses"][described["$ref"].rpartition("/")[2]]
        content = described.get("content", {}).get("application/json")
        if content is None:
            return
        self._validate((template, method, status), content["schema"], answer)

    def _validate(self, key, schema, value):
        if key not in self._operations:
            prepared = _as_json_schema(schema)
            self._operations[key] = Draft202012Validator(prepared, registry=self._registry)
        error = next(iter(self._operations[key].iter_errors(value)), None)
        assert error is None, f"{error.json_path}: {error.message[:300]}"


def _closed(schema):
    """A request's object may have no field that GitHub does not describe: it would be ignored in silence."""
    return schema | {"additionalProperties": False} if "properties" in schema else schema


def _as_json_schema(node):
    """OpenAPI 3.0's ``nullable`` in the words of JSON Schema; references name the whole description."""
    if isinstance(node, list):
        return [_as_json_schema(part) for part in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        return {"$ref": _WHOLE + node["$ref"]}
    translated = {name: _as_json_schema(part) for name, part in node.items() if _means_something(name, part)}
    if translated.get("nullable") is True:
        del translated["nullable"]
        return {"anyOf": [translated, {"type": "null"}]}
    return translated


def _means_something(name, part):
    """Leave out prose and examples, but not a *property* that is called ``title``."""
    return name not in _PROSE or (name == "title" and isinstance(part, dict))
