"""Which files GitHub finds an owner for (the cases of GitHub's own documentation, and ours)."""

import pytest

from leastwise.publish.codeowners import covers

FILE = "policies/111122223333/role/api/main.json"


@pytest.mark.parametrize(
    ("line", "path", "is_covered"),
    [
        ("* @acme/all", FILE, True),
        ("*.js @js-owner", "src/app.js", True),
        ("*.js @js-owner", "src/app.json", False),
        ("/build/logs/ @doctocat", "build/logs/a/b.log", True),
        ("/build/logs/ @doctocat", "src/build/logs/b.log", False),
        ("docs/* docs@example.com", "docs/getting-started.md", True),
        ("docs/* docs@example.com", "docs/build-app/troubleshooting.md", False),
        ("apps/ @octocat", "x/apps/y/z", True),
        ("/docs/ @doctocat", "docs/a.md", True),
        ("**/logs @octocat", "deeply/nested/logs/x", True),
        ("**/logs @octocat", "logs/x", True),
        ("policies/**/main.json @acme/iam", FILE, True),
        ("policies/**/main.json @acme/iam", "policies/main.json", True),
        ("/policies @acme/iam", FILE, True),
        ("/policies/111122223333 @acme/iam", FILE, True),
        ("/policies/999988887777 @acme/iam", FILE, False),
        ("policies/1111????3333/ @acme/iam", FILE, True),
        ("# * @acme/all", FILE, False),
        ("* @acme/all # everything", FILE, True),
        ("!policies/ @acme/all", FILE, False),
        ("[p]olicies/ @acme/all", FILE, False),
        ("with\\ space/ @acme/all", "with space/x", True),
        ("policies.json @acme/all", "policiesXjson", False),
    ],
)
def test_patterns(line, path, is_covered):
    assert covers(line, [path]) is is_covered


def test_the_last_match_wins_and_may_name_nobody():
    assert covers("* @acme/all\n/policies/\n/policies/ @acme/iam\n", [FILE])
    assert not covers("* @acme/all\n/policies/\n", [FILE])


def test_every_file_needs_an_owner():
    assert not covers("/policies/ @acme/iam", [FILE, "README.md"])
    assert not covers("", [FILE])
