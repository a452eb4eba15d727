"""Verbs that tie what is applied to what was reviewed: show-plan, reviewed."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import FOLDER, hubbed
from leastwise.verbs import reviewed as reviewed_verb

if TYPE_CHECKING:
    from pathlib import Path

    from leastwise.verbs.hub import HubOptions

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
    sys.exit(reviewed_verb.show(folder, pull, head, hub, click.echo))


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--commit", type=Commit(), required=True, help="The commit that the plan in FOLDER is of.")
@hubbed
def reviewed(folder: Path, commit: str, hub: HubOptions) -> None:
    """Print which fingerprints of the plan in FOLDER were shown on the pull request of a merged commit."""
    sys.exit(reviewed_verb.reviewed(folder, commit, hub, click.echo))


COMMANDS = (show_plan, reviewed)
