"""Each verb is found in its family, and nobody waits for the libraries of the others."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from leastwise.cli import FAMILIES, cli


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_the_verbs_that_are_listed_for_it(family):
    commands = import_module(f"leastwise.cli.{family}").COMMANDS
    assert tuple(command.name for command in commands) == FAMILIES[family]


def test_a_verb_that_does_not_exist_is_none():
    assert cli.get_command(None, "prpose") is None


def test_saying_the_version_imports_no_verb():
    script = (
        "import sys; from leastwise.cli import main\n"
        "try: main(['--version'])\n"
        "finally: print(sorted({'boto3', 'duckdb', 'github', 'leastwise.verbs'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
