"""The demo's saved queries are those of this repository, with its deployer named, and pass their cases."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from leastwise.cli import cli
from leastwise.demo import build_demo

SHIPPED = Path(__file__).resolve().parents[2] / "queries"
DEMO = Path(str(files("leastwise.demo") / "files" / "queries"))
NAMED = {
    "your pipeline. Until it is named here its changes are rows as well.": "our pipeline.",
    "name-your-deploying-role-here": "ci-deployer",
}
"""What the demo's team has changed, as the file tells everybody to."""


def below(folder):
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.suffix in (".sql", ".json")
    )


def test_the_demo_has_every_shipped_query_and_case():
    assert below(DEMO) == below(SHIPPED)
    assert len(below(SHIPPED)) >= 12


@pytest.mark.parametrize("path", below(SHIPPED))
def test_a_shipped_query_or_case_is_the_same_in_the_demo(path):
    text = (SHIPPED / path).read_text("utf-8")
    for shipped, changed in NAMED.items():
        text = text.replace(shipped, changed)
    assert (DEMO / path).read_text("utf-8") == text


def test_the_demo_s_queries_pass_their_cases(tmp_path):
    places = build_demo(tmp_path / "demo", records=1_000)
    result = CliRunner().invoke(cli, ["query", "test", "--root", str(places.root)])
    assert result.exit_code == 0, result.output
    assert "8 cases passed, 0 of 4 queries without a test" in result.output
