"""The account of moto that the stories of plan, apply and rollback happen in."""

from __future__ import annotations

import pytest

from tests.fakes.iam_account import environment, mocked
from tests.plan.conftest import world  # noqa: F401  a fixture
from tests.plan.world import World


@pytest.fixture
def user(tmp_path, monkeypatch):
    """A user in the place of the role."""
    environment(monkeypatch)
    monkeypatch.delenv("LEASTWISE_STATE", raising=False)
    with mocked():
        yield World(tmp_path, kind="user")
