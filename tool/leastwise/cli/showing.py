"""Verbs that make what people look at: audit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leastwise.audit.month import Month
from leastwise.cli.options import FOLDER, OUTPUT, people_option, say, scoped_in_its_own_time, warn
from leastwise.verbs import audit as audit_verb
from leastwise.verbs import posting
from leastwise.verbs.audit import DEFAULT_FOLDER, Options

if TYPE_CHECKING:
    from leastwise.verbs.scope import Scope


class MonthType(click.ParamType[Month]):
    """A calendar month in UTC."""

    name = "month"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Month:
        """See ``click.ParamType``."""
        if isinstance(value, Month):
            return value
        try:
            return Month.parse(str(value))
        except ValueError:
            self.fail(f"{value!r} is no month: write 2026-10", param, ctx)


@click.command()
@click.option("--month", type=MonthType(), help="2026-10.  [default: the month just past]")
@click.option("--out", type=OUTPUT, default=Path(DEFAULT_FOLDER), show_default=True)
@click.option(
    "--whole-account",
    "whole_accounts",
    multiple=True,
    help="Every user, every role and root of this account, enrolled or not; repeat it.",
)
@people_option
@click.option("--send", is_flag=True, help="Send it by the channels of `audit:` or `notify:`.")
@click.option("--send-from", type=FOLDER, help="Only send what an earlier run left in this folder.")
@scoped_in_its_own_time
def audit(scope: Scope, send_from: Path | None, **options: object) -> None:
    """What every principal did in a month, beside the eleven months before it.

    Writes a mail with HTML and text, a CSV and a JSON into a folder.  Reads a year of records; what --state
    keeps is read, and nothing is added to it.
    """
    if send_from:
        sys.exit(posting.run(send_from, scope.root, say, warn))
    chosen = Options(**options)  # type: ignore[arg-type]  # click gives each option its type
    sys.exit(audit_verb.run(scope, chosen, say, warn))


COMMANDS = (audit,)
