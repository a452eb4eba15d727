"""The dashboard: one issue, edited in place, and only when it says something new."""

import pytest

from leastwise.errors import PublishError
from leastwise.publish.dashboard import MARK, Dashboard
from leastwise.publish.labels import DASHBOARD
from tests.publish.github_world import Interrupted, Killed, world


@pytest.fixture
def here(tmp_path):
    with world(tmp_path, direct=True) as made:
        yield made


def show(here, markdown, transport=None):
    return Dashboard.connect(here.forge(transport), public=False).ensure(markdown)


def board(here):
    (issue,) = [item for item in here.fake.items.values() if item.state == "open"]
    return issue


def test_it_is_made_once_and_then_left_alone(here):
    first = show(here, "# All is well")
    here.fake.forget()
    again = show(here, "# All is well")
    assert (first.before, again.before) == ("", f"{MARK}\n# All is well\n")
    assert again.address == first.address
    assert here.fake.writes == []
    assert board(here).labels == {DASHBOARD}


def test_it_is_edited_in_place(here):
    show(here, "# All is well")
    here.fake.forget()
    show(here, "# One waits")
    assert board(here).body == f"{MARK}\n# One waits\n"
    assert [call.method for call in here.fake.writes] == ["PATCH"]


def test_line_ends_of_githubs_editor_are_no_change(here):
    show(here, "# All\n\nis well")
    board(here).body = board(here).body.replace("\n", "\r\n")
    here.fake.forget()
    show(here, "# All\n\nis well")
    assert here.fake.writes == []


def test_closed_by_a_person_it_is_reopened_with_the_news(here):
    show(here, "# All is well")
    here.fake.close(1)
    show(here, "# One waits")
    assert "One waits" in board(here).body
    here.fake.close(1)
    show(here, "# One waits")
    assert board(here).number == 1


def test_renamed_by_a_person_it_is_still_found(here):
    show(here, "# All is well")
    board(here).title = "IAM"
    show(here, "# One waits")
    assert board(here).title == "IAM"


def test_duplicates_are_closed_and_pull_requests_with_the_label_are_none(here):
    show(here, "# All is well")
    here.fake.add("copy", f"{MARK}\ncopy", labels={DASHBOARD})
    here.ensure()
    here.pull.labels.add(DASHBOARD)
    show(here, "# All is well")
    assert [item.state for item in here.fake.items.values()] == ["open", "closed", "open"]


def test_an_issue_of_somebody_else_with_the_label_is_not_touched(here):
    here.fake.add("Mine", "my notes", labels={DASHBOARD})
    show(here, "# All is well")
    assert here.fake.items[1].body == "my notes"


def test_a_long_one_is_cut_where_people_see_it(here):
    show(here, "x" * 70_000)
    assert len(board(here).body) == 65_536
    assert "cut here" in board(here).body
    here.fake.forget()
    show(here, "x" * 70_000)
    assert here.fake.writes == []


def test_without_issues_it_says_so(here):
    here.fake.has_issues = False
    with pytest.raises(PublishError, match="switched off"):
        show(here, "# All is well")


def test_a_public_repository_needs_a_word(tmp_path):
    with world(tmp_path, direct=True, public=True) as here:
        with pytest.raises(PublishError, match="public: true"):
            show(here, "# All is well")
        assert here.fake.writes == []


def test_killed_after_making_it_there_is_still_one(here):
    def kill():
        raise Killed

    with pytest.raises(Killed):
        show(here, "# All is well", Interrupted(here.transport, 3, kill))
    show(here, "# All is well")
    assert len(here.fake.items) == 1
