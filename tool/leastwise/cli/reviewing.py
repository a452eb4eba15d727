"""Verbs that tie what is applied to what was reviewed, and tell what was: show-plan, reviewed, journal."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import FOLDER, hubbed, now_option, principal_option, root_option, say, warn
from leastwise.verbs import journal as journal_verb
from leastwise.verbs import reviewed as reviewed_verb

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from leastwise.verbs.hub_options import HubOptions

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Commit(click.ParamType[str]):
    """A whole commit ID."""

    name = "commit"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See ``click.ParamType``."""
        if not _COMMIT.fullmatch(str(value)):
            self.fail(f"{value!r} is no commit ID: 40 hexadecimal digits, or 64", param, ctx)
        return str(value)


@click.command("show-plan")
@click.argument("folder", type=FOLDER)
@click.option("--pull", type=click.IntRange(1), required=True, help="The number of the pull request.")
@click.option("--head", type=Commit(), required=True, help="Its last commit.")
@hubbed
def show_plan(folder: Path, pull: int, head: str, hub: HubOptions) -> None:
    """Put the plan in FOLDER (plan.json, plan.md) on a pull request: one comment, kept up to date."""
    sys.exit(reviewed_verb.show(folder, pull, head, hub, say))


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--commit", type=Commit(), required=True, help="The commit that the plan in FOLDER is of.")
@hubbed
def reviewed(folder: Path, commit: str, hub: HubOptions) -> None:
    """Print which fingerprints of the plan in FOLDER were shown on the pull request of a merged commit."""
    sys.exit(reviewed_verb.reviewed(folder, commit, hub, say))


@click.command()
@root_option
@now_option
@principal_option
@click.option(
    "--state",
    envvar="LEASTWISE_STATE",
    required=True,
    help="Where the journal is, beside the evidence: as for `leastwise apply`.",
)
@click.option("--copy-to", "to", help="Add every record to the journal at this other place.")
def journal(root: Path, now: datetime, only: tuple[str, ...], state: str, to: str | None) -> None:
    """Show what was applied to whom, when and of which commit."""
    if to:
        journal_verb.copy(root, now, state, to, warn)
    else:
        journal_verb.run(root, now, only, state, say, warn)


COMMANDS = (show_plan, reviewed, journal)
