"""A newcomer copies what the documents show: every command, option, link and snippet must exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import botocore.session
import click
import pytest
import yaml
from botocore import xform_name

from leastwise.cli import cli
from leastwise.declare.principals_file import read_declaration

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "policies/*.md", "queries/*.md")
    for page in ROOT.glob(pattern)
    if page.name != "CHANGELOG.md"
)
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
COMMANDS_OF_THE_AWS_CLI = {
    ("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"},
    ("cloudformation", "package"): set[str](),
    ("s3", "sync"): set[str](),
}
"""High-level commands, which no API model describes: https://docs.aws.amazon.com/cli/latest/reference/."""


def blocks(page: Path, language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", page.read_text(), re.DOTALL | re.MULTILINE)
    return ["\n".join(line.removeprefix(margin) for line in text.split("\n")) for margin, text in found]


def command_lines(page: Path) -> list[str]:
    """Every line of a shell block, and everything in backquotes that begins like a command."""
    lines = [
        line
        for block in blocks(page, "sh")
        for line in re.sub(r"\\\n\s*", " ", block).splitlines()
        if line.strip()
    ]
    quoted = re.findall(r"`((?:leastwise|aws) [a-z][^`\n]*)`", page.read_text())
    return [line.split(" #", 1)[0].split("   ")[0] for line in (*lines, *quoted)]


def slug(heading: str) -> str:
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def verb_of(words: list[str]) -> click.Command:
    """The verb that a command line names; fails where there is none."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words:
        below = command.get_command(click.Context(command), words.pop(0))
        assert below is not None, words
        command = below
    return command


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        headings = re.findall(r"^#+ (.*)", file.read_text(), re.MULTILINE) if anchor else []
        assert not anchor or anchor in map(slug, headings), target


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_verb_and_option_that_is_shown_exists(page: Path) -> None:
    for line in command_lines(page):
        for part in re.split(r"&&|\|", line):
            words = part.split()
            if words[:1] != ["leastwise"] or len(words) < 2 or not words[1][0].islower():
                continue
            options = [word.split("=")[0].strip("[],;") for word in words if word.startswith("--")]
            known = {
                name for each in verb_of(words[1:]).params for name in (*each.opts, *each.secondary_opts)
            }
            assert set(options) <= known, line


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_call_of_the_aws_command_line_fits_its_model(page: Path) -> None:
    session = botocore.session.get_session()
    calls = [
        call for line in command_lines(page) for call in re.findall(r"\baws [a-z0-9]+ [a-z][^|>)]*", line)
    ]
    for call in calls:
        _, service, operation, *words = shlex.split(call, posix=False)
        given = {word.removeprefix("--").split("=")[0] for word in words if word.startswith("--")}
        if (service, operation) in COMMANDS_OF_THE_AWS_CLI:
            known = COMMANDS_OF_THE_AWS_CLI[service, operation]
        else:
            model = session.get_service_model(service)
            api = {xform_name(name, "-"): name for name in model.operation_names}
            assert operation in api, call
            shape = model.operation_model(api[operation]).input_shape
            known = {xform_name(name, "-") for name in shape.members} if shape else set()
        assert given <= known | {"query", "output", "region", "profile"}, call


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_parameter_of_a_stack_is_one_of_its_template(page: Path) -> None:
    for line in command_lines(page):
        template = re.search(r"--template-file (\S+)", line) or re.search(r"file://(deploy/\S+)", line)
        if template:
            text = (ROOT / template[1]).read_text()
            given = re.findall(r"\b([A-Z][A-Za-z]+)=", line.partition("--parameter-overrides")[2])
            given += re.findall(r"ParameterKey=([A-Za-z]+)", line)
            assert set(given) <= set(re.findall(r"^  ([A-Z][A-Za-z]+):$", text, re.MULTILINE)), line


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_snippet_of_yaml_is_a_part_of_a_declaration(page: Path) -> None:
    for block in blocks(page, "yaml"):
        head = "" if "version" in yaml.safe_load(block) else "version: 1\n"
        read_declaration(head + block, str(page))


def test_readme_has_a_row_for_every_verb() -> None:
    rows = re.findall(r"^\| (`.*?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    told = {word for row in rows for word in re.findall(r"`([a-z-]+)", row)}
    assert set(cli.list_commands(click.Context(cli))) == told


def test_contributing_has_a_place_for_everything_in_the_package() -> None:
    rows = re.findall(r"^   \| (`.*?) \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    told = {name.rstrip("/") for row in rows for name in re.findall(r"`([a-z_/.]+)`", row)}
    package = ROOT / "tool" / "leastwise"
    there = {
        each.name for each in package.iterdir() if each.suffix == ".py" or (each / "__init__.py").is_file()
    }
    assert there - told == {"__init__.py", "__main__.py"}
    assert [name for name in told if not (package / name).exists()] == []
