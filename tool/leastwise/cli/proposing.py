"""Verbs that propose and publish: propose, watch, publish, notify."""

from __future__ import annotations

import functools
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import (
    FILE,
    FOLDER,
    OUTPUT,
    format_option,
    hubbed,
    now_option,
    root_option,
    say,
    scoped,
    warn,
)
from leastwise.verbs import propose as propose_verb
from leastwise.verbs import publish as publish_verb
from leastwise.verbs import watch as watch_verb
from leastwise.verbs.delivering import Target
from leastwise.verbs.watch import Watching

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from leastwise.verbs.hub_options import HubOptions
    from leastwise.verbs.scope import Scope


def delivering(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say where proposals go, given to the command as one ``target``."""

    @click.option(
        "--publish", "to", type=click.Choice(["preview", "git", "github", "handover"]), default="preview"
    )
    @click.option("--out", type=OUTPUT, help="preview, handover: where the files go.  [leastwise-out]")
    @click.option("--remote", help="git: the remote to push to.  [default: the only one, or origin]")
    @click.option("--base", help="git: the branch to propose to.  [default: the remote's default branch]")
    @hubbed
    @functools.wraps(command)
    def with_target(
        to: str, out: Path | None, remote: str | None, base: str | None, hub: HubOptions, **rest: object
    ) -> None:
        command(target=Target(to, out, remote, base, hub=hub), **rest)

    return with_target


@click.command()
@scoped
@format_option
@click.option("--site", type=OUTPUT, help="Also make the site of `leastwise report` in this folder.")
@delivering
def propose(scope: Scope, form: str, site: Path | None, target: Target) -> None:
    """Propose first policies, tightenings and additions, each with its proof.

    `--publish preview` writes Markdown and patches and changes nothing else; `git` pushes one branch for
    each principal and kind; `github` opens one pull request for each, and keeps a dashboard issue;
    `handover` writes a folder that `leastwise publish` brings to GitHub from a job without access to AWS.
    """
    sys.exit(propose_verb.run(scope, replace(target, site=site), form, say, warn))


@click.command()
@scoped
@format_option
@click.option(
    "--evidence", type=FILE, help="Read evidence.json of an earlier `--publish handover`, and ask no source."
)
@click.option("--no-rollback", is_flag=True, help="Say whom `watch: rollback` is due for, and write nothing.")
@delivering
def watch(
    scope: Scope,
    form: str,
    evidence: Path | None,
    no_rollback: bool,  # noqa: FBT001  click gives a flag as a boolean
    target: Target,
) -> None:
    """Find calls that were denied since an apply and allowed before it; propose to give back just that.

    Looks at whom something was applied to in the last 14 days, as the journal beside --state knows.  Whom
    the declaration says `watch: rollback` of is brought back at once to what it held before that apply.
    """
    watching = Watching(evidence, may_return=not no_rollback)
    sys.exit(watch_verb.run(scope, target, watching, form, say, warn))


@click.command()
@click.argument("folder", type=FOLDER)
@root_option
@now_option
@hubbed
def publish(folder: Path, root: Path, now: datetime, hub: HubOptions) -> None:
    """Bring to GitHub what `leastwise propose --publish handover` left in FOLDER.  Needs no AWS."""
    sys.exit(publish_verb.run(folder, root, now, hub, say))


@click.command()
@click.argument("folder", type=OUTPUT)
@root_option
@click.option("--repository", envvar="GITHUB_REPOSITORY", default="", help="The name to give in messages.")
def notify(folder: Path, root: Path, repository: str) -> None:
    """Tell people by the channels of `notify:` what `leastwise publish` did with FOLDER.

    Says so and succeeds where that fails; says nothing to anybody where nothing changed.
    """
    publish_verb.notify(folder, root, repository, warn)


COMMANDS = (propose, watch, publish, notify)
