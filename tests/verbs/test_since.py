"""``--since``: a day, a moment, or so many days before the run."""

from __future__ import annotations

from datetime import UTC, datetime

import click
import pytest
from click.testing import CliRunner

from leastwise.cli.options import scoped

NOON = "2026-11-26T12:00:00Z"


@click.command()
@scoped
def asked(scope):
    """Print from when on records count."""
    click.echo(scope.since.isoformat() if scope.since else "all")


def since(*arguments, env=None):
    return CliRunner().invoke(asked, ["--now", NOON, *arguments], env=env)


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T06:00:00+02:00", datetime(2026, 1, 31, 4, tzinfo=UTC)),
        ("1d", datetime(2026, 11, 25, tzinfo=UTC)),
        ("400d", datetime(2025, 10, 22, tzinfo=UTC)),
    ],
)
def test_when_records_begin_to_count(given, moment):
    assert since("--since", given).output == f"{moment.isoformat()}\n"
    assert since(env={"LEASTWISE_SINCE": given}).output == f"{moment.isoformat()}\n"


@pytest.mark.parametrize("unset", [None, {"LEASTWISE_SINCE": ""}])
def test_by_default_all_records_count(unset):
    assert since(env=unset).output == "all\n"


@pytest.mark.parametrize("given", ["0d", "-1d", "d", "400", "400 d", "yesterday", "1000000d", "99999999999d"])
def test_what_is_no_time(given):
    result = since("--since", given)
    assert result.exit_code == 2
    assert "is no time: write 2026-11-23" in result.output
