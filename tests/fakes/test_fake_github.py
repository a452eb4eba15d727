"""The fake refuses what GitHub refuses, and what it does not know: else tests on it would prove nothing."""

import json

import pytest

from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.openapi import OpenApi

REPOSITORY = "/repos/acme/policies"


@pytest.fixture
def fake(tmp_path):
    made = FakeGitHub(tmp_path / "x.git")
    made.push("main", {"a": "1"})
    made.store.set_branch("b", made.store.branch("main"))
    made.push("b", {"a": "2"})
    return made


def ask(fake, method, path, payload=None, token=TOKEN):
    body = json.dumps(payload).encode() if payload is not None else b""
    status, _, answer = fake.answer(method, REPOSITORY + path, {"Authorization": f"token {token}"}, body)
    return status, json.dumps(answer)


def open_pull(fake, head="b", body=""):
    return ask(fake, "POST", "/pulls", {"title": "t", "head": head, "base": "main", "body": body})


def test_pull_requests(fake):
    assert open_pull(fake)[0] == 201
    assert "already exists" in open_pull(fake)[1]
    assert open_pull(fake, head="gone")[0] == 422
    fake.store.set_branch("same", fake.store.branch("main"))
    assert "No commits between" in open_pull(fake, head="same")[1]
    fake.close(1)
    assert "too long" in open_pull(fake, body="x" * 65_537)[1]


def test_reopening(fake):
    open_pull(fake)
    fake.close(1)
    head = fake.store.branch("b")
    fake.push("b", {"a": "3"})
    assert "recreated" in ask(fake, "PATCH", "/pulls/1", {"state": "open"})[1]
    fake.store.set_branch("b", None)
    assert "deleted" in ask(fake, "PATCH", "/pulls/1", {"state": "open"})[1]
    fake.store.set_branch("b", head)
    assert ask(fake, "PATCH", "/pulls/1", {"state": "open"})[0] == 200


def test_references(fake):
    main, tip = fake.store.branch("main"), fake.store.branch("b")
    assert "already exists" in ask(fake, "POST", "/git/refs", {"ref": "refs/heads/b", "sha": main})[1]
    assert "fast forward" in ask(fake, "PATCH", "/git/refs/heads/b", {"sha": main, "force": False})[1]
    assert "Object" in ask(fake, "PATCH", "/git/refs/heads/b", {"sha": "0" * 40, "force": False})[1]
    assert ask(fake, "POST", "/git/refs", {"ref": "refs/heads/b/c", "sha": tip})[0] == 422
    assert ask(fake, "DELETE", "/git/refs/heads/gone")[0] == 422


def test_deleting_a_branch_closes_its_pull_request(fake):
    open_pull(fake)
    ask(fake, "DELETE", "/git/refs/heads/b")
    assert fake.open_pulls == []


def test_reviewers(fake):
    open_pull(fake)
    path = "/pulls/1/requested_reviewers"
    assert "author" in ask(fake, "POST", path, {"reviewers": ["leastwise-app[bot]"]})[1]
    assert ask(fake, "POST", path, {"reviewers": ["nobody"]})[0] == 422
    assert "node" in ask(fake, "POST", path, {"team_reviewers": ["gone"]})[1]


def test_tokens_and_routes(fake):
    assert ask(fake, "GET", "", token="wrong")[0] == 401
    assert ask(fake, "GET", "/surprise")[0] == 404
    assert fake.unknown == [f"GET {REPOSITORY}/surprise"]


def test_a_commit_with_an_author_is_unsigned(fake):
    tree = fake.store.read(fake.store.branch("main")).tree
    person = {"name": "x", "email": "x@example.com"}
    _, answer = ask(
        fake, "POST", "/git/commits", {"message": "m", "tree": tree, "parents": [], "author": person}
    )
    assert json.loads(answer)["verification"]["verified"] is False


def test_the_validator_sees_what_is_wrong(tmp_path):
    thing = {"type": "object", "properties": {"x": {"type": "string", "nullable": True}}, "required": ["x"]}
    schema = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/thing"}}}}
    operation = {"parameters": [], "requestBody": schema, "responses": {"200": schema}}
    description = {
        "paths": {"/repos/{owner}/{repo}/things": {"post": operation}},
        "components": {"schemas": {"thing": thing}, "parameters": {}, "responses": {}},
    }
    file = tmp_path / "api.json"
    file.write_text(json.dumps(description))
    checks = OpenApi(file)
    path = f"{REPOSITORY}/things"
    checks.check_request("POST", path, {}, {"x": None})
    checks.check_answer("POST", path, 200, {"x": "y"})
    for wrong in ({"x": 1}, {}):
        with pytest.raises(AssertionError):
            checks.check_request("POST", path, {}, wrong)
        with pytest.raises(AssertionError):
            checks.check_answer("POST", path, 200, wrong)
    with pytest.raises(AssertionError, match="no query parameter"):
        checks.check_request("POST", path, {"page": "1"}, {"x": "y"})
    with pytest.raises(AssertionError, match="no such operation"):
        checks.check_request("GET", path, {}, None)
    with pytest.raises(AssertionError, match="describes no answer"):
        checks.check_answer("POST", path, 418, {"x": "y"})
