"""The pages as text: what they say, what they leave out, and that nothing from a log is markup."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from leastwise.render.site.build import INDEX, site_of
from leastwise.render.site.page import file_name
from tests.builders import NOW, ROLE, principal
from tests.pages.worlds import (
    HOSTILE,
    HOSTILE_ROLE,
    SCRIPT,
    crowded,
    hostile,
    idle,
    in_trial,
    newly_logged,
    not_begun,
    opaque,
    ordinary,
    probed,
    sessions,
    twice,
    without_days,
)

VOID = {"meta", "link", "input", "br", "img", "hr"}


class Page(HTMLParser):
    """Everything a test asks of a page's markup."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.open, self.tags, self.attributes, self.ids, self.text = [], [], [], [], []
        self.headings, self.tables = [], []
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id"]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "table":
            self.tables.append(set())
        if self.tables and tag in ("caption", "th"):
            self.tables[-1].add((tag, dict(attrs).get("scope")))
        if tag in ("td", "th", "p", "li"):
            self.text.append(" ")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open and "script" not in self.open:
            self.text.append(data)

    @property
    def words(self):
        return " ".join("".join(self.text).split())


def pages_of(*assessments, redact=(), told_apart=None):
    return {name: Page(text) for name, text in site_of(assessments, NOW, redact, told_apart).items()}


def page_of(assessment, **rest):
    return pages_of(assessment, **rest)[file_name(assessment.case.principal)]


@pytest.fixture(scope="module")
def texts():
    return site_of([ordinary(), in_trial(), hostile()], NOW, ())


@pytest.fixture(scope="module")
def attacked():
    return page_of(hostile(), told_apart=sessions(HOSTILE_ROLE))


def test_the_same_values_give_the_same_bytes(texts):
    assert site_of([ordinary(), in_trial(), hostile()], NOW, ()) == texts


def test_every_page_is_linked_and_links_back(texts):
    index = Page(texts[INDEX])
    links = {value for tag, name, value in index.attributes if (tag, name) == ("a", "href")}
    assert set(texts) - {INDEX} <= links
    for text in texts.values():
        assert ("a", "href", INDEX) in Page(text).attributes


def test_nothing_is_fetched_and_the_policy_allows_only_our_own_style_and_script(texts):
    for text in texts.values():
        page = Page(text)
        policy = next(
            value for _, name, value in page.attributes if "default-src" in value and name == "content"
        )
        assert policy.startswith("default-src 'none'; ")
        assert "unsafe" not in policy
        for tag in ("style", "script"):
            (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
        for tag, name, value in page.attributes:
            assert name != "style"
            assert not name.startswith("on")
            if name in ("href", "src"):
                assert value.startswith(("#", "data:")) or value in texts, f"<{tag} {name}={value}>"


def test_headings_are_in_order_tables_have_headings_and_no_id_comes_twice(texts):
    for text in texts.values():
        page = Page(text)
        assert page.headings[0] == 1
        assert page.headings.count(1) == 1
        assert all(
            after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False)
        )
        assert len(page.ids) == len(set(page.ids))
        assert page.tables
        for table in page.tables:
            assert ("caption", None) in table
            assert {scope for tag, scope in table if tag == "th"} <= {"row", "col"}


def test_names_from_logs_stay_text(attacked):
    allowed = set(Page(site_of([ordinary()], NOW, ())[file_name(principal())]).tags)
    assert set(attacked.tags) <= allowed | {"caption", "clippath"}
    assert attacked.tags.count("script") == 1
    assert SCRIPT in attacked.words
    assert "{{ 7*7 }}{% for x in y %}{# gone #}" in attacked.words
    assert "49" not in re.findall(r"\b49\b", attacked.words)


def test_text_that_lies_about_itself_is_spelled_out(attacked):
    for character in "\u202e\u200b\u2060\ufeff\u0430\x00\x1b\ud800":
        assert character not in "".join(attacked.text)
    assert "invoice\\u202egnp.exe" in attacked.words


def test_sessions_are_counted_and_not_named_unless_people_may_be_shown():
    unnamed = page_of(hostile())
    assert "Calls came from 2 session names" in unnamed.words
    assert "people: in principals.yaml decides" in unnamed.words
    assert "ada" not in unnamed.words.split()
    assert "ada" in page_of(ordinary(), told_apart=sessions()).words.split()


def test_redacted_names_are_on_no_page():
    page = page_of(ordinary(), redact=("arn:aws:s3:::acme-receipts*",))
    assert "acme-receipts" not in page.words
    assert "table/payments" in page.words


def test_the_summary_comes_first(texts):
    words = Page(texts[file_name(principal())]).words
    seen = words.index(
        "calls of 5 actions in 3 services, on 51 of the 114 days that were looked at; 1 of the"
    )
    enough = words.index("No trial is declared. The curve")
    proposed = words.index("Proposed: takes away what was not used")
    assert seen < enough < proposed < words.index("What was watched")


def test_a_gap_in_coverage_is_no_day_without_calls(texts):
    text = texts[file_name(principal())]
    assert "2026-08-10 to 2026-08-15" in Page(text).words
    assert "days of the window were not looked at" in Page(text).words
    heat = re.search(r'<svg viewBox="[^"]+" class="chart heat wide".*?</svg>', text, re.DOTALL)[0]
    assert 'class="gap"' in heat
    assert "<pattern" in heat


def test_findings_name_their_reason():
    words = page_of(ordinary()).words
    assert "no recorded call; calls would have been recorded" in words
    assert "calls of this kind were not logged" in words
    assert "CloudTrail never records this permission" in words
    assert "longest time between two uses 40 days" in words


def test_what_nobody_looked_at_is_not_called_quiet():
    page = page_of(idle())
    assert "Nothing was looked at yet." in page.words
    assert "no day was looked at" in page.words
    assert "unused" not in page.words.split("Granted, against used", 1)[1].split("Proposals", 1)[0]


def test_calls_without_days_are_used_and_not_estimated():
    words = page_of(without_days()).words
    assert "Called: 1 action; the sources tell neither days nor counts." in words
    assert re.search(r"Actions used ?1 ", words)
    assert "At work not told by the sources" in words
    assert "cannot be told: no use with a date was recorded" in words


def test_a_trial_that_has_not_begun_claims_nothing():
    words = page_of(not_begun()).words
    assert "Nothing was looked at yet. The trial opens on 2026-12-03." in words
    assert "Nothing is proposed" in words


def test_a_trial_says_how_long_it_still_goes(texts):
    name = file_name(in_trial().case.principal)
    words = Page(texts[name]).words
    assert "The trial is open for another 60 days." in words
    assert "No policy is committed yet, so this is what was used." in words
    assert "nothing points to an action still unseen" in words
    assert "may show up to 3 new ones (with 95% confidence)" in words
    assert "what is used on one day in" in words


def test_pages_stay_small_and_say_what_they_cut():
    text = site_of([crowded(1_000, 50)], NOW, ())[file_name(principal())]
    assert len(text) < 800_000
    words = Page(text).words
    assert "Cut here:" in words
    assert "and 988 more, in leastwise observe" in words
    assert re.search(r"and 15 more, in leastwise observe", words)


def test_reasons_for_refusals_are_cut_with_a_word():
    page = page_of(probed(60))
    assert re.search(r"[0-9]+ more reasons are cut here", page.words)


def test_statements_that_are_not_taken_apart_are_named_and_not_counted():
    page = page_of(opaque())
    assert "0 unused; 1 statement not taken apart" in page.words
    assert "NotAction" in page.words
    assert "the statement has parts that are never rewritten" in page.words


def test_a_call_that_two_statements_allow_counts_once_for_its_service():
    assert "Used from 2026-11-03 to 2026-11-22, 200 calls." in page_of(twice()).words


def test_days_before_logging_began_were_not_looked_at():
    words = page_of(newly_logged()).words
    assert "on 19 of the 19 days that were looked at and 31 of the others." in words


def test_file_names_are_safe_and_never_the_same():
    one, other = principal(name="a/b"), principal(name="a-b", arn=ROLE + "2")
    assert file_name(one) != file_name(other)
    assert re.fullmatch(r"[a-z0-9-]+\.html", file_name(principal(name="..\\CON\u202e" + "x" * 500)))
    assert len(file_name(principal(name="x" * 500))) < 100


def test_every_hostile_name_reached_the_page(attacked):
    plain = [name for name in HOSTILE if name.isascii() and name.isprintable()]
    assert len(plain) > 5
    for name in plain:
        assert name in attacked.words
