"""Verbs about saved queries: query run, test, list, publish, notify."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import (
    FOLDER,
    OUTPUT,
    Moment,
    now_option,
    on_github,
    people_option,
    root_option,
    say,
    warn,
)
from leastwise.verbs import query as query_verb
from leastwise.verbs.query import Asking

if TYPE_CHECKING:
    from pathlib import Path

    from leastwise.verbs.hub_options import HubOptions

_NAMES = click.argument("names", nargs=-1, metavar="[NAME]...")
_FORM = click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text")


@click.group()
def query() -> None:
    """Saved queries: Trino SQL over CloudTrail's records, in queries/*.sql."""


@query.command("run")
@_NAMES
@root_option
@now_option
@click.option("--source", envvar="LEASTWISE_QUERY_SOURCE", help="The source to ask.  [default: the only one]")
@click.option(
    "--due", is_flag=True, envvar="LEASTWISE_QUERY_DUE", help="Only the queries whose schedule names today."
)
@click.option(
    "--from", "start", type=Moment(), help="Ask from then on.  [default: as long as each looks back]"
)
@click.option("--to", "end", type=Moment(), help="Ask up to then.  [default: now]")
@click.option("--out", type=OUTPUT, help="Where all rows go.  [leastwise-out/queries]")
@people_option
@click.option(
    "--max-scan-gb",
    "most_gigabytes",
    type=click.FloatRange(min=0),
    help="Let all queries together scan no more than this in CloudTrail Lake or Athena.",
)
@_FORM
@click.option("--publish", "to", type=click.Choice(["none", "github"]), default="none")
@on_github
def run_queries(form: str, to: str, hub: HubOptions, **asked: object) -> None:
    """Run queries, and show the rows they find.  Exit code 1: there are rows; 4: one did not run."""
    asking = Asking(**asked)  # type: ignore[arg-type]  # click gives each option its type
    sys.exit(query_verb.run(asking, form, hub if to == "github" else None, say))


@query.command("test")
@_NAMES
@root_option
@_FORM
def test_queries(names: tuple[str, ...], root: Path, form: str) -> None:
    """Run each query on its own cases, queries/NAME.test/*.json.  Needs no network."""
    sys.exit(query_verb.test(root, names, form, say))


@query.command("list")
@root_option
def list_queries(root: Path) -> None:
    """Name each query, when it runs, and how much its rows matter."""
    sys.exit(query_verb.show_list(root, say))


@query.command("publish")
@click.argument("folder", type=FOLDER)
@root_option
@on_github
def publish_queries(folder: Path, root: Path, hub: HubOptions) -> None:
    """Keep the issues on GitHub up to date with what `query run` left in FOLDER."""
    sys.exit(query_verb.publish(folder, root, hub, say))


@query.command("notify")
@click.argument("folder", type=FOLDER)
@root_option
@click.option("--repository", envvar="GITHUB_REPOSITORY", default="", help="For the subject.")
def notify_queries(folder: Path, root: Path, repository: str) -> None:
    """Tell people which issues `query publish` changed, by the channels of `notify:`."""
    count = query_verb.notify(folder, root, repository, warn)
    say(f"{count} channels were told")


COMMANDS = (query,)
