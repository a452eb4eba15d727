"""What is live and not committed: on the dashboard always, in the digest when it changes."""

from dataclasses import replace

import pytest

from leastwise.model.report import LiveReport
from leastwise.render.dashboard import dashboard, run_summary
from leastwise.render.digest import digest
from leastwise.render.standing import news
from tests.builders import ROLE, TODAY
from tests.render.test_dashboard import HOSTILE, REPORT

DIFFERS = replace(REPORT, live=LiveReport(("role/api/main.json: the live one grants more",)))
SAME = replace(REPORT, live=LiveReport())
UNREAD = replace(REPORT, live=LiveReport(unread="AccessDenied (request 1)"))
NOT_ASKED = REPORT


def board(report):
    return dashboard([report], (), TODAY)


def test_what_differs_has_a_line():
    text = board(DIFFERS)
    assert (
        "### Declared is not what is live\n\n- role payments-api (111122223333): role/api/main.json" in text
    )
    assert "Declared is not" not in board(SAME)
    assert "Declared is not" not in board(NOT_ASKED)
    assert "what is live could not be read: AccessDenied (request 1)" in board(UNREAD)


def test_where_it_is_to_be_undone_the_line_says_by_what():
    undone = replace(DIFFERS, live=replace(DIFFERS.live, undone_by="ab" * 32))
    assert f"`leastwise apply {'ab' * 32}` undoes it" in board(undone)


@pytest.mark.parametrize(
    ("before", "now", "is_news"),
    [
        (SAME, DIFFERS, True),
        (NOT_ASKED, DIFFERS, True),
        (DIFFERS, DIFFERS, False),
        (DIFFERS, SAME, True),
        (SAME, SAME, False),
        (DIFFERS, replace(REPORT, live=LiveReport(("role/api/main.json: committed, and not live",))), True),
        (DIFFERS, UNREAD, False),
        (UNREAD, SAME, False),
        (DIFFERS, NOT_ASKED, False),
    ],
)
def test_only_what_is_new_is_told(before, now, is_news):
    assert news(board(before), [now]) == ((ROLE,) if is_news else ())


@pytest.mark.parametrize(
    "body",
    [
        "",
        '<!-- leastwise:live {"a":} -->',
        "<!-- leastwise:live {} -->",
        "<!-- leastwise:live [] -->",
        HOSTILE,
    ],
)
def test_whatever_somebody_made_of_the_issue_costs_no_more_than_being_told_again(body):
    assert news(body, [DIFFERS]) == (ROLE,)


def test_the_digest_tells_it_in_words():
    told = digest([DIFFERS], (), "acme/iam", "", (ROLE,))
    assert told.subject == "leastwise: 1 changed by hand in acme/iam"
    (item,) = told.items
    assert item.text.startswith("live: role payments-api (111122223333): role/api/main.json: the live one")
    again = digest([SAME], (), "acme/iam", "", (ROLE,))
    assert again.items[0].text.endswith("what is declared is what is live again")
    assert digest([DIFFERS], (), "acme/iam", "") is None
    assert "live: role payments-api" in run_summary([DIFFERS], (), TODAY, (ROLE,))


def test_names_from_aws_are_harmless():
    text = board(replace(REPORT, live=LiveReport((HOSTILE,) * 12, "")))
    assert "\n## c" not in text
    assert "@acme" not in text
    assert "2 more policies" in text
    assert "@acme" not in board(replace(REPORT, live=LiveReport(unread=HOSTILE)))
