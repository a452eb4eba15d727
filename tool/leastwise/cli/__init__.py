"""The command line: verbs, exit codes, printing.

Exit codes, the same for every verb::

    0    done; nothing that the verb looks for was found
    1    done, and found: `prove` has a counterexample or no answer, `check --base` an edit that grants more,
         `doctor` a source without evidence, `plan` a difference, `query run` rows, `query test` an answer
         that differs
    2    the command line is wrong
    3    principals.yaml or policies/ are wrong: every problem is printed as path:line:column
    4    evidence could not be collected
    5    git, GitHub or AWS refused; what was to be applied is not the plan
    70   a defect of leastwise: please report it

Results go to standard output, everything else to standard error.
"""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from leastwise import __version__
from leastwise.errors import (
    AwsError,
    DeclarationError,
    LeastwiseError,
    PolicySyntaxError,
    PublishError,
    RepositoryError,
    SourceError,
    UsageError,
    one_line,
)
from leastwise.render.annotations import harmless

if TYPE_CHECKING:
    from collections.abc import Mapping

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


FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "declaring": ("check", "enrol", "import"),
        "evidence": ("trace", "observe", "athena-table", "diff", "report", "doctor"),
        "proposing": ("propose", "watch", "publish", "notify"),
        "living": ("plan", "apply", "rollback"),
        "reviewing": ("show-plan", "reviewed", "journal"),
        "showing": ("audit",),
        "querying": ("query",),
        "language": ("prove", "replay"),
        "trying": ("demo",),
    }
)
"""Module of this package -> the verbs in it."""


class Verbs(click.Group):
    """Imports the family of a verb when it is asked for: nobody waits for the libraries of all the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """See ``click.Group``."""
        return sorted(name for names in FAMILIES.values() for name in names)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002  as above
        """See ``click.Group``."""
        family = next((family for family, names in FAMILIES.items() if name in names), None)
        if family is None:
            return None
        commands: tuple[click.Command, ...] = import_module(f"{__name__}.{family}").COMMANDS
        return next(command for command in commands if command.name == name)


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Least privilege for AWS, by pull request: every proposal carries its proof."""


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
        # A line that begins with its place is one that editors and terminals can jump to.
        has_place = isinstance(error, (DeclarationError, PolicySyntaxError))
        _echo_error(str(error) if has_place else f"leastwise: {error}")
        sys.exit(next((code for kind, code in _EXIT_CODES if isinstance(error, kind)), 5))
    except Exception:  # noqa: BLE001  the one place where a defect becomes a report
        _echo_error(traceback.format_exc())
        click.echo("leastwise: a defect of leastwise; please report it with the lines above", err=True)
        sys.exit(DEFECT)


def _echo_error(message: str) -> None:
    """An error may quote what others named: nothing of it acts on a terminal or commands a runner."""
    click.echo(harmless("\n".join(map(one_line, message.split("\n")))), err=True)
