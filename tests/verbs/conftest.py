"""Verbs as on a machine of one's own, wherever the tests run: in CI they would refuse to show people."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def on_a_machine_of_ones_own(monkeypatch):
    for name in ("CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
