"""Verbs about what was seen: trace, observe, athena-table, diff, report, doctor."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import (
    FILE,
    OUTPUT,
    PATH,
    Start,
    format_option,
    now_option,
    people_option,
    root_option,
    say,
    scoped,
    warn,
)
from leastwise.verbs import diff as diff_verb
from leastwise.verbs import doctor as doctor_verb
from leastwise.verbs import observe as observe_verb
from leastwise.verbs import queries as queries_verb
from leastwise.verbs import report as report_verb
from leastwise.verbs import trace as trace_verb
from leastwise.verbs.report import Wanted

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from leastwise.verbs.scope import Scope


@click.command()
@click.argument("paths", nargs=-1, required=True, type=PATH)
@format_option
@now_option
def trace(paths: tuple[Path, ...], form: str, now: datetime) -> None:
    """Show what each record of log files means: why is this in my policy?"""
    sys.exit(trace_verb.run(paths, now, form, say, warn))


@click.command()
@scoped
@format_option
@click.option("--source", "sources", multiple=True, help="Read only this source; repeat it.")
@people_option
@click.option("--dry-run", is_flag=True, help="Show the SQL for Lake and Athena and what it would scan.")
def observe(
    scope: Scope,
    form: str,
    sources: tuple[str, ...],
    people: bool | None,  # noqa: FBT001  click gives flags as booleans
    dry_run: bool,  # noqa: FBT001  as above
) -> None:
    """Collect the evidence, and show it: of each principal, or with --show-people of each of its sessions."""
    if dry_run:
        queries_verb.show_plans(scope, sources, say)
        return
    observe_verb.run(scope, sources, form, say, people=people)


@click.command("athena-table")
@click.argument("source")
@click.option("--location", required=True, help="s3://BUCKET/AWSLogs/: the folder with one for each account.")
@click.option("--region", "regions", multiple=True, required=True, help="A region with logs; repeat it.")
@click.option(
    "--since",
    type=Start(),
    help="The first day that can be asked for: 2026-01-31, or 400d for so many days back.  [default: 400d]",
)
@root_option
def athena_table(
    root: Path, source: str, location: str, regions: tuple[str, ...], since: datetime | timedelta | None
) -> None:
    """Print the statement that makes the Athena table of a declared source over a trail's bucket."""
    say(queries_verb.table(root, source, location, regions, since))


@click.command()
@scoped
@format_option
def diff(scope: Scope, form: str) -> None:
    """Compare the committed policies with the evidence: used, unused, unknown, and why."""
    diff_verb.run(scope, form, say)


READING, APPLYING = "read", "apply"
"""What `--policy` is about; another word after it is a source, for the option needs no value."""


@click.command()
@scoped
@click.option("--out", type=OUTPUT, default=Path("leastwise-site"), show_default=True)
@click.option(
    "--evidence", type=FILE, help="Collect nothing: read what `leastwise observe --format json` printed."
)
@people_option
def report(scope: Scope, out: Path, evidence: Path | None, people: bool | None) -> None:  # noqa: FBT001  click gives a flag as a boolean
    """Make a static site: the trial, its saturation, what is granted and used, and every proposal.

    It needs no server and no network: open index.html from the disk, from an artifact or on GitHub Pages.
    """
    report_verb.run(scope, Wanted(out, evidence, people), say)


@click.command()
@click.argument("sources", nargs=-1)
@click.option(
    "--policy",
    is_flag=False,
    flag_value=READING,
    help="Print the IAM policies that leastwise itself needs; asks nobody.  `--policy apply`: those of"
    " `leastwise apply`, and its permissions boundary; asks AWS for the ARNs of permission sets alone.",
)
@click.option("--state", envvar="LEASTWISE_STATE", help="With --policy: where evidence is kept.")
@root_option
@now_option
@format_option
def doctor(
    sources: tuple[str, ...],
    policy: str | None,
    state: str | None,
    root: Path,
    now: datetime,
    form: str,
) -> None:
    """Say what each source can see, what is missing, and what would mend it."""
    if policy == APPLYING:
        doctor_verb.show_apply_policies(root, state, say, warn)
    elif policy:
        named = sources if policy == READING else (policy, *sources)
        doctor_verb.show_policies(root, named, state, say, warn)
    else:
        sys.exit(doctor_verb.run(root, sources, now, form, say))


COMMANDS = (trace, observe, athena_table, diff, report, doctor)
