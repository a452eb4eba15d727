"""``leastwise query``, as people call it."""

import gzip
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from leastwise.cli import cli
from leastwise.saved import results
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.render.schemas import valid
from tests.saved.queries import BOUNDS, HEADER, record

SHIPPED = Path(__file__).resolve().parents[2] / "queries"
DECLARED = """\
version: 1
sources:
  logs: {kind: trail-files, path: logs/}
  analyzer: {kind: access-analyzer, trail: "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org",
             access_role: "arn:aws:iam::111122223333:role/Monitor"}
redact: ["arn:aws:s3:::secret-*"]
principals:
  - arn: arn:aws:iam::111122223333:role/payments-api
    source: logs
"""
MADE = HEADER.replace("Something happened", "A user was made") + (
    f"SELECT eventtime, useridentity.arn AS who, sourceipaddress\nFROM cloudtrail\n"
    f"WHERE {BOUNDS} AND eventname = 'CreateUser'\n"
)
NOTHING = HEADER + f"SELECT eventname FROM cloudtrail WHERE {BOUNDS} AND eventname = 'Nothing'\n"
BROKEN = HEADER + "SELECT eventname\nFRM cloudtrail\n"
ASSUMED = {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ops/carol"}


@pytest.fixture
def here(tmp_path):
    (tmp_path / "principals.yaml").write_text(DECLARED)
    for folder in ("policies", "queries", "logs"):
        (tmp_path / folder).mkdir()
    records = [record(), record(at="2026-11-21T09:00:00Z", userIdentity=ASSUMED), record("GetUser")]
    (tmp_path / "logs" / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    return tmp_path


def write(here, **queries):
    for name, text in queries.items():
        (here / "queries" / f"{name}.sql").write_text(text)


def call(here, *arguments, **environment):
    now = {"LEASTWISE_NOW": "2026-11-23T06:00:00Z", **environment}
    return CliRunner().invoke(cli, ["query", *arguments, "--root", str(here)], env=now)


def run(here, *arguments, **environment):
    return call(here, "run", *arguments, **environment)


def test_rows_are_shown_and_kept_without_people(here):
    write(here, made=MADE, nothing=NOTHING)
    result = run(here)
    assert result.exit_code == 1, result.output
    assert result.stdout == (
        "made     2 rows      high      A user was made\n"
        "    eventtime                who                                                   sourceipaddress\n"
        "    2026-11-20 09:00:00.000  arn:aws:iam::111122223333:user/alice                  (address)\n"
        "    2026-11-21 09:00:00.000  arn:aws:sts::111122223333:assumed-role/ops/(session)  (address)\n"
        "nothing  clean       high      nothing happened\n"
        "\n"
        "Source logs, 2026-11-16 to 2026-11-23 06:00 UTC: 2 queries: 1 with rows, 1 clean.\n"
        f"All rows, as CSV and JSON: {here}/leastwise-out/queries\n"
    )
    kept = json.loads((here / "leastwise-out/queries/made.json").read_text())
    assert kept[1]["who"] == "arn:aws:sts::111122223333:assumed-role/ops/(session)"
    assert not (here / "leastwise-out/queries/nothing.json").exists()


def test_people_are_shown_where_the_header_or_the_run_says_so(here):
    write(here, made=MADE)
    assert "carol" in run(here, "--show-people").stdout
    write(here, made=MADE.replace("-- empty", "-- people: shown\n-- empty"))
    assert "198.51.100.7" in run(here).stdout


def test_names_to_redact_are_redacted_even_with_people(here):
    write(here, it=HEADER + f"SELECT 'arn:aws:s3:::secret-1/x' AS bucket FROM cloudtrail WHERE {BOUNDS}")
    assert "arn:(redacted)" in run(here, "--show-people").stdout
    assert "secret" not in (here / "leastwise-out/queries/it.csv").read_text()


def test_a_mistake_is_told_at_its_line_and_the_others_run(here):
    write(here, broken=BROKEN, made=MADE)
    result = run(here)
    assert result.exit_code == 3
    assert "    queries/broken.sql:9:5: expected Trino SQL, found `cloudtrail`" in result.stdout
    assert "made    2 rows" in result.stdout


def test_a_query_that_the_engine_refuses_is_told_and_the_others_run(here):
    bad = HEADER + f"SELECT nosuch(eventname) AS x\nFROM cloudtrail WHERE {BOUNDS}"
    write(here, bad=bad, made=MADE)
    result = run(here)
    assert result.exit_code == 4
    assert "bad   failed      high      queries/bad.sql:8:8: the embedded engine says: " in result.stdout
    assert "made  2 rows" in result.stdout


@pytest.mark.parametrize(("name", "most"), [("MOST_ROWS", 1), ("MOST_CHARACTERS", 100)])
def test_an_answer_that_is_too_long_is_ended_and_the_others_run(here, monkeypatch, name, most):
    monkeypatch.setattr(results, name, most)
    one = HEADER + f"SELECT max(eventname) AS name FROM cloudtrail WHERE {BOUNDS}"
    write(here, made=MADE, one=one)
    result = run(here)
    assert result.exit_code == 4
    assert "made  failed      high      the answer has more than" in result.stdout
    assert "one   1 row" in result.stdout
    left = {file.name for file in (here / "leastwise-out/queries").iterdir()}
    assert left == {"one.csv", "one.json", "results.json"}


def test_a_source_that_cannot_be_read_fails_each_query_and_is_read_once(here):
    write(here, made=MADE, nothing=NOTHING)
    shutil.rmtree(here / "logs")
    result = run(here)
    assert result.exit_code == 4
    assert result.stdout.count("expected a folder of CloudTrail log files, found nothing") == 2
    assert result.stderr.count("reading") <= 1


def test_an_empty_answer_of_a_source_without_records_is_not_clean(here):
    write(here, nothing=NOTHING)
    result = run(here, "--from", "2020-01-01", "--to", "2020-02-01")
    assert result.exit_code == 0
    assert "unsure" in result.stdout
    assert "the source holds no record at all of 2020-01-01 00:00 to 2020-02-01 00:00" in result.stdout


def test_nobody_enrolled_is_a_reason_to_skip_and_not_an_empty_answer(here):
    (here / "principals.yaml").write_text(DECLARED.split("principals:", maxsplit=1)[0] + "principals: []\n")
    write(here, it=NOTHING.replace("'Nothing'", "'Nothing' AND useridentity.arn IN ({{principals}})"))
    result = run(here)
    assert result.exit_code == 0
    assert (
        "it  skipped     high      it asks about {{principals}}, and principals.yaml enrols no"
        in result.stdout
    )


def test_due_are_those_of_today(here):
    write(here, made=MADE.replace("daily", "weekly on tuesday"), nothing=NOTHING)
    assert "made" not in run(here, "--due").stdout
    result = run(here, "--due", LEASTWISE_NOW="2026-11-24T06:00:00Z")
    assert "made     2 rows" in result.stdout
    write(here, nothing=NOTHING.replace("daily", "monthly on 2"))
    assert "no query was due." in run(here, "--due").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing",), "there is no queries/nothing.sql; there is made"),
        (("--source", "analyzer"), "analyzer is none; principals.yaml has logs with records to query"),
        (("--source", "x"), "x is none"),
    ],
)
def test_what_is_not_there_is_said_with_what_is(here, arguments, words):
    write(here, made=MADE)
    assert words in str(run(here, *arguments).exception)


def test_without_queries_nothing_fails_and_it_says_where_to_begin(here):
    assert (run(here).exit_code, call(here, "list").exit_code, call(here, "test").exit_code) == (0, 0, 0)
    assert "there is no queries/*.sql: docs/queries.md" in call(here, "list").stdout


def test_names_from_logs_are_no_commands_of_actions(here):
    hostile = HEADER + f"SELECT eventname AS name, eventname AS again FROM cloudtrail WHERE {BOUNDS}"
    write(here, it=hostile)
    records = [record("::stop-commands::x"), record("##[error]x"), record("::error file=a::x", errorCode="1")]
    (here / "logs" / "a.json.gz").write_bytes(gzip.compress(json.dumps({"Records": records}).encode()))
    for form in ("text", "json", "github"):
        printed = run(here, "--format", form, GITHUB_ACTIONS="true").stdout
        assert "stop-commands" in printed
        commands = [line for line in printed.splitlines() if line.lstrip().startswith("::") or "##[" in line]
        assert len(commands) == (form == "github")


def test_json_is_the_report(here):
    write(here, broken=BROKEN, made=MADE, nothing=NOTHING)
    told = valid("query", json.loads(run(here, "--format", "json").stdout))
    broken, made, nothing = told["queries"]
    assert [one["standing"] for one in told["queries"]] == ["wrong", "found", "clean"]
    assert (broken["problems"][0]["line"], broken["problems"][0]["column"], broken["title"]) == (9, 5, None)
    assert (made["rows"], made["first"][0]["cells"]["sourceipaddress"], made["reason"]) == (
        2,
        "(address)",
        None,
    )
    assert (nothing["rows"], nothing["from"]) == (0, "2026-11-16T00:00:00Z")


def test_annotations_and_the_runs_page(here, tmp_path):
    write(here, broken=BROKEN, made=MADE)
    page = tmp_path / "summary.md"
    result = run(here, "--format", "github", GITHUB_STEP_SUMMARY=str(page), GITHUB_ACTIONS="true")
    lines = result.stdout.splitlines()
    assert lines[0].startswith("::error file=queries/broken.sql,line=9,col=5::expected Trino SQL")
    assert lines[1].startswith(
        "::error file=queries/made.sql,line=1,title=A user was made%3A 2 rows::2026-11-20"
    )
    assert (
        "| `2026-11-20 09:00:00.000` | `arn:aws:iam::111122223333:user/alice` | `(address)` |"
        in page.read_text()
    )


def test_issues_by_one_process_and_by_two(here, tmp_path):
    write(here, made=MADE)
    fake = FakeGitHub(tmp_path / "fake.git")
    with serve(fake) as url:
        hub = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": url, "GITHUB_REPOSITORY": fake.full_name}
        result = run(here, "--publish", "github", **hub)
        assert result.exit_code == 1
        assert "made: issue opened https://github.test/acme/policies/issues/1" in result.stdout
        folder = str(here / "leastwise-out/queries")
        again = call(here, "publish", folder, **hub)
        assert (again.exit_code, again.stdout.split(" https")[0]) == (0, "made: issue unchanged")
        told = call(here, "notify", folder)
        assert told.stdout == "0 channels were told\n"
    assert fake.unknown == []


def test_in_a_public_repository_nothing_is_asked(here, tmp_path):
    write(here, made=MADE)
    fake = FakeGitHub(tmp_path / "fake.git", public=True)
    with serve(fake) as url:
        hub = {"GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": url, "GITHUB_REPOSITORY": fake.full_name}
        result = run(here, GITHUB_ACTIONS="true", **hub)
        assert "is public" in str(result.exception)
        assert not (here / "leastwise-out").exists()
        (here / "principals.yaml").write_text(f"{DECLARED}public: true\n")
        assert run(here, GITHUB_ACTIONS="true", **hub).exit_code == 1


def case(here, name, rows, records=None, text=MADE):
    write(here, it=text)
    folder = here / "queries" / "it.test"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps({"records": records or [record()], "rows": rows}))


def test_a_case_that_fits_passes(here):
    case(here, "found", [{"who": "arn:aws:iam::111122223333:user/alice", "sourceipaddress": "198.51.100.7"}])
    result = call(here, "test")
    assert (result.exit_code, result.stdout) == (0, "1 cases passed, 0 of 1 queries without a test\n")


def test_a_case_that_does_not_fit_shows_the_rows(here):
    case(here, "found", [{"who": "bob"}])
    result = call(here, "test")
    assert result.exit_code == 1
    extra = "eventtime=2026-11-20 09:00:00.000  who=arn:aws:iam::111122223333:user/alice"
    assert result.stdout.splitlines()[:3] == [
        "queries/it.test/found.json: 2 rows differ",
        "  - who=bob",
        f"  + {extra}  sourceipaddress=198.51.100.7",
    ]
    assert "::error file=queries/it.test/found.json::" in call(here, "test", "--format", "github").stdout


def test_a_query_without_a_test_is_named(here):
    write(here, made=MADE)
    result = call(here, "test")
    assert result.exit_code == 0
    assert "queries/made.sql has no test: put a case into queries/made.test/" in result.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BROKEN, "queries/it.sql:9:5: expected Trino SQL"),
        (
            MADE.replace("useridentity.arn", "nosuch(eventname)"),
            "queries/it.sql:8:19: the embedded engine says",
        ),
    ],
)
def test_a_mistake_fails_the_test(here, text, words):
    case(here, "found", [], text=text)
    result = call(here, "test")
    assert result.exit_code == 3
    assert words in result.stdout


def test_the_list_names_each_and_its_mistakes(here):
    write(here, broken=BROKEN, made=MADE)
    result = call(here, "list")
    assert result.exit_code == 3
    assert "queries/broken.sql:9:5: expected Trino SQL" in result.stdout
    assert result.stdout.splitlines()[-1].split(maxsplit=3) == ["made", "daily", "high", "A user was made"]


def test_the_four_that_are_shipped_pass_their_own_tests(here):
    names = ("access-keys-made", "policy-by-hand", "root-use", "trail-tampering")
    for name in names:
        shutil.copy(SHIPPED / f"{name}.sql", here / "queries")
        shutil.copytree(SHIPPED / f"{name}.test", here / "queries" / f"{name}.test")
    result = call(here, "test", *names)
    assert result.exit_code == 0, result.output
    assert "0 of 4 queries without a test" in result.stdout


@pytest.mark.parametrize("link", ["linked.sql", "root-use.test/linked.json"])
def test_a_link_is_neither_a_query_nor_a_case(here, link):
    write(here, **{"root-use": NOTHING})
    (here / "secret").write_text("-- title: secret-text")
    target = here / "queries" / link
    target.parent.mkdir(exist_ok=True)
    target.symlink_to(here / "secret")
    done = call(here, "test")
    assert done.exit_code == 3
    assert "secret-text" not in done.output
    assert link in done.output
