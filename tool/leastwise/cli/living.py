"""Verbs about what is live in AWS: plan."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import now_option, principal_option, root_option
from leastwise.verbs import plan as plan_verb
from leastwise.verbs.plan import PlanScope

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
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text")
@click.option("--out", type=NEW_FILE, help="Write the plans to this file, for `leastwise apply --plan`.")
def plan(
    root: Path, now: datetime, only: tuple[str, ...], rev: str | None, form: str, out: Path | None
) -> None:
    """Show what is committed against what is live in AWS, and what would be called.  Changes nothing.

    Exit code 1 where something differs.
    """
    sys.exit(plan_verb.run(PlanScope(root, now, only, rev), form, out, click.echo))


COMMANDS = (plan,)
