"""The site as people meet it: opened from the disk, by keyboard, in the dark, on a phone."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path

import pytest

from leastwise.render.site.build import INDEX
from leastwise.render.site.page import file_name
from tests.builders import principal
from tests.pages.worlds import HOSTILE_ROLE, SCRIPT

pytestmark = pytest.mark.browser
expect = pytest.importorskip("playwright.sync_api", reason="the dependency group `browser` is missing").expect

ORDINARY = file_name(principal())
ATTACKED = file_name(principal(name="victim", arn=HOSTILE_ROLE))
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
VISIBLE_ROWS = "[...document.querySelectorAll('[data-row]')].filter(row => row.checkVisibility()).length"
CONTRAST = Path(__file__).with_name("contrast.js").read_text("utf-8")


@contextmanager
def opened(browser, site, name, *, size=DESKTOP, scheme="light"):
    """A page, and everything it complained of or asked the network for."""
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.on(
        "request",
        lambda request: (
            complaints.append(request.url) if not request.url.startswith(("file:", "data:")) else None
        ),
    )
    page.add_init_script(
        "addEventListener('securitypolicyviolation', event => console.log('refused ' + event.blockedURI))"
    )
    page.goto((site / name).as_uri())
    yield page, complaints
    context.close()


@pytest.fixture(params=[INDEX, ORDINARY, ATTACKED])
def name(request):
    return request.param


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_from_the_disk_without_a_complaint(browser, site, name, scheme):
    with opened(browser, site, name, scheme=scheme) as (page, complaints):
        assert page.locator("h1").is_visible()
        assert page.locator("input[type=search]").is_visible()
        assert complaints == []


def test_the_listeners_of_these_tests_hear_a_violation(browser, site):
    with opened(browser, site, INDEX) as (page, complaints):
        with page.expect_console_message(lambda message: "refused https://example.invalid" in message.text):
            page.evaluate(
                "document.body.append(Object.assign(new Image, {src: 'https://example.invalid/a'}))"
            )
        assert any("https://example.invalid" in complaint for complaint in complaints)


def test_only_the_page_s_own_script_runs(browser, site):
    with opened(browser, site, ATTACKED) as (page, complaints):
        assert page.title() == "role victim · leastwise"
        assert page.locator("main img, main script, main iframe").count() == 0
        assert page.get_by_text(SCRIPT).count() > 0
        assert "\u202e" not in page.inner_text("body")
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert complaints == []


def test_search_works_by_keyboard(browser, site):
    with opened(browser, site, ORDINARY) as (page, complaints):
        everything = page.locator("[data-row]").count()
        page.keyboard.press("/")
        page.keyboard.type("deleteobject")
        expect(page.locator("#found")).to_have_text(re.compile("^1 of "))  # the last letter was heard
        shown = page.evaluate(VISIBLE_ROWS)
        assert 0 < shown < everything
        assert page.inner_text("#found") == f"{shown} of {everything} rows"
        assert page.locator("#found").get_attribute("aria-live") == "polite"
        assert page.get_by_text("DeleteObject", exact=True).first.is_visible()
        assert page.locator("[data-group]:visible").count() == 1
        page.keyboard.press("Escape")
        expect(page.locator("#found")).to_be_empty()
        expect(page.locator("[data-group][open]")).to_have_count(0)
        assert page.locator("[data-group]:visible").count() > 1
        assert complaints == []


def test_a_search_that_finds_nothing_says_so(browser, site):
    with opened(browser, site, ORDINARY) as (page, _):
        page.fill("#search", "no such thing anywhere")
        expect(page.locator("#found")).to_contain_text("0 of ")
        assert page.evaluate(VISIBLE_ROWS) == 0


def test_the_index_is_searched_and_sorted_by_keyboard(browser, site):
    with opened(browser, site, INDEX) as (page, complaints):
        page.get_by_role("button", name="Principal").press("Enter")
        first = page.locator("tbody th a").first
        expect(first).to_have_text("DataEngineer")
        page.get_by_role("button", name="Principal").press("Enter")
        expect(first).to_have_text("victim")
        expect(page.locator("[aria-sort=descending]")).to_have_count(1)
        page.fill("#search", "permission set")
        expect(page.locator("#found")).to_have_text("1 of 3 rows")
        assert complaints == []


def test_details_open_by_keyboard(browser, site):
    with opened(browser, site, ORDINARY) as (page, _):
        group = page.locator("[data-group]").first
        expect(group.locator("table").first).to_be_hidden()
        group.locator("summary").first.press("Enter")
        expect(group.locator("table").first).to_be_visible()


def test_the_first_tab_leads_to_the_content(browser, site, name):
    with opened(browser, site, name) as (page, _):
        page.keyboard.press("Tab")
        expect(page.locator(":focus")).to_have_text("Skip to the content")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("#main$"))


def test_a_phone_never_scrolls_sideways(browser, site, name):
    with opened(browser, site, name, size=PHONE) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        for text in page.locator(".chart:visible text").all()[:20]:
            assert text.bounding_box()["height"] >= 9


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_aa_asks(browser, site, name, scheme):
    with opened(browser, site, name, scheme=scheme) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
        assert page.evaluate(CONTRAST) == []
        paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert paper == {"light": "rgb(252, 252, 250)", "dark": "rgb(21, 23, 26)"}[scheme]


def test_without_the_script_everything_is_there(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site / ORDINARY).as_uri())
    assert not page.locator("#search").is_visible()
    page.locator("[data-group] > summary").first.press("Enter")
    expect(page.locator("[data-group] table").first).to_be_visible()
    context.close()


def test_paper_shows_what_is_folded_away(browser, site):
    with opened(browser, site, ORDINARY) as (page, _):
        page.emulate_media(media="print")
        expect(page.locator("[data-group] table").first).to_be_visible()
        expect(page.locator("#search")).to_be_hidden()


@pytest.mark.skipif(
    "LEASTWISE_AXE" not in os.environ, reason="axe-core: `make test-browser` fetches it with npm"
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser, site, name, scheme):
    # The page's own policy lets no other script in, so axe comes in with the policy bypassed.
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)
    page = context.new_page()
    page.goto((site / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(details => details.open = true)")
    page.add_script_tag(path=os.environ["LEASTWISE_AXE"])
    found = page.evaluate("axe.run().then(result => result.violations)")
    assert [(each["id"], [node["target"] for node in each["nodes"]][:3]) for each in found] == []
    context.close()
