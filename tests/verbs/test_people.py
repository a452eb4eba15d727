"""Who decides whether people are shown: one table, and every verb that asks it."""

from __future__ import annotations

import gzip
import json

import pytest
from click.testing import CliRunner

from leastwise.cli import cli, main
from leastwise.declare.principals_file import read_declaration
from leastwise.errors import UsageError
from leastwise.verbs.people import shows_people
from tests.saved.queries import BOUNDS, HEADER, record

ROLE = "arn:aws:iam::111122223333:role/ops"
DECLARED = f"""\
version: 1
sources:
  logs: {{kind: trail-files, path: logs/}}
principals:
  - arn: {ROLE}
"""
MACHINE: dict[str, str] = {}
ACTIONS = {"GITHUB_ACTIONS": "true", "CI": "true"}
GITLAB = {"CI": "1"}
REFUSED = "refused"
WHO = HEADER + f"SELECT eventtime, useridentity.arn AS who FROM cloudtrail WHERE {BOUNDS}\n"


def decided(said, asked, environment):
    line = f"people: {said}\n" if said else ""
    try:
        return shows_people(read_declaration(f"version: 1\n{line}"), asked, environment)
    except UsageError:
        return REFUSED


@pytest.mark.parametrize("environment", [MACHINE, ACTIONS, GITLAB])
@pytest.mark.parametrize(
    ("said", "unasked", "asked"), [("shown", True, True), ("", False, True), ("hidden", False, REFUSED)]
)
def test_the_declaration_decides_and_the_command_line_may_ask_where_it_is_silent(
    said, unasked, asked, environment
):
    if not said and environment:
        asked = REFUSED
    assert decided(said, None, environment) is unasked
    assert decided(said, True, environment) == asked
    assert decided(said, False, environment) is False


@pytest.mark.parametrize("off", [{"CI": "false"}, {"CI": ""}, {"CI": "0"}])
def test_a_machine_that_says_it_is_no_ci_is_none(off):
    assert decided("", True, off) is True


@pytest.fixture
def root(tmp_path, monkeypatch):
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "LEASTWISE_STATE"):
        monkeypatch.delenv(name, raising=False)
    for folder in ("policies", "queries", "logs"):
        (tmp_path / folder).mkdir()
    identity = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/ops/carol",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE, "userName": "ops"}},
    }
    records = [record("ListUsers", at=f"2026-11-{day}T09:00:00Z", userIdentity=identity) for day in (20, 21)]
    (tmp_path / "logs" / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    (tmp_path / "queries" / "who.sql").write_text(WHO)
    return tmp_path


def declare(root, line=""):
    (root / "principals.yaml").write_text(f"{DECLARED}{line}\n")


VERBS = {
    "report": ["report"],
    "propose": ["propose", "--site", "out"],
    "audit": ["audit", "--month", "2026-11"],
    "query": ["query", "run"],
    "observe": ["observe", "--format", "json"],
}
ASKED = sorted(set(VERBS) - {"propose"})
"""Those that have --show-people; the site of a proposal shows what is declared."""


def made(root, verb, *more, **environment):
    """(exit code, everything that it printed or wrote)."""
    arguments = [*VERBS[verb], "--root", str(root), *more]
    out = root / "out"
    if verb == "propose":
        arguments = [
            "propose",
            "--site",
            str(out),
            "--root",
            str(root),
            "--out",
            str(root / "previews"),
            *more,
        ]
    elif verb != "observe":
        arguments += ["--out", str(out)]
    result = CliRunner().invoke(cli, arguments, env={"LEASTWISE_NOW": "2026-11-23T06:00:00Z", **environment})
    assert result.exception is None or isinstance(result.exception, SystemExit | UsageError), result.output
    written = [file.read_text("utf-8") for file in out.rglob("*") if file.is_file()]
    return result, "\n".join([result.output, *written])


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "observe"])
def test_without_being_asked_every_verb_does_what_is_declared(root, verb):
    for line, shown in (("", False), ("people: hidden", False), ("people: shown", True)):
        declare(root, line)
        _, text = made(root, verb, **ACTIONS)
        assert ("carol" in text) is shown, line


@pytest.mark.parametrize("verb", ASKED)
def test_the_command_line_asks_on_a_machine_of_ones_own(root, verb):
    declare(root)
    assert "carol" in made(root, verb, "--show-people")[1]


@pytest.mark.parametrize("verb", ASKED)
@pytest.mark.parametrize(
    ("line", "environment", "why"),
    [("people: hidden", MACHINE, "says `people: hidden`"), ("", ACTIONS, "in a run of CI")],
)
def test_what_is_refused_is_refused_aloud_before_anything_is_written(root, verb, line, environment, why):
    declare(root, line)
    result, text = made(root, verb, "--show-people", **environment)
    assert why in str(result.exception)
    assert "carol" not in text
    assert not (root / "out").exists()


@pytest.mark.parametrize("verb", ASKED)
def test_hiding_always_holds(root, verb):
    declare(root, "people: shown")
    assert "carol" not in made(root, verb, "--hide-people")[1]


def test_observe_speaks_of_principals_unless_it_is_asked(root):
    declare(root, "people: shown")
    text = made(root, "observe")[1]
    assert ROLE in text
    assert "carol" not in text


def test_a_refusal_is_a_wrong_command_line(root, capsys):
    declare(root, "people: hidden")
    with pytest.raises(SystemExit) as ended:
        main(["report", "--root", str(root), "--out", str(root / "out"), "--show-people"])
    assert ended.value.code == 2
    assert "leave the option out" in capsys.readouterr().err


def test_a_query_that_shows_people_is_a_mistake_where_they_are_hidden(root):
    shown = WHO.replace("-- empty", "-- people: shown\n-- empty")
    line = shown.splitlines().index("-- people: shown") + 1
    (root / "queries" / "who.sql").write_text(shown)
    declare(root, "people: hidden")
    result, text = made(root, "query")
    assert result.exit_code == 3
    assert f"queries/who.sql:{line}:1: expected no such line" in text
    assert "carol" not in text


def test_a_query_that_shows_people_is_skipped_where_one_run_hides_them(root):
    (root / "queries" / "who.sql").write_text(WHO.replace("-- empty", "-- people: shown\n-- empty"))
    declare(root)
    result, text = made(root, "query", "--hide-people")
    assert result.exit_code == 0
    assert "who  skipped" in text
    assert "carol" not in text
