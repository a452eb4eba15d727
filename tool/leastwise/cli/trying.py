"""The verb for whoever wants a look first: demo."""

from __future__ import annotations

from pathlib import Path

import click

from leastwise.cli.options import OUTPUT, say
from leastwise.verbs import demo as demo_verb


@click.command()
@click.option("--folder", type=OUTPUT, default=Path("demo"), show_default=True)
@click.option("--records", type=click.IntRange(1_000), default=120_000, show_default=True)
def demo(folder: Path, records: int) -> None:
    """Make a small AWS account with 90 days of logs, and propose policies for it."""
    demo_verb.run(folder, records, say)


COMMANDS = (demo,)
