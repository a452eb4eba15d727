"""The options that several verbs share."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from leastwise.model.window import midnight
from leastwise.render.annotations import harmless
from leastwise.verbs.hub_options import HubOptions
from leastwise.verbs.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = click.Path(exists=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUTPUT = click.Path(path_type=Path)
"""A folder that is made where it is missing."""
COUNT = click.IntRange(0, 1_000)

root_option = click.option(
    "--root",
    type=FOLDER,
    default=Path(),
    help="The folder with principals.yaml and policies/.  [default: this folder]",
)


_BACK = re.compile(r"([1-9][0-9]{0,4})d")


class Moment(click.ParamType[datetime]):
    """A day or a moment in UTC."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """See ``click.ParamType``."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no time: write 2026-11-23 or 2026-11-23T12:00:00Z", param, ctx)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Start(click.ParamType["datetime | timedelta"]):
    """A moment, or so many days before the run."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime | timedelta:
        """See ``click.ParamType``."""
        back = _BACK.fullmatch(str(value))
        return timedelta(days=int(back[1])) if back else Moment().convert(value, param, ctx)


def started(since: datetime | timedelta | None, now: datetime) -> datetime | None:
    """The moment from which records count; so many days back is the beginning of a UTC day."""
    if not isinstance(since, timedelta):
        return since
    return midnight(now - since)


now_option = click.option(
    "--now",
    type=Moment(),
    envvar="LEASTWISE_NOW",
    default=lambda: datetime.now(UTC),
    help="Pretend it is this time (UTC).",
)
format_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
principal_option = click.option(
    "--principal", "only", multiple=True, help="Only this one: an ARN, permission-set/NAME or group/NAME."
)

people_option = click.option(
    "--show-people/--hide-people",
    "people",
    default=None,
    help="Name sessions, and show source addresses.  [default: what `people:` in principals.yaml says]",
)

since_option = click.option(
    "--since",
    type=Start(),
    envvar="LEASTWISE_SINCE",
    help="Leave out older records: 2026-01-31, or 400d for so many days back.  [default: all there are]",
)
state_option = click.option(
    "--state",
    envvar="LEASTWISE_STATE",
    help="Keep evidence across runs and read only what is new: a folder, s3://BUCKET/PREFIX, or `branch` for "
    "the branch leastwise/evidence of this repository (branch:NAME for another).",
)


wait_option = click.option(
    "--wait", is_flag=True, help="Wait for Access Analyzer's jobs, which may take hours."
)
scan_option = click.option(
    "--max-scan-gb",
    "gigabytes",
    type=click.FloatRange(min=0),
    help="Let a source scan no more than this in CloudTrail Lake or Athena; what is cut off is a gap.",
)


def scoped(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a run is about, given to the command as one ``scope``."""
    return since_option(scoped_in_its_own_time(command))


def scoped_in_its_own_time(command: Callable[..., None]) -> Callable[..., None]:
    """The same without ``--since``, for a verb that chooses the time itself."""

    @root_option
    @now_option
    @principal_option
    @state_option
    @wait_option
    @scan_option
    @functools.wraps(command)
    def with_scope(
        root: Path,
        now: datetime,
        only: tuple[str, ...],
        state: str | None,
        wait: bool,  # noqa: FBT001  click gives a flag as a boolean
        gigabytes: float | None,
        since: datetime | timedelta | None = None,
        **rest: object,
    ) -> None:
        scope = Scope(root, now, started(since, now), only, state, wait=wait, most_gigabytes=gigabytes)
        command(scope=scope, **rest)

    return with_scope


_repository_option = click.option("--repository", help="github: OWNER/NAME.  [default: $GITHUB_REPOSITORY]")
_api_option = click.option("--api-url", help="github: of GitHub Enterprise.  [default: $GITHUB_API_URL]")


def on_github(command: Callable[..., None]) -> Callable[..., None]:
    """The options that say how GitHub is reached, given to the command as one ``hub``."""

    @_repository_option
    @_api_option
    @functools.wraps(command)
    def with_hub(repository: str | None, api_url: str | None, **rest: object) -> None:
        command(hub=HubOptions(repository, api_url), **rest)

    return with_hub


def hubbed(command: Callable[..., None]) -> Callable[..., None]:
    """The same, and how many pull requests may be open and may be opened."""

    @_repository_option
    @_api_option
    @click.option("--max-open", type=COUNT, default=HubOptions().max_open, show_default=True)
    @click.option("--max-per-run", type=COUNT, default=HubOptions().max_per_run, show_default=True)
    @functools.wraps(command)
    def with_hub(
        repository: str | None, api_url: str | None, max_open: int, max_per_run: int, **rest: object
    ) -> None:
        command(hub=HubOptions(repository, api_url, max_open, max_per_run), **rest)

    return with_hub


def say(text: object) -> None:
    """Print something; what came from a log commands no runner of Actions."""
    click.echo(harmless(str(text)))


def complain(text: str) -> None:
    """The same on standard error."""
    click.echo(harmless(text), err=True)


def warn(message: str) -> None:
    """Say something on standard error, as leastwise."""
    complain(f"leastwise: {message}")
