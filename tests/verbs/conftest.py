"""Verbs as on a machine of one's own, wherever the tests run: in CI they would refuse to show people."""

from __future__ import annotations

import pytest

from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve


@pytest.fixture(autouse=True)
def on_a_machine_of_ones_own(monkeypatch):
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def in_a_public_repository(tmp_path, monkeypatch):
    """A run of Actions whose output anybody may read."""
    fake = FakeGitHub(tmp_path / "fake.git", public=True)
    with serve(fake) as url:
        monkeypatch.setenv("GITHUB_ACTIONS", "true")
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", fake.full_name)
        monkeypatch.setenv("GITHUB_API_URL", url)
        yield
