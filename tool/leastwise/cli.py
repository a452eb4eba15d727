"""The command line: verbs, exit codes, printing.

Exit codes, the same for every verb::

    0    done; nothing that the verb looks for was found
    1    done, and found: `prove` has a counterexample or no answer, `check --base` an edit that grants more,
         `doctor` a source without evidence
    2    the command line is wrong
    3    principals.yaml or policies/ are wrong: every problem is printed as path:line:column
    4    evidence could not be collected
    5    git, GitHub or AWS refused
    70   a defect of leastwise: please report it

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import functools
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leastwise import __version__
from leastwise.declare.enrol import Enrolment
from leastwise.errors import (
    AwsError,
    DeclarationError,
    LeastwiseError,
    PolicySyntaxError,
    PublishError,
    RepositoryError,
    SourceError,
    UsageError,
)
from leastwise.verbs import check as check_verb
from leastwise.verbs import demo as demo_verb
from leastwise.verbs import diff as diff_verb
from leastwise.verbs import doctor as doctor_verb
from leastwise.verbs import enrol as enrol_verb
from leastwise.verbs import importing as import_verb
from leastwise.verbs import observe as observe_verb
from leastwise.verbs import propose as propose_verb
from leastwise.verbs import prove as prove_verb
from leastwise.verbs import publish as publish_verb
from leastwise.verbs import queries as queries_verb
from leastwise.verbs import replay as replay_verb
from leastwise.verbs import trace as trace_verb
from leastwise.verbs.check import Against
from leastwise.verbs.common import Scope
from leastwise.verbs.hub import HubOptions
from leastwise.verbs.propose import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOUND = 1
DEFECT = 70
_EXIT_CODES: tuple[tuple[type[LeastwiseError], int], ...] = (
    (UsageError, 2),
    (DeclarationError, 3),
    (PolicySyntaxError, 3),
    (SourceError, 4),
    (RepositoryError, 5),
    (PublishError, 5),
    (AwsError, 5),
)

_root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The folder with principals.yaml and policies/.  [default: this folder]",
)


class _Moment(click.ParamType[datetime]):
    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-11-23 or 2026-11-23T12:00:00Z", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


_now = click.option(
    "--now",
    type=_Moment(),
    envvar="LEASTWISE_NOW",
    default=lambda: datetime.now(UTC),
    help="Pretend it is this time (UTC).",
)
_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
_FOLDER = click.Path(path_type=Path)
_COUNT = click.IntRange(0, 1_000)
_principal = click.option(
    "--principal", "only", multiple=True, help="Only this one: an ARN, permission-set/NAME or group/NAME."
)

_since = click.option("--since", type=_Moment(), help="Leave out older records.")
_state = click.option(
    "--state",
    envvar="LEASTWISE_STATE",
    help="Keep evidence across runs and read only what is new: a folder, s3://BUCKET/PREFIX, or `branch` for "
    "the branch leastwise/evidence of this repository (branch:NAME for another).",
)


def _scoped(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a run is about, given to the command as one ``scope``."""

    @_root
    @_now
    @_principal
    @_since
    @_state
    @click.option("--wait", is_flag=True, help="Wait for Access Analyzer's jobs, which may take hours.")
    @click.option(
        "--max-scan-gb",
        "gigabytes",
        type=click.FloatRange(min=0),
        help="Let a source scan no more than this in CloudTrail Lake or Athena; what is cut off is a gap.",
    )
    @functools.wraps(command)
    def with_scope(
        root: Path,
        now: datetime,
        only: tuple[str, ...],
        since: datetime | None,
        state: str | None,
        wait: bool,  # noqa: FBT001  click gives a flag as a boolean
        gigabytes: float | None,
        **rest: object,
    ) -> None:
        scope = Scope(root, now, since, only, state, wait=wait, most_gigabytes=gigabytes)
        command(scope=scope, **rest)

    return with_scope


def _hubbed(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say how GitHub is reached, given to the command as one ``hub``."""

    @click.option("--repository", help="github: OWNER/NAME.  [default: $GITHUB_REPOSITORY]")
    @click.option("--api-url", help="github: of GitHub Enterprise.  [default: $GITHUB_API_URL]")
    @click.option("--max-open", type=_COUNT, default=HubOptions().max_open, show_default=True)
    @click.option("--max-per-run", type=_COUNT, default=HubOptions().max_per_run, show_default=True)
    @functools.wraps(command)
    def with_hub(
        repository: str | None, api_url: str | None, max_open: int, max_per_run: int, **rest: object
    ) -> None:
        command(hub=HubOptions(repository, api_url, max_open, max_per_run), **rest)

    return with_hub


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Least privilege for AWS, by pull request: every proposal carries its proof."""


@cli.command()
@_root
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text")
@click.option("--base", help="Say what the policies really change since this commit.")
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --base: what `leastwise observe --format json` printed.",
)
def check(root: Path, form: str, base: str | None, evidence: Path | None) -> None:
    """Read principals.yaml and policies/, and name every mistake.  Needs no network."""
    if evidence and not base:
        raise UsageError("--evidence says more about an edit: name the commit that it began at, with --base")
    sys.exit(check_verb.run(root, Against(base, evidence) if base else None, form, click.echo))


@cli.command()
@click.argument("arn", required=False)
@click.option("--permission-set", help="Enrol this permission set of IAM Identity Center.")
@click.option("--account", "accounts", multiple=True, help="With --permission-set: an account it is used in.")
@click.option("--days", type=click.IntRange(1, 3650), help="Open a trial of so many days.")
@click.option("--opens", type=_Moment(), help="The trial's first day.  [default: today]")
@click.option("--policy", help="The policy held during the trial: an AWS-managed ARN, or shared/NAME.json.")
@click.option("--owner", "owners", multiple=True, help="Who reviews: @user, @org/team or an e-mail address.")
@click.option("--source", "sources", multiple=True, help="A source of evidence named in principals.yaml.")
@_root
@_now
def enrol(root: Path, now: datetime, opens: datetime | None, days: int | None, **options: object) -> None:
    """Add a principal to principals.yaml; comments, order and formatting stay as they are."""
    begins = opens or (now if days else None)
    entry = Enrolment(opens=begins.date() if begins else None, days=days, **options)  # type: ignore[arg-type]  # click gives each option its type
    click.echo(enrol_verb.run(root, entry))


@cli.command("import")
@click.argument("arn")
@_root
def import_(arn: str, root: Path) -> None:
    """Write the first files below policies/ from what a user or role holds in AWS now."""
    import_verb.run(root, arn, click.echo)


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_format
@_now
def trace(paths: tuple[Path, ...], form: str, now: datetime) -> None:
    """Show what each record of log files means: why is this in my policy?"""
    sys.exit(trace_verb.run(paths, now, form, click.echo, _warn))


@cli.command()
@_scoped
@_format
@click.option("--show-people", is_flag=True, help="Tell the sessions of each principal apart, by name.")
@click.option("--dry-run", is_flag=True, help="Show the SQL for Lake and Athena and what it would scan.")
def observe(scope: Scope, form: str, show_people: bool, dry_run: bool) -> None:  # noqa: FBT001  click gives flags as booleans
    """Collect the evidence, and show it."""
    if dry_run:
        queries_verb.show_plans(scope, click.echo)
        return
    observe_verb.run(scope, form, click.echo, show_people=show_people)


@cli.command("athena-table")
@click.argument("source")
@click.option("--location", required=True, help="s3://BUCKET/AWSLogs/: the folder with one for each account.")
@click.option("--region", "regions", multiple=True, required=True, help="A region with logs; repeat it.")
@_root
@_since
def athena_table(
    root: Path, source: str, location: str, regions: tuple[str, ...], since: datetime | None
) -> None:
    """Print the statement that makes the Athena table of a declared source over a trail's bucket."""
    click.echo(queries_verb.table(root, source, location, regions, since))


@cli.command()
@_scoped
@_format
def diff(scope: Scope, form: str) -> None:
    """Compare the committed policies with the evidence: used, unused, unknown, and why."""
    diff_verb.run(scope, form, click.echo)


@cli.command()
@_scoped
@_format
@click.option(
    "--publish", "to", type=click.Choice(["preview", "git", "github", "handover"]), default="preview"
)
@click.option("--out", type=_FOLDER, help="preview, handover: where the files go.  [leastwise-out]")
@click.option("--remote", help="git: the remote to push to.  [default: the only one, or origin]")
@click.option("--base", help="git: the branch to propose to.  [default: the remote's default branch]")
@_hubbed
def propose(scope: Scope, form: str, hub: HubOptions, **options: str) -> None:
    """Propose first policies, tightenings and additions, each with its proof.

    `--publish preview` writes Markdown and patches and changes nothing else; `git` pushes one branch for
    each principal and kind; `github` opens one pull request for each, and keeps a dashboard issue;
    `handover` writes a folder that `leastwise publish` brings to GitHub from a job without access to AWS.
    """
    target = Target(hub=hub, **options)  # type: ignore[arg-type]  # click gives each option its type
    sys.exit(propose_verb.run(scope, target, form, click.echo))


@cli.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_root
@_now
@_hubbed
def publish(folder: Path, root: Path, now: datetime, hub: HubOptions) -> None:
    """Bring to GitHub what `leastwise propose --publish handover` left in FOLDER.  Needs no AWS."""
    sys.exit(publish_verb.run(folder, root, now, hub, click.echo))


@cli.command()
@click.argument("folder", type=_FOLDER)
@_root
@click.option("--repository", envvar="GITHUB_REPOSITORY", default="", help="The name to give in messages.")
def notify(folder: Path, root: Path, repository: str) -> None:
    """Tell people by the channels of `notify:` what `leastwise publish` did with FOLDER.

    Says so and succeeds where that fails; says nothing to anybody where nothing changed.
    """
    publish_verb.notify(folder, root, repository, _warn)


@cli.command()
@click.option("--folder", type=click.Path(path_type=Path), default=Path("demo"), show_default=True)
@click.option("--records", type=click.IntRange(1_000), default=120_000, show_default=True)
def demo(folder: Path, records: int) -> None:
    """Make a small AWS account with 90 days of logs, and propose policies for it."""
    demo_verb.run(folder, records, click.echo)


@cli.command()
@click.argument("old", type=click.Path(exists=True, path_type=Path))
@click.argument("new", type=click.Path(exists=True, path_type=Path))
@click.option("--evidence", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_format
def prove(old: Path, new: Path, evidence: Path | None, certificate: Path | None, form: str) -> None:
    """Is everything that NEW allows allowed by OLD?  Each is an IAM policy, or a folder of them."""
    sys.exit(prove_verb.run(old, new, evidence, certificate, form, click.echo))


@cli.command()
@click.option(
    "--policy", "policies", multiple=True, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option("--requests", required=True, type=click.File("r", encoding="utf-8"))
@_format
def replay(policies: tuple[Path, ...], requests: Iterable[str], form: str) -> None:
    """Ask policies about requests: JSON lines of {"action", "resource", "context"}."""
    sys.exit(replay_verb.run(policies, requests, form, click.echo))


@cli.command()
@click.argument("sources", nargs=-1)
@click.option(
    "--policy", is_flag=True, help="Print the IAM policies that leastwise itself needs; asks nobody."
)
@click.option("--state", envvar="LEASTWISE_STATE", help="With --policy: where evidence is kept.")
@_root
@_now
@_format
def doctor(
    sources: tuple[str, ...],
    policy: bool,  # noqa: FBT001  click gives a flag as a boolean
    state: str | None,
    root: Path,
    now: datetime,
    form: str,
) -> None:
    """Say what each source can see, what is missing, and what would mend it."""
    if policy:
        doctor_verb.show_policies(root, sources, state, click.echo, _warn)
    else:
        sys.exit(doctor_verb.run(root, sources, now, form, click.echo))


def _warn(message: str) -> None:
    click.echo(f"leastwise: {message}", err=True)


def main(arguments: list[str] | None = None) -> None:
    """Run a command line; never shows a traceback for what a person can mend."""
    try:
        cli.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(130)
    except LeastwiseError as error:
        click.echo(f"leastwise: {error}", err=True)
        sys.exit(next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 5))
    except Exception:  # noqa: BLE001  the one place where a defect becomes a report
        click.echo(traceback.format_exc(), err=True)
        click.echo("leastwise: a defect of leastwise; please report it with the lines above", err=True)
        sys.exit(DEFECT)
