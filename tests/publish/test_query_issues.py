"""One issue for each query: opened, kept up to date, closed when clean, and left to people who closed it."""

from dataclasses import replace

import pytest

from leastwise.errors import PublishError
from leastwise.publish.labels import QUERY
from leastwise.publish.query_issues import ACKNOWLEDGED, IssueOutcomeKind, QueryIssues
from leastwise.render.query_issue import LIMIT, State, mark
from leastwise.saved.results import Standing
from tests.publish.github_world import Interrupted, Killed, world
from tests.saved.found import ASKED, found, report

ONE, TWO = ("2026-11-20 09:00:00.000", "root"), ("2026-11-21 09:00:00.000", "root")
RUN = "https://github.test/acme/policies/actions/runs/7"


@pytest.fixture
def here(tmp_path):
    with world(tmp_path, direct=True) as made:
        yield made


def ensure(here, *results, transport=None, public=False, **more):
    issues = QueryIssues.connect(here.forge(transport), RUN, public=public)
    return [(one.kind.value, one.why) for one in issues.ensure(report(*results, **more))]


def issue(here):
    (only,) = here.fake.items.values()
    return only


def test_rows_open_an_issue_and_the_same_rows_write_nothing(here):
    assert ensure(here, found(ONE)) == [("opened", "")]
    assert issue(here).title == "The root user was used (root-use)"
    assert issue(here).labels == {QUERY}
    assert issue(here).body.splitlines()[0] == mark("root-use")
    assert "| `2026-11-20 09:00:00.000` | `root` |" in issue(here).body
    assert f"artifact `leastwise-queries` of [this run]({RUN})" in issue(here).body
    assert "For @acme/security." in issue(here).body
    here.fake.forget()
    later = replace(found(ONE), end=found(ONE).end.replace(day=24))
    assert ensure(here, later) == [("unchanged", "")]
    assert here.fake.writes == []


def test_other_rows_or_words_edit_it_in_place(here):
    ensure(here, found(ONE))
    here.fake.forget()
    assert ensure(here, found(TWO, ONE)) == [("updated", "")]
    assert [call.method for call in here.fake.writes] == ["PATCH"]
    assert "**2 rows**" in issue(here).body
    reworded = found(TWO, ONE, asked=replace(ASKED, why="It passes every policy."))
    assert ensure(here, reworded) == [("updated", "")]
    assert "It passes every policy." in issue(here).body


def test_when_nothing_is_found_it_is_closed_with_a_word_and_reopened_when_rows_come(here):
    ensure(here, found(ONE))
    here.fake.forget()
    assert ensure(here, found()) == [("closed", "")]
    assert [call.method for call in here.fake.writes] == ["PATCH"]
    assert issue(here).state == "closed"
    assert "**Nothing found** by `queries/root-use.sql` any more: nobody used it." in issue(here).body
    here.fake.forget()
    assert ensure(here, found()) == [("unchanged", "")]
    assert here.fake.writes == []
    assert ensure(here, found(ONE)) == [("reopened", "")]
    assert (issue(here).state, issue(here).number) == ("open", 1)


def test_what_people_closed_stays_closed_until_a_new_row_comes(here):
    ensure(here, found(ONE, TWO))
    here.fake.close(1)
    here.fake.forget()
    assert ensure(here, found(ONE, TWO)) == [("left alone", ACKNOWLEDGED)]
    assert ensure(here, found(TWO)) == [("left alone", ACKNOWLEDGED)]
    assert here.fake.writes == []
    assert ensure(here, found(("2026-11-22 09:00:00.000", "root"), TWO)) == [("reopened", "")]


def test_beyond_what_is_shown_more_rows_are_news_too(here):
    many = [(f"{number}", "root") for number in range(300)]
    ensure(here, found(*many))
    assert "Cut here: 100 more of 300 rows." in issue(here).body
    here.fake.close(1)
    assert ensure(here, found(*many[:-1])) == [("left alone", ACKNOWLEDGED)]
    assert ensure(here, found(*many, ("one", "more"))) == [("reopened", "")]


@pytest.mark.parametrize("standing", [Standing.FAILED, Standing.UNSURE, Standing.SKIPPED, Standing.WRONG])
def test_what_was_not_looked_at_is_not_clean(here, standing):
    ensure(here, found(ONE))
    here.fake.forget()
    (outcome,) = ensure(here, replace(found(), standing=standing, reason="nothing was logged"))
    assert outcome == ("left alone", "nothing was logged")
    assert here.fake.writes == []
    assert issue(here).state == "open"


def test_the_issue_of_a_query_that_is_gone_is_closed_and_only_by_a_whole_run(here):
    ensure(here, found(ONE))
    assert ensure(here, known=None) == []
    assert issue(here).state == "open"
    assert ensure(here, known=("other",)) == [("closed", "the query is gone")]
    assert issue(here).state == "closed"


def test_a_query_that_was_not_due_keeps_its_issue(here):
    ensure(here, found(ONE))
    assert ensure(here, known=("root-use",)) == []
    assert issue(here).state == "open"


def test_issues_of_others_with_the_label_are_not_touched(here):
    here.fake.add("Mine", "my notes", labels={QUERY})
    here.fake.add("Mine", f"my notes\n{mark('root-use')}", labels={QUERY})
    assert ensure(here, found(ONE), known=()) == [("opened", ""), ("closed", "the query is gone")][:1]
    assert [item.state for item in here.fake.items.values()] == ["open"] * 3


def test_copies_are_closed_and_a_lost_state_is_written_anew(here):
    ensure(here, found(ONE))
    here.fake.add("copy", f"{mark('root-use')}\ncopy", labels={QUERY})
    here.fake.items[1].body = f"{mark('root-use')}\r\nsomebody edited this"
    assert ensure(here, found(ONE)) == [("updated", "")]
    assert [item.state for item in here.fake.items.values()] == ["open", "closed"]


def test_killed_after_making_it_there_is_still_one(here):
    def kill():
        raise Killed

    with pytest.raises(Killed):
        ensure(here, found(ONE), transport=Interrupted(here.transport, 3, kill))
    assert ensure(here, found(ONE)) == [("unchanged", "")]
    assert len(here.fake.items) == 1


def test_hostile_rows_stay_text_and_fit(here):
    bad = "`|<script>@everyone #1 [x](https://evil.example) \u202e\n" + "x" * 5_000
    ensure(here, found(*[(f"{bad}{number}", bad) for number in range(300)]))
    body = issue(here).body
    assert len(body) <= 65_536
    assert len(body) > LIMIT // 2
    table = body[body.index("| eventtime") : body.index("Cut here")]
    assert not [bad for bad in ("<script", "@everyone", "#1", "](https", "\u202e") if bad in table]
    assert State.read(body) == State.of(ASKED, found(*[(f"{bad}{n}", bad) for n in range(300)]).found)


def test_without_issues_and_in_public_it_says_so(here, tmp_path):
    here.fake.has_issues = False
    with pytest.raises(PublishError, match="switched off"):
        ensure(here, found(ONE))
    with world(tmp_path / "public", direct=True, public=True) as public:
        with pytest.raises(PublishError, match="public: true"):
            ensure(public, found(ONE))
        assert public.fake.writes == []
        assert ensure(public, found(ONE), public=True) == [("opened", "")]


def test_every_outcome_has_a_word():
    assert len({kind.value for kind in IssueOutcomeKind}) == len(IssueOutcomeKind)
