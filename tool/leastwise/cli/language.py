"""Verbs about any IAM policies: prove, replay."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from leastwise.cli.options import FILE, PATH, format_option, say
from leastwise.verbs import prove as prove_verb
from leastwise.verbs import replay as replay_verb

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option("--evidence", type=FILE)
@click.option("--certificate", type=FILE)
@format_option
def prove(old: Path, new: Path, evidence: Path | None, certificate: Path | None, form: str) -> None:
    """Is everything that NEW allows allowed by OLD?  Each is an IAM policy, or a folder of them."""
    sys.exit(prove_verb.run(old, new, evidence, certificate, form, say))


@click.command()
@click.option("--policy", "policies", multiple=True, required=True, type=PATH)
@click.option("--requests", required=True, type=click.File("r", encoding="utf-8"))
@format_option
def replay(policies: tuple[Path, ...], requests: Iterable[str], form: str) -> None:
    """Ask policies about requests: JSON lines of {"action", "resource", "context"}."""
    sys.exit(replay_verb.run(policies, requests, form, say))


COMMANDS = (prove, replay)
