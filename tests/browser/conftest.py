"""The site on disk, and Debian's Chromium to open it with; loudly skipped where there is none."""

from __future__ import annotations

import os
import shutil
import warnings

import pytest

from leastwise.render.site.build import site_of
from tests.builders import NOW
from tests.pages.worlds import HOSTILE_ROLE, hostile, in_trial, ordinary, sessions

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser():
    sync_api = pytest.importorskip(
        "playwright.sync_api", reason="the dependency group `browser` is not installed"
    )
    path = os.environ.get("LEASTWISE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        warnings.warn("no browser test ran: no Chromium is installed", stacklevel=1)
        pytest.skip("no Chromium: apt-get install chromium, or name it in LEASTWISE_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        # In a container as root Chromium's own sandbox does not start; what it opens is ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    for name, text in site_of([ordinary(), in_trial(), hostile()], NOW, (), sessions(HOSTILE_ROLE)).items():
        (folder / name).write_text(text, "utf-8")
    return folder
