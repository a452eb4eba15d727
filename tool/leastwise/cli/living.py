"""Verbs about what is live in AWS: plan, apply, rollback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import (
    FILE,
    format_option,
    now_option,
    principal_option,
    root_option,
    say,
    state_option,
    warn,
)
from leastwise.plan.rollback import Version
from leastwise.verbs import apply as apply_verb
from leastwise.verbs import plan as plan_verb
from leastwise.verbs import rollback as rollback_verb
from leastwise.verbs.apply import Order
from leastwise.verbs.plan import PlanScope
from leastwise.verbs.rollback import Return

if TYPE_CHECKING:
    from datetime import datetime

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
rev_option = click.option(
    "--rev", help="Plan principals.yaml and policies/ of this commit, without checking it out."
)


@click.command()
@root_option
@now_option
@principal_option
@rev_option
@state_option
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--out", type=NEW_FILE, help="Write the plans to this file, for `leastwise apply --plan`.")
def plan(
    root: Path,
    now: datetime,
    only: tuple[str, ...],
    rev: str | None,
    state: str | None,
    form: str,
    out: Path | None,
) -> None:
    """Show what is committed against what is live in AWS, and what would be called.  Changes nothing.

    With --state it also says what would undo a rollback.  Exit code 1 where something differs.
    """
    sys.exit(plan_verb.run(PlanScope(root, now, only, rev, state), form, out, say, warn))


@click.command()
@click.argument("fingerprints", nargs=-1)
@root_option
@now_option
@principal_option
@state_option
@click.option("--plan", "file", type=FILE, help="The plans that `leastwise plan --out` wrote.")
@click.option(
    "--pull-request", "pull", type=click.IntRange(1), help="By which the commit came, for the journal."
)
def apply(
    fingerprints: tuple[str, ...],
    root: Path,
    now: datetime,
    only: tuple[str, ...],
    state: str | None,
    file: Path | None,
    pull: int | None,
) -> None:
    """Do exactly the plans with these FINGERPRINTS, as `leastwise plan` shows them; nothing without one.

    Interrupted, it goes on when it is given the same fingerprint again, with --plan or --state.
    """
    order = Order(fingerprints, file, state, pull or 0)
    apply_verb.run(PlanScope(root, now, only), order, say, warn)


@click.command()
@click.argument("principal")
@click.argument("fingerprint", required=False, default="")
@root_option
@now_option
@state_option
@click.option(
    "--to",
    "versions",
    multiple=True,
    help="The version to return to, such as v3, or NAME=v3 of one of several policies.  [default: what was "
    "live before the last write in the journal]",
)
@format_option
def rollback(
    principal: str,
    fingerprint: str,
    root: Path,
    now: datetime,
    state: str | None,
    versions: tuple[str, ...],
    form: str,
) -> None:
    """Show how PRINCIPAL gets back what it held before, and what that allows and does not; with the
    FINGERPRINT of that, do it.  Git is left as it is: revert the merge too.
    """
    asked = Return(tuple(map(Version.parse, versions)), fingerprint, state)
    sys.exit(rollback_verb.run(PlanScope(root, now, (principal,)), asked, form, say, warn))


COMMANDS = (plan, apply, rollback)
