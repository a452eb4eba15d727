"""The forms of an audit: what they say first, what they cut and say so; names from logs stay names."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.audit.values import Kind
from leastwise.model.declared import EmailTarget
from leastwise.render import audit_csv, audit_html, audit_json, audit_mail, audit_text
from leastwise.render.audit_mail import LARGEST_ATTACHMENT, Letter, mail
from leastwise.render.audit_summary import summary
from leastwise.render.audit_words import shown, subject_line
from leastwise.render.escape import is_formula
from tests.audit.cases import (
    EARLIER,
    EVERYTHING,
    IN,
    OCTOBER,
    WHO,
    analyzer,
    attempt,
    audit,
    covered,
    since,
    used,
)
from tests.builders import ACCOUNT, denied, saw

HOSTILE = "<script>alert(1)</script>|`*_[x](https://evil.example)\u202e&\"'=1+1"
RUN = "https://github.com/acme/iam/actions/runs/7"
TO = EmailTarget("audit@acme.example", ("security@acme.example", "ada@acme.example"), "eu-west-1")
VOID = {"meta", "wbr", "br", "link", "img"}


class Page(HTMLParser):
    """What a reader of HTML gets; fails where elements do not nest."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.open, self.words, self.links, self.ids = [], [], [], [], []
        self.heads, self.rows = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        assert not any(name.startswith("on") for name in given)
        if tag not in VOID:
            self.open.append(tag)
        if "href" in given:
            self.links.append(given["href"])
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "tr":
            self.rows.append(0)
        if tag in ("th", "td"):
            self.rows[-1] += 1
            assert tag == "td" or given["scope"] in ("col", "row")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self.open):
            self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


def hostile():
    who = replace(WHO, key=f"arn:aws:iam::{ACCOUNT}:user/{HOSTILE}", kind=Kind.USER, name=HOSTILE)
    return audit(
        saw("secretsmanager:GetSecretValue", HOSTILE, (IN,), principal=who.key),
        denied("ec2:RunInstances", HOSTILE, days=(IN,), principal=who.key),
        subjects=(who,),
        seen=covered(unmapped={HOSTILE: 3}, limits=frozenset({HOSTILE}), excluded={HOSTILE: 1}),
    )


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def crowd(size):
    """So many users, each with a sensitive action."""
    subjects = tuple(replace(WHO, key=f"key-{n:06}", name=f"worker-{n:06}") for n in range(size))
    return audit(
        *(used("iam:AttachUserPolicy", IN, principal=subject.key) for subject in subjects), subjects=subjects
    )


def test_what_was_looked_at_comes_before_what_was_found():
    found = audit(used("s3:GetObject", IN), seen=covered(since(date(2026, 8, 20))))
    for text in ("\n".join(audit_text.lines(found)), Page(audit_html.page(found, "")).text, summary(found)):
        looked, told = text.index("What was new in October 2026 cannot be told"), text.index("payments-api")
        assert looked < told
        assert "no records before 2026-08-20" in " ".join(text.split())


def test_a_page_is_plain_html_that_loads_nothing():
    page = Page(audit_html.page(EVERYTHING, RUN))
    assert not {"script", "img", "link", "iframe", "form"} & set(page.tags)
    assert "url(" not in audit_html.page(EVERYTHING, RUN)
    assert set(page.links) == {RUN, "#p0", "#p1"}
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert set(page.rows) <= {3, 4, 5, 6}


@pytest.mark.parametrize("form", ["text", "html", "csv", "summary"])
def test_hostile_names_stay_text(form):
    found = hostile()
    text = {
        "text": "\n".join(audit_text.lines(found)),
        "html": audit_html.page(found, ""),
        "csv": audit_csv.text(found),
        "summary": summary(found),
    }[form]
    assert "alert(1)" in text
    assert "\u202e" not in text
    assert "u202e" in text
    if form == "html":
        page = Page(text)
        assert "script" not in page.tags
        assert page.links == ["#p0"]
        assert "<script>alert(1)</script>" in page.text
        assert "https://evil" not in page.text
    if form == "summary":
        assert "<script" not in text
        assert not re.search(r"(?<!\\)\*_|\]\(", text)
    if form == "text":
        assert "https://" not in text


@given(st.text(max_size=60))
def test_what_is_shown_is_one_line_of_ascii_without_a_link(text):
    written = shown(text)
    assert written.isprintable()
    assert written.replace("\u2026", "").isascii()
    assert "://" not in written


@given(st.lists(st.text(max_size=20), min_size=1, max_size=4))
def test_no_cell_is_a_formula_and_every_cell_reads_back_as_text(names):
    for name in names:
        cell = audit_csv.safe(name)
        assert not is_formula(cell)
        assert cell.isascii()


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1+1"])
def test_a_formula_gets_a_quote(name):
    assert audit_csv.safe(name).startswith("'")


def test_a_csv_has_lines_as_the_standard_says_and_all_of_them():
    text = audit_csv.text(EVERYTHING)
    rows = rows_of(text)
    assert text.count("\r\n") == len(rows) + 1
    assert "\n" not in text.replace("\r\n", "")
    uses = sum(len(each.uses) + len(each.denied) for each in EVERYTHING.principals)
    assert len(rows) == uses + 1, "and one for root, who has no record"
    assert [row["outcome"] for row in rows if row["kind"] == "root"] == ["no record"]
    calls = sum(int(row["calls"]) for row in rows if row["outcome"] == "used")
    assert calls == EVERYTHING.calls


def test_figures_are_the_same_in_every_form():
    found = json.loads(json.dumps(audit_json.audit_object(EVERYTHING)))
    rows = rows_of(audit_csv.text(EVERYTHING))
    for principal in found["principals"]:
        mine = [row for row in rows if row["principal"] == principal["principal"]]
        used_calls = sum(int(row["calls"]) for row in mine if row["outcome"] == "used")
        assert principal["calls"] == used_calls == sum(use["month"]["calls"] for use in principal["uses"])
    text = "\n".join(audit_text.lines(EVERYTHING))
    denied_too = f"1 of 2 principals; {EVERYTHING.denied_calls} more were denied."
    assert f"Calls on record: {EVERYTHING.calls} by {denied_too}" in text


def test_a_page_that_would_be_clipped_is_cut_at_whole_principals_and_says_so():
    many = crowd(400)
    for address, where in (("", "audit.csv and audit.json beside this mail"), (RUN, "the run's page")):
        text = audit_html.page(many, address)
        assert len(text.encode()) <= audit_html.LARGEST
        page = Page(text)
        chapters = sum(each.startswith("p") for each in page.ids)
        assert 0 < chapters < 400
        cut = f"This mail would be too large: what {400 - chapters} more principals did is in {where}."
        assert cut in page.text
        assert f"and {400 - audit_html.ROWS} more principals" in page.text
        assert (RUN in page.links) is bool(address)


def test_regions_without_end_do_not_fill_the_page():
    regions = frozenset(f"made-up-{n}" for n in range(20_000))
    text = audit_html.page(
        audit(used("s3:GetObject", IN), seen=covered(all_regions=None, regions=regions)), ""
    )
    assert len(text.encode()) < 20_000
    assert "In October 2026: 10 calls of 1 action." in Page(text).text


def test_a_page_of_a_principal_who_did_a_thousand_things_is_cut_at_rows():
    many = audit(*(used(f"s3:Action{n}", IN, EARLIER) for n in range(1_000)))
    assert "and 980 more rows" in Page(audit_html.page(many, "")).text
    assert "and 980 more rows" in "\n".join(audit_text.lines(many))
    assert len(rows_of(audit_csv.text(many))) == 1_000


def letter(found=EVERYTHING, rows="a\r\n", text="text\n"):
    page = audit_html.page(found, RUN)
    return Letter(subject_line(found), text, page, rows, str(OCTOBER), found.made)


def test_a_mail_has_text_html_and_rows_and_the_same_bytes_each_time():
    sent = mail(letter(), TO)
    assert sent == mail(letter(), TO)
    read = message_from_bytes(sent, policy=policy.default)
    assert read["Subject"] == subject_line(EVERYTHING)
    assert (read["From"], read["To"]) == ("audit@acme.example", "security@acme.example, ada@acme.example")
    assert read["Date"].datetime == EVERYTHING.made
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/csv",
    ]  # fmt: skip
    assert read.get_body(("plain",)).get_content().splitlines() == ["text"]
    page = audit_html.page(EVERYTHING, RUN)
    assert read.get_body(("html",)).get_content().split() == page.split()
    (attached,) = read.iter_attachments()
    assert attached.get_filename() == "audit-2026-10.csv"
    assert all(len(line) <= 998 for line in sent.split(b"\r\n")), "RFC 5321 allows no longer line"
    assert read.defects == []


def test_rows_that_are_too_large_for_mail_are_left_out():
    rows = "x" * (LARGEST_ATTACHMENT + 1)
    read = message_from_bytes(mail(letter(rows=rows), TO), policy=policy.default)
    assert list(read.iter_attachments()) == []
    assert not audit_mail.is_attached(rows)


def test_a_mail_to_nobody_yet_has_no_addresses():
    read = message_from_bytes(mail(letter(), None), policy=policy.default)
    assert (read["From"], read["To"]) == (None, None)


def test_an_odd_address_does_not_break_the_head():
    odd = EmailTarget(
        "l\u00e4st@acme.example", ("a..b@acme.example", "x" * 64 + "@acme.example"), "eu-west-1"
    )
    read = message_from_bytes(mail(letter(), odd), policy=policy.default)
    assert read["Subject"] == subject_line(EVERYTHING)
    assert read.get_body(("plain",)).get_content().splitlines() == ["text"]


def test_somebody_who_did_nothing_is_not_said_to_be_silent_where_that_is_not_known():
    seen = covered(selectors=None)
    found = audit(used("s3:GetObject", EARLIER), seen=seen)
    text = "\n".join(audit_text.lines(found))
    assert "No record in October 2026; the last record of it in the year is of 2026-03-07." in text
    doubt = "It may have been at work: the source does not say what it logs (no event selectors)."
    assert doubt in " ".join(text.split())
    assert "What went silent in October 2026 cannot be told" in " ".join(text.split())
    assert "Gone silent" not in text
    assert re.search(r"payments-api \(111122223333\) +0 +0 +0 +0 +\?$", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("observations", "words"),
    [
        ((used("s3:GetObject", IN, calls=1),), "In October 2026: 1 call of 1 action."),
        (
            (
                used("s3:GetObject", IN),
                denied("s3:PutObject", days=(IN,)),
                denied("s3:ListBucket", days=(IN,)),
            ),
            "In October 2026: 10 calls of 1 action; 2 more calls denied, of 2 actions.",
        ),
        ((denied("s3:PutObject", days=(IN,)),), "In October 2026: 1 call denied, of 1 action."),
    ],
)
def test_a_chapter_begins_with_what_was_called_and_denied(observations, words):
    assert words in list(audit_text.lines(audit(*observations)))


def test_what_no_source_counts_is_said_to_be_called_and_not_how_often():
    who = replace(WHO, sources=("analyzer",))
    seen = attempt("s3:GetObject", "2026-10-03", "2026-10-30")
    lines = list(audit_text.lines(audit(seen, seen=analyzer(), subjects=(who,))))
    assert "In October 2026: 1 action called, no source tells how often." in lines
    (row,) = [line for line in lines if line.startswith("  s3:GetObject")]
    assert row.split() == ["s3:GetObject", "called", "2026-10-03", "2026-10-30"]


def test_what_is_empty_is_said_to_be_nothing_only_where_the_month_was_seen_in_full():
    seen = audit_text.lines(audit(used("s3:GetObject", IN, EARLIER)))
    assert [line for line in seen if line.startswith("Nothing to show of: actions seen for the first time")]
    half_seen = list(audit_text.lines(audit(used("s3:GetObject", IN, EARLIER), seen=covered(selectors=None))))
    assert [line for line in half_seen if line.startswith("Not on record: actions seen for the first time")]
    assert not [line for line in half_seen if line.startswith(("Nothing", "It may"))], "the head has said it"


def test_days_of_several_accounts_are_said_to_be_of_each():
    two = (WHO, replace(WHO, key="other", accounts=("444455556666",)))
    text = " ".join("\n".join(audit_text.lines(audit(subjects=two))).split())
    assert "Records of each of 2 accounts on 0 of 31 days of October 2026" in text


def test_the_text_is_narrow_but_for_tables_of_figures():
    lines = list(audit_text.lines(EVERYTHING))
    assert max(map(len, lines)) <= 110
