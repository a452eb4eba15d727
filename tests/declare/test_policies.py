"""The files below ``policies/``: whose they are, and what is wrong with them."""

from __future__ import annotations

import json

import pytest

from leastwise.declare.policies import read_policies
from leastwise.declare.principals_file import read_declaration
from leastwise.errors import DeclarationError
from leastwise.model.policies import PolicyKind, policy_path

DECLARATION = read_declaration("""\
version: 1
principals:
  - arn: arn:aws:iam::111122223333:role/service/payments-api
    attached: [shared/logging.json, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"]
    trial: {opens: 2026-11-01, days: 90, policy: "arn:aws:iam::aws:policy/PowerUserAccess"}
  - arn: arn:aws:iam::111122223333:user/alice
  - permission_set: DataEngineer
    accounts: ["111122223333"]
  - group: backend-developers
    members: ["arn:aws:iam::111122223333:user/alice"]
""")
ROLE, USER, PERMISSION_SET, GROUP = DECLARATION.principals
REFERRED = ("shared/logging.json", "aws/job-function/ViewOnlyAccess.json", "aws/PowerUserAccess.json")


def policy(padding: int = 0) -> str:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/" + "x" * padding}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def problems_of(files: dict[str, str], *, with_referred: bool = True) -> list[str]:
    referred = dict.fromkeys(REFERRED, policy()) if with_referred else {}
    try:
        read_policies({**referred, **files}, DECLARATION)
    except DeclarationError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_every_place_of_the_layout_is_held_as_it_says() -> None:
    places = {
        "111122223333/role/payments-api/main.json": PolicyKind.MANAGED,
        "111122223333/role/payments-api/inline/extra.json": PolicyKind.INLINE,
        "111122223333/user/alice/main.json": PolicyKind.MANAGED,
        "permission-set/DataEngineer/main.json": PolicyKind.INLINE,
        "permission-set/DataEngineer/inline/more.json": PolicyKind.INLINE,
        "group/backend-developers/main.json": PolicyKind.MANAGED,
        "group/backend-developers/inline/main.json": PolicyKind.INLINE,
        "shared/logging.json": PolicyKind.SHARED,
        "aws/PowerUserAccess.json": PolicyKind.AWS_MANAGED,
        "aws/job-function/ViewOnlyAccess.json": PolicyKind.AWS_MANAGED,
        "aws-cn/PowerUserAccess.json": PolicyKind.AWS_MANAGED,
    }
    policies = read_policies(dict.fromkeys(places, policy()), DECLARATION)
    assert {path: file.kind for path, file in policies.files.items()} == places
    assert policies.notes == ()


def test_what_a_principal_holds_is_told_apart() -> None:
    own = ["111122223333/role/payments-api/inline/b.json", "111122223333/role/payments-api/main.json"]
    others = ["111122223333/role/payments/main.json", "111122223333/user/payments-api/main.json"]
    policies = read_policies(dict.fromkeys([*own, *others, *REFERRED], policy()), DECLARATION)
    assert [file.path for file in policies.own(ROLE)] == own
    assert [file.path for file in policies.elsewhere(ROLE)] == list(REFERRED[:2])
    bound = policies.bound(ROLE)
    assert bound is not None
    assert (bound.path, bound.document.statements[0].actions) == (REFERRED[2], ("s3:GetObject",))
    assert (policies.own(USER), policies.elsewhere(USER), policies.bound(USER)) == ((), (), None)


def test_a_folder_of_nobody_is_a_note_and_no_error() -> None:
    files = dict.fromkeys(["111122223333/role/gone/main.json", *REFERRED], policy())
    policies = read_policies(files, DECLARATION)
    assert policies.notes == ("policies/111122223333/role/gone/ belongs to no enrolled principal.",)


def test_what_is_no_json_file_is_passed_over() -> None:
    files = {**dict.fromkeys(REFERRED, policy()), "README.md": "#", ".gitkeep": "", "shared/x.yaml": "a: 1"}
    policies = read_policies(files, DECLARATION)
    assert sorted(policies.files) == sorted(REFERRED)
    assert policies.notes == ("policies/shared/x.yaml was not read: policies are .json files.",)


def test_words_that_aws_does_not_have_are_a_note() -> None:
    odd = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": ["s3:GetObjekt", "s3:Get*"],
                    "Resource": "*",
                    "Condition": {"StringEqual": {"aws:username": "a"}},
                }
            ],
        }
    )
    place = "111122223333/role/payments-api/main.json"
    policies = read_policies({**dict.fromkeys(REFERRED, policy()), place: odd}, DECLARATION)
    first, second = policies.notes
    assert first.startswith(f'policies/{place}: no action is called "s3:GetObjekt"')
    assert second.startswith(f'policies/{place}: no condition operator is called "StringEqual"')


PLACEHOLDERS = ("${BucketName}", "${bucket_name}", "${AWS::AccountId}", "${var.team}", "${A${B}}", "${Open")
VARIABLES = ("${aws:username}", "${AWS:UserName}", "${aws:PrincipalTag/team, 'none'}", "${saml:sub}", "${*}")


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
@pytest.mark.parametrize("member", ["Resource", "NotResource", "Condition"])
def test_placeholders_of_a_template_are_told_from_variables(member: str, version: str) -> None:
    def notes(text: str) -> list[str]:
        statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
        if member == "NotResource":
            del statement["Resource"]
        value = {"StringLike": {"s3:prefix": [text]}} if member == "Condition" else [f"arn:aws:s3:::{text}"]
        document = json.dumps({"Version": version, "Statement": [{**statement, member: value}]})
        files = {**dict.fromkeys(REFERRED, policy()), "111122223333/role/payments-api/main.json": document}
        return [note for note in read_policies(files, DECLARATION).notes if "placeholders" in note]

    assert [len(notes(text)) for text in PLACEHOLDERS] == [int(version == "2012-10-17")] * len(PLACEHOLDERS)
    assert [text for text in VARIABLES if notes(text)] == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("foo.json", "expected a file at <account>/role/<name>/<policy>.json"),
        ("111122223333/foo.json", "expected a file at"),
        ("111122223333/role/main.json", "expected a file at"),
        ("111122223333/group/developers/main.json", "expected a file at"),
        ("111122223333/role/a/b/main.json", "expected a file at"),
        ("111122223333/role/a/inline/deep/main.json", "expected a file at"),
        ("permission-set/main.json", "expected a file at"),
        ("11112222333/role/a/main.json", "expected a twelve-digit account ID as the first folder"),
        ("prod/user/alice/main.json", "expected a twelve-digit account ID as the first folder"),
        ("111122223333/role/a b/main.json", "expected folders named with letters"),
        ("shared/../../main.json", "expected folders named with letters"),
        ("shared/my policy.json", "expected a policy name"),
        ("shared/.json", "expected a policy name"),
    ],
)
def test_a_file_out_of_place_is_an_error(path: str, expected: str) -> None:
    problems = problems_of({path: policy()})
    assert len(problems) == 1
    assert problems[0].startswith(f"policies/{path}:0:0: {expected}")


def test_every_problem_of_every_file_comes_at_once() -> None:
    duplicate = '{"Version": "2012-10-17",\n "Statement": [],\n "Statement": []}'
    files = {
        "shared/broken.json": "{",
        "111122223333/user/alice/twice.json": duplicate,
        "foo.json": policy(),
        "111122223333/user/alice/inline/long.json": policy(2_048),
    }
    problems = problems_of(files, with_referred=False)
    places = [problem.split(": ")[0] for problem in problems]
    assert "policies/shared/broken.json:1:2" in places
    assert "policies/111122223333/user/alice/twice.json:3:2" in places
    assert "policies/foo.json:0:0" in places
    assert "policies/111122223333/user/alice/inline:0:0" in places
    assert sum(place.startswith("principals.yaml:") for place in places) == 3
    assert len(set(places)) == len(places)


def test_a_missing_aws_managed_policy_comes_with_the_command_that_makes_it() -> None:
    problems = problems_of({}, with_referred=False)
    arn = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    command = (
        "mkdir -p policies/aws/job-function && "
        f"aws iam get-policy-version --policy-arn {arn} --version-id $(aws iam get-policy --policy-arn {arn} "
        "--query Policy.DefaultVersionId --output text) --query PolicyVersion.Document "
        "> policies/aws/job-function/ViewOnlyAccess.json"
    )
    assert any(command in problem for problem in problems)
    assert "principals.yaml:4:16: expected the file policies/shared/logging.json, found none" in problems


@pytest.mark.parametrize(
    ("paths", "quota"),
    [
        (["shared/a.json"], 6_144),
        (["111122223333/role/a/main.json"], 6_144),
        (["group/backend-developers/main.json"], 6_144),
        (["111122223333/user/alice/inline/a.json", "111122223333/user/alice/inline/b.json"], 2_048),
        (["111122223333/role/a/inline/a.json", "111122223333/role/a/inline/b.json"], 10_240),
        (["group/backend-developers/inline/a.json", "group/backend-developers/inline/b.json"], 5_120),
        (["permission-set/DataEngineer/a.json", "permission-set/DataEngineer/inline/b.json"], 10_240),
    ],
)
def test_a_quota_is_kept_to_the_last_character(paths: list[str], quota: int) -> None:
    without_padding = len(policy().replace(" ", ""))
    others = {path: policy() for path in paths[1:]}
    padding = quota - without_padding * len(paths)
    assert problems_of({paths[0]: policy(padding), **others}) == []
    (problem,) = problems_of({paths[0]: policy(padding + 1), **others})
    assert f"expected at most {quota:,} " in problem
    assert problem.endswith(f"found {quota + 1:,}")


def test_a_permission_set_counts_its_white_space_too() -> None:
    text = policy() + "\n" * 33_000
    (problem,) = problems_of({"permission-set/DataEngineer/main.json": text})
    assert "expected at most 32,768 bytes" in problem
    assert problems_of({"111122223333/user/alice/main.json": text}) == []


def test_files_that_become_one_policy_have_one_version() -> None:
    text = '{{"Version": "{}", "Statement": []}}'
    folder = "permission-set/DataEngineer"
    files = {f"{folder}/a.json": text.format("2012-10-17"), f"{folder}/b.json": text.format("2008-10-17")}
    with pytest.raises(DeclarationError, match=f"{folder}/b.json:0:0: expected .*as in {folder}/a.json"):
        read_policies({**dict.fromkeys(REFERRED, policy()), **files}, DECLARATION)


def test_no_quota_of_ours_holds_for_the_policies_of_aws() -> None:
    assert problems_of({"aws/ReadOnlyAccess.json": policy(60_000)}) == []


def test_references_become_paths() -> None:
    assert policy_path("shared/team/logging.json") == "shared/team/logging.json"
    assert policy_path("arn:aws:iam::aws:policy/PowerUserAccess") == "aws/PowerUserAccess.json"
    china = "arn:aws-cn:iam::aws:policy/service-role/AWSLambdaRole"
    assert policy_path(china) == "aws-cn/service-role/AWSLambdaRole.json"
