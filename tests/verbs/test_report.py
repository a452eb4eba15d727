"""`leastwise report`: from a repository to a folder of pages, and what it says where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from leastwise.demo import DEMO_NOW, build_demo
from tests.command_line import run

NOW = ("--now", DEMO_NOW.isoformat())
ROLE = "arn:aws:iam::111122223333:role/media-ingest"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return build_demo(tmp_path_factory.mktemp("demo"), DEMO_NOW, 3_000).root


def texts(folder):
    return {file.name: file.read_text("utf-8") for file in folder.iterdir()}


def test_kept_evidence_gives_the_same_pages_as_the_logs(capsys, root, tmp_path):
    one = ("--root", root, *NOW, "--principal", ROLE)
    code, said, _ = run(capsys, "report", *one, "--out", tmp_path / "a")
    assert code == 0
    assert said == f"Wrote 2 pages: open {tmp_path / 'a' / 'index.html'} in a browser.\n"
    _, evidence, _ = run(capsys, "observe", *one, "--format", "json")
    (tmp_path / "e.json").write_text(evidence, "utf-8")
    run(capsys, "report", *one, "--out", tmp_path / "b", "--evidence", tmp_path / "e.json")
    assert texts(tmp_path / "a") == texts(tmp_path / "b")


def test_pages_of_principals_that_are_gone_go_too(capsys, root, tmp_path):
    both = (
        "--root",
        root,
        *NOW,
        "--principal",
        ROLE,
        "--principal",
        ROLE.replace("media-ingest", "ci-deployer"),
    )
    run(capsys, "report", *both, "--out", tmp_path / "a")
    (tmp_path / "a" / "notes.html").write_text("<p>mine")
    _, said, _ = run(capsys, "report", "--root", root, *NOW, "--principal", ROLE, "--out", tmp_path / "a")
    assert said.startswith("Wrote 2 pages, and removed 1 page of an earlier site: open ")
    left = set(texts(tmp_path / "a"))
    assert not any("ci-deployer" in name for name in left)
    assert len(left) == 3
    assert "notes.html" in left


def test_proposing_makes_the_site_of_the_same_evidence(capsys, root, tmp_path):
    one = ("--root", root, *NOW, "--principal", ROLE)
    code, said, _ = run(capsys, "propose", *one, "--out", tmp_path / "out", "--site", tmp_path / "site")
    assert code == 0
    assert "Wrote 2 pages" in said
    run(capsys, "report", *one, "--out", tmp_path / "alone")
    assert texts(tmp_path / "site") == texts(tmp_path / "alone")


def test_people_are_named_only_when_asked_for(capsys, root, tmp_path):
    who = ("--root", root, *NOW, "--principal", ROLE.replace("media-ingest", "support-console"))
    run(capsys, "report", *who, "--out", tmp_path / "a")
    run(capsys, "report", *who, "--out", tmp_path / "b", "--show-people")
    unnamed, named = ("".join(texts(tmp_path / name).values()) for name in "ab")
    assert "rosa" in named
    assert "rosa" not in unnamed


def test_a_folder_that_cannot_be_written_is_named(capsys, root, tmp_path):
    (tmp_path / "file").write_text("")
    code, _, said = run(
        capsys, "report", "--root", root, *NOW, "--principal", ROLE, "--out", tmp_path / "file"
    )
    assert code == 2
    assert "give another folder" in said


def test_evidence_names_no_people(capsys, root, tmp_path):
    (tmp_path / "e.json").write_text("{}")
    code, _, said = run(capsys, "report", "--root", root, "--evidence", tmp_path / "e.json", "--show-people")
    assert code == 2
    assert "names no session" in said


def test_evidence_of_sessions_is_not_taken_for_that_of_principals(capsys, root, tmp_path):
    role = ROLE.replace("media-ingest", "support-console")
    where = ("--root", root, *NOW, "--principal", role)
    _, evidence, _ = run(capsys, "observe", *where, "--show-people", "--format", "json")
    (tmp_path / "e.json").write_text(evidence, "utf-8")
    code, _, said = run(capsys, "report", *where, "--evidence", tmp_path / "e.json", "--out", tmp_path / "a")
    assert code == 2
    assert "tells sessions apart" in said
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("in_a_public_repository")
def test_in_a_public_repository_nothing_is_written(capsys, root, tmp_path):
    code, _, said = run(capsys, "report", "--root", root, *NOW, "--out", tmp_path / "a")
    assert code == 5
    assert "is public" in said
    assert not (tmp_path / "a").exists()


def test_without_matplotlib_it_says_what_to_install(root, tmp_path):
    # In a process of its own, where nothing has been imported yet.
    started = (
        "import sys; sys.modules['matplotlib'] = None; from leastwise.cli import main; main(sys.argv[1:])"
    )
    arguments = ("report", "--root", root, "--out", tmp_path / "a")
    done = subprocess.run(
        [sys.executable, "-c", started, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "python -m pip install 'leastwise[report]'" in done.stderr
    assert not (tmp_path / "a").exists()
