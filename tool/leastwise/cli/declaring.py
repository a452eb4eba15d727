"""Verbs about what is declared: check, enrol, import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import FILE, Moment, now_option, root_option, say
from leastwise.declare.enrol import Enrolment
from leastwise.errors import UsageError
from leastwise.verbs import check as check_verb
from leastwise.verbs import enrol as enrol_verb
from leastwise.verbs import importing as import_verb
from leastwise.verbs.check import Against

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@click.command()
@root_option
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text")
@click.option("--base", help="Say what the policies really change since this commit.")
@click.option(
    "--evidence",
    type=FILE,
    help="With --base: what `leastwise observe --format json` printed.",
)
@now_option
def check(root: Path, form: str, base: str | None, evidence: Path | None, now: datetime) -> None:
    """Read principals.yaml and policies/, and name every mistake.  Needs no network."""
    if evidence and not base:
        raise UsageError("--evidence says more about an edit: name the commit that it began at, with --base")
    against = Against(base, evidence) if base else None
    sys.exit(check_verb.run(root, against, form, now.date(), say))


@click.command()
@click.argument("arn", required=False)
@click.option("--permission-set", help="Enrol this permission set of IAM Identity Center.")
@click.option("--account", "accounts", multiple=True, help="With --permission-set: an account it is used in.")
@click.option("--days", type=click.IntRange(1, 3650), help="Open a trial of so many days.")
@click.option("--opens", type=Moment(), help="The trial's first day.  [default: today]")
@click.option("--policy", help="The policy held during the trial: an AWS-managed ARN, or shared/NAME.json.")
@click.option("--owner", "owners", multiple=True, help="Who reviews: @user, @org/team or an e-mail address.")
@click.option("--source", "sources", multiple=True, help="A source of evidence named in principals.yaml.")
@root_option
@now_option
def enrol(root: Path, now: datetime, opens: datetime | None, days: int | None, **options: object) -> None:
    """Add a principal to principals.yaml; comments, order and formatting stay as they are."""
    begins = opens or (now if days else None)
    entry = Enrolment(opens=begins.date() if begins else None, days=days, **options)  # type: ignore[arg-type]  # click gives each option its type
    for line in enrol_verb.run(root, entry):
        say(line)


@click.command("import")
@click.argument("principal")
@root_option
def import_(principal: str, root: Path) -> None:
    """Write the first files below policies/ from what a principal holds in AWS now.

    PRINCIPAL is the ARN of a user or role, or permission-set/NAME.
    """
    import_verb.run(root, principal, say)


COMMANDS = (check, enrol, import_)
