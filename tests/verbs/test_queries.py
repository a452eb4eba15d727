"""``leastwise athena-table`` and ``leastwise observe --dry-run``."""

import pytest
from click.testing import CliRunner

from leastwise.cli import cli

DECLARED = """\
version: 1
sources:
  archive: {kind: athena, workgroup: primary, database: audit, table: cloudtrail_logs, region: eu-west-1}
  logs: {kind: trail-files, path: logs/}
principals:
  - arn: arn:aws:iam::111122223333:role/payments-api
    source: logs
"""


def run(folder, *arguments):
    (folder / "principals.yaml").write_text(DECLARED)
    (folder / "policies").mkdir(exist_ok=True)
    return CliRunner().invoke(cli, [*arguments, "--root", str(folder)], standalone_mode=True)


def test_the_table_is_named_as_declared_and_partitioned_by_the_enrolled_accounts(tmp_path):
    location = ("--location", "s3://org-trail/AWSLogs/", "--region", "eu-west-1", "--since", "2026-01-01")
    result = run(tmp_path, "athena-table", "archive", *location)
    assert result.exit_code == 0
    assert result.output.startswith("CREATE EXTERNAL TABLE `audit`.`cloudtrail_logs`")
    assert "'projection.account.values'='111122223333'" in result.output.replace(" = ", "=")
    assert "'projection.timestamp.range'='2026/01/01,NOW'" in result.output.replace(" = ", "=")


@pytest.mark.parametrize(("given", "days"), [((), 400), (("--since", "90d"), 90)])
def test_a_tables_reach_moves_with_time(tmp_path, given, days):
    location = ("--location", "s3://org-trail/AWSLogs/", "--region", "eu-west-1")
    result = run(tmp_path, "athena-table", "archive", *location, *given)
    assert f"= 'NOW-{days}DAYS,NOW'" in result.output


def test_a_source_of_another_kind_is_named_with_those_there_are(tmp_path):
    location = ("--location", "s3://org-trail/AWSLogs/", "--region", "eu-west-1")
    result = run(tmp_path, "athena-table", "logs", *location)
    assert "there is archive" in str(result.exception)


def test_a_dry_run_says_which_sources_run_no_sql(tmp_path):
    result = run(tmp_path, "observe", "--dry-run")
    assert result.output == "logs: trail-files runs no SQL\n"


def test_a_dry_run_of_one_source(tmp_path):
    assert run(tmp_path, "observe", "--dry-run", "--source", "archive").output == ""
    assert (
        run(tmp_path, "observe", "--dry-run", "--source", "logs").output == "logs: trail-files runs no SQL\n"
    )


def test_a_source_that_is_not_declared_is_named_with_those_there_are(tmp_path):
    result = run(tmp_path, "observe", "--source", "lake")
    assert str(result.exception) == "lake is no source of principals.yaml; there are: archive, logs"
