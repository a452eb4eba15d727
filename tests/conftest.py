"""What holds for every test.

How hard the laws are tried: 60 examples each by default, 200 more in CI, 10,000 by ``make test-laws``.
No deadlines: the suite makes no assertions about time, and machines of CI are slow when they please.

The machine's own zone is far from UTC: who reads or shows a time in it is a day off, and is found out.
"""

from __future__ import annotations

import os
import time
from functools import cache

import botocore.session
import pytest
from botocore.loaders import create_loader
from hypothesis import settings

os.environ["TZ"] = "Pacific/Kiritimati"
time.tzset()

settings.register_profile("quick", deadline=None, max_examples=60)
settings.register_profile("ci", deadline=None, max_examples=200)
settings.register_profile("laws", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session", autouse=True)
def _models_of_aws_are_read_once():
    """By one test for all: botocore reads them for each session, and a test has several."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.session, "create_loader", cache(create_loader))
        yield
