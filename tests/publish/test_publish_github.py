"""Pull requests as reviewers live with them: opened once, kept current, and left alone where people act."""

import dataclasses

import pytest

from leastwise.errors import PublishError
from leastwise.model.proposal import ProposalKind, PullRequestText
from leastwise.publish.github_run import EDITED
from leastwise.publish.labels import STOP, TAKE_OVER
from leastwise.publish.notices import TAKE_OVER_BOX
from leastwise.publish.pull_state import read_state
from tests.publish.github_world import (
    AFTER,
    BEFORE,
    BRANCH,
    DELETE,
    FEW,
    FILE,
    GRANT,
    LESS_YET,
    OPENED,
    OTHER_GRANT,
    PUT,
    ROLE,
    TEXT,
    UNCHANGED,
    UPDATED,
    WITHDRAWN,
    WITHHELD,
    days,
    tighten,
    world,
)


@pytest.fixture
def here(tmp_path):
    with world(tmp_path) as made:
        yield made


def more(text, addition):
    return dataclasses.replace(text, body=text.body + addition)


class TestOpening:
    def test_first_run_opens_one_pull_request_with_one_signed_commit(self, here):
        outcome = here.ensure(tighten(owners=("@alice", "@acme/payments")))
        assert (outcome.kind, outcome.where) == (OPENED, "https://github.test/acme/policies/pull/1")
        assert here.pull.title == TEXT.title
        assert TEXT.body in here.pull.body
        assert here.pull.labels == {"leastwise"}
        assert here.pull.reviewers == {"alice", "payments"}
        assert here.proposed() == AFTER
        head = here.fake.store.read(here.fake.store.branch(BRANCH))
        assert head.sha in here.fake.verified
        assert f"Leastwise-Principal: {ROLE}" in head.message
        here.fake.store.fsck()

    def test_second_run_writes_nothing(self, here):
        here.ensure()
        here.fake.forget()
        outcome = here.ensure(now=days(1))
        reads, writes = here.fake.count()
        print(f"unchanged run: {reads} reads, {writes} writes")  # noqa: T201  # issue 6 asks for the number
        assert outcome.kind is UNCHANGED
        assert (reads, writes) == (4, 0)

    def test_a_policy_file_can_appear_and_disappear(self, here):
        gone = tighten(None)
        here.ensure(gone)
        assert f"policies/{FILE}" not in here.fake.store.files(
            here.fake.store.read(here.fake.store.branch(BRANCH)).tree
        )
        assert here.ensure(gone).kind is UNCHANGED

    def test_a_principal_has_one_pull_request_for_each_kind(self, here):
        add = dataclasses.replace(tighten('{"Statement": ["more"]}\n'), kind=ProposalKind.ADD)
        here.ensure()
        here.ensure(add)
        assert len(here.fake.open_pulls) == 2

    def test_stale_certificates_are_not_published(self, here):
        here.fake.push("main", {f"policies/{FILE}": '{"Statement": ["merged meanwhile"]}\n'})
        here.fake.forget()
        outcome = here.ensure()
        assert outcome.kind is WITHHELD
        assert "anew" in outcome.why
        assert here.fake.writes == []

    def test_an_open_pull_request_whose_base_moved_on_is_made_anew(self, here):
        here.ensure()
        moved_on = '{"Statement": ["merged meanwhile"]}\n'
        here.fake.push("main", {f"policies/{FILE}": moved_on})
        assert here.fake.merge_state(here.pull) == "dirty"
        assert here.ensure().kind is WITHHELD
        assert here.ensure(tighten(LESS_YET, before=moved_on)).kind is UPDATED
        assert here.fake.merge_state(here.pull) == "clean"
        assert here.proposed() == LESS_YET

    def test_limits_on_open_ones_and_on_one_run(self, here):
        roles = [f"arn:aws:iam::111122223333:role/r{number}" for number in range(3)]
        paths = [f"111122223333/role/r{number}/p.json" for number in range(3)]
        here.fake.push("main", {f"policies/{path}": BEFORE for path in paths})
        proposals = [tighten(principal=role, path=path) for role, path in zip(roles, paths, strict=True)]
        first, second = here.publisher(limits=FEW), here.publisher(limits=FEW)
        kinds = [[run.ensure(one, TEXT).kind for one in proposals] for run in (first,)]
        second = here.publisher(limits=FEW)
        outcomes = [second.ensure(one, TEXT) for one in proposals]
        assert kinds == [[OPENED, WITHHELD, WITHHELD]]
        assert [outcome.kind for outcome in outcomes] == [UNCHANGED, OPENED, WITHHELD]
        assert "2 pull requests are open" in outcomes[2].why
        assert len(here.fake.open_pulls) == 2


class TestReviewers:
    def test_code_owners_are_left_to_github(self, here):
        here.fake.push("main", {".github/CODEOWNERS": "policies/ @acme/payments\n"})
        here.ensure(tighten(owners=("@alice",)))
        assert here.pull.reviewers == set()

    def test_code_owners_of_other_files_do_not_count(self, here):
        here.fake.push("main", {".github/CODEOWNERS": "/docs/ @acme/payments\n"})
        here.ensure(tighten(owners=("@alice",)))
        assert here.pull.reviewers == {"alice"}

    def test_a_bad_reviewer_is_named_and_keeps_nobody_else_from_being_asked(self, here):
        owners = ("@leastwise-app[bot]", "@nobody", "@acme/gone", "@other/payments", "@bob")
        outcome = here.ensure(tighten(owners=owners))
        assert outcome.kind is OPENED
        assert "nobody" in outcome.why
        assert "gone" in outcome.why
        assert here.pull.reviewers == {"bob"}


class TestEvidence:
    def test_growing_figures_are_no_news(self, here):
        here.ensure()
        here.fake.forget()
        grown = dataclasses.replace(
            TEXT, body=TEXT.body.replace("3 calls on 2026-11-20", "4,001 calls on 2026-11-21")
        )
        assert here.ensure(text=grown, now=days(1)).kind is UNCHANGED
        assert here.fake.writes == []

    def test_figures_are_renewed_after_a_week(self, here):
        here.ensure()
        here.fake.forget()
        grown = dataclasses.replace(TEXT, body=TEXT.body.replace("3 calls", "9 calls"))
        assert here.ensure(text=grown, now=days(7)).kind is UPDATED
        assert [call.method for call in here.fake.writes] == ["PATCH"]
        assert "9 calls" in here.pull.body

    def test_a_new_line_is_news_and_makes_no_commit(self, here):
        here.ensure()
        head = here.fake.store.branch(BRANCH)
        here.fake.forget()
        assert here.ensure(text=more(TEXT, "| s3:GetObject | never |\n")).kind is UPDATED
        assert [(call.method, call.path) for call in here.fake.writes] == [
            ("PATCH", "/repos/acme/policies/pulls/1")
        ]
        assert here.fake.store.branch(BRANCH) == head

    def test_another_policy_change_is_one_commit_on_top(self, here):
        here.ensure()
        first = here.fake.store.branch(BRANCH)
        assert here.ensure(tighten(LESS_YET)).kind is UPDATED
        assert here.proposed() == LESS_YET
        assert here.fake.store.read(here.fake.store.branch(BRANCH)).parents == (first,)
        assert len(here.fake.pulls) == 1


class TestPeopleWriteToo:
    def test_a_commit_by_a_person_is_left_alone_with_one_notice(self, here):
        here.ensure()
        head = here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'})
        for run in range(3):
            outcome = here.ensure(tighten(LESS_YET), text=more(TEXT, f"run {run}"))
            assert (outcome.kind, outcome.why) == (WITHHELD, EDITED)
        assert here.fake.store.branch(BRANCH) == head
        assert len(here.fake.said_on(1)) == 1

    def test_an_amended_commit_of_ours_is_a_persons(self, here):
        here.ensure()
        here.fake.amend(BRANCH)
        assert here.ensure(tighten(LESS_YET)).kind is WITHHELD
        assert here.proposed() == AFTER

    def test_the_label_lets_leastwise_take_over_and_is_used_up(self, here):
        here.ensure()
        theirs = here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'})
        here.ensure()
        here.pull.labels.add(TAKE_OVER)
        assert here.ensure().kind is UPDATED
        assert here.proposed() == AFTER
        assert here.pull.labels == {"leastwise"}
        assert theirs in here.fake.store.ancestors(here.fake.store.branch(BRANCH))
        here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine again"]}\n'})
        assert here.ensure().kind is WITHHELD

    def test_so_does_the_box_in_the_notice(self, here):
        here.ensure()
        here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'})
        here.ensure()
        (comment,) = here.fake.comments[1]
        comment["body"] = comment["body"].replace(f"- [ ] {TAKE_OVER_BOX}", f"- [x] {TAKE_OVER_BOX}")
        assert here.ensure().kind is UPDATED
        assert here.proposed() == AFTER
        assert TAKE_OVER_BOX not in here.fake.said_on(1)[0]
        here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine again"]}\n'})
        assert here.ensure().kind is WITHHELD
        assert len(here.fake.said_on(1)) == 1

    def test_pressing_update_branch_is_no_edit(self, here):
        here.ensure()
        here.fake.push("main", {"README.md": "hello\n"})
        here.fake.press_update_branch(1)
        assert here.ensure().kind is UNCHANGED
        assert here.ensure(tighten(LESS_YET)).kind is UPDATED
        assert here.fake.text_at(BRANCH, "README.md") == "hello\n"

    def test_an_empty_commit_to_start_ci_changes_nothing(self, here):
        here.ensure()
        here.fake.push(BRANCH, {})
        here.fake.forget()
        assert here.ensure().kind is UNCHANGED
        assert here.fake.writes == []

    def test_the_stop_label_stops_everything(self, here):
        here.ensure()
        here.pull.labels.add(STOP)
        here.fake.forget()
        assert here.ensure(tighten(LESS_YET)).kind is WITHHELD
        assert here.withdraw().kind is WITHHELD
        assert here.fake.writes == []

    def test_title_labels_and_words_around_the_text_are_theirs(self, here):
        here.ensure()
        here.pull.title = "URGENT: review today"
        here.pull.labels.clear()
        here.pull.body = f"Bob: looks fine.\n\n{here.pull.body}\n\nAlice: agreed.".replace("\n", "\r\n")
        assert here.ensure(tighten(LESS_YET), text=more(TEXT, "new")).kind is UPDATED
        assert here.pull.title == "URGENT: review today"
        assert here.pull.labels == set()
        assert here.pull.body.startswith("Bob: looks fine.")
        assert here.pull.body.endswith("Alice: agreed.")
        assert "new" in here.pull.body
        assert here.pull.body.count("leastwise:begin") == 1

    def test_another_base_branch_is_a_persons_decision(self, here):
        here.ensure()
        here.fake.store.set_branch("staging", here.fake.store.branch("main"))
        here.pull.base = "staging"
        here.fake.forget()
        assert here.ensure(tighten(LESS_YET)).kind is WITHHELD
        assert here.fake.writes == []

    def test_a_description_without_its_state_is_left_alone(self, here):
        here.ensure()
        here.pull.body = "I rewrote this."
        here.fake.forget()
        assert "state" in here.ensure(tighten(LESS_YET)).why
        assert here.fake.writes == []
        here.pull.labels.add(TAKE_OVER)
        assert here.ensure(tighten(LESS_YET)).kind is UPDATED
        assert here.pull.body.startswith("I rewrote this.")
        assert here.ensure(tighten(LESS_YET)).kind is UNCHANGED

    def test_a_fork_with_our_branch_name_is_not_ours(self, here):
        here.ensure()
        theirs = here.fake.items[1]
        theirs.head_repository = "mallory/policies"
        here.fake.close(1)
        assert here.rejected() == frozenset()
        assert here.ensure().kind is OPENED


class TestClosing:
    def test_what_people_close_is_not_proposed_again(self, here):
        here.ensure(tighten(actions=(DELETE, PUT)))
        here.fake.close(1)
        assert here.rejected() == {GRANT, OTHER_GRANT}
        outcome = here.ensure(tighten(LESS_YET), text=more(TEXT, "much more evidence"), now=days(100))
        assert outcome.kind is WITHHELD
        assert "rejected" in outcome.why
        assert here.fake.open_pulls == []

    def test_a_no_is_acknowledged_once_and_the_branch_deleted(self, here):
        here.ensure()
        here.fake.close(1)
        for _ in range(3):
            assert here.withdraw() is None
        assert len(here.fake.said_on(1)) == 1
        assert here.fake.store.branch(BRANCH) is None

    def test_a_closed_branch_with_a_persons_commits_stays_theirs(self, here):
        here.ensure()
        theirs = here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'})
        here.fake.close(1)
        assert here.withdraw() is None
        assert here.ensure(tighten(LESS_YET, actions=(PUT,))).kind is WITHHELD
        assert here.fake.store.branch(BRANCH) == theirs
        assert here.rejected() == {GRANT}

    def test_other_grants_are_proposed_in_a_new_pull_request(self, here):
        here.ensure()
        here.fake.close(1)
        assert here.ensure(tighten(LESS_YET, actions=(PUT,))).kind is OPENED
        assert here.pull.number == 2
        assert here.rejected() == {GRANT}

    def test_reopening_or_the_label_takes_the_no_back(self, here):
        here.ensure()
        here.fake.close(1)
        here.withdraw()
        here.fake.reopen(1)
        assert here.rejected() == frozenset()
        assert here.ensure().kind is UNCHANGED
        here.fake.close(1)
        here.fake.items[1].labels.add(TAKE_OVER)
        assert here.rejected() == frozenset()
        assert here.ensure().kind is OPENED

    def test_a_closed_one_without_its_state_withholds(self, here):
        here.ensure()
        here.fake.close(1)
        here.fake.items[1].body = "no."
        assert here.ensure().kind is WITHHELD

    @pytest.mark.parametrize("squash", [True, False])
    @pytest.mark.parametrize("deletes", [True, False])
    def test_after_a_merge_the_next_change_is_a_new_pull_request(self, here, squash, deletes):
        here.ensure()
        here.fake.merge(1, squash=squash, delete_branch=deletes)
        assert here.rejected() == frozenset()
        assert here.withdraw() is None
        assert here.ensure(tighten(LESS_YET, before=AFTER)).kind is OPENED
        assert here.pull.number == 2
        assert here.fake.merge_state(here.pull) == "clean"
        here.fake.merge(2)
        assert here.fake.text_at("main", f"policies/{FILE}") == LESS_YET


class TestObsolete:
    def test_it_is_closed_with_a_word_and_that_is_no_rejection(self, here):
        here.ensure()
        assert here.withdraw().kind is WITHDRAWN
        assert here.fake.open_pulls == []
        assert here.fake.store.branch(BRANCH) is None
        assert len(here.fake.said_on(1)) == 1
        assert here.rejected() == frozenset()
        here.fake.forget()
        assert here.withdraw() is None
        assert here.fake.writes == []

    def test_it_is_reopened_within_a_week(self, here):
        here.ensure()
        here.withdraw()
        assert here.ensure(now=days(6)).kind is OPENED
        assert here.pull.number == 1
        assert here.ensure(now=days(6)).kind is UNCHANGED

    def test_reopened_with_another_change_it_is_brought_up_to_date(self, here):
        here.ensure()
        here.withdraw()
        here.fake.push("main", {"README.md": "hello\n"})
        assert here.ensure(tighten(LESS_YET), now=days(3)).kind is OPENED
        assert here.pull.number == 1
        assert here.proposed() == LESS_YET

    def test_later_it_is_a_new_one(self, here):
        here.ensure()
        here.withdraw()
        assert here.ensure(now=days(8)).kind is OPENED
        assert here.pull.number == 2

    def test_closed_again_by_a_person_it_is_rejected(self, here):
        here.ensure()
        here.withdraw()
        here.ensure(now=days(1))
        here.fake.close(1)
        assert here.rejected() == {GRANT}

    def test_reopened_and_closed_by_a_person_between_runs_it_is_rejected(self, here):
        here.ensure()
        here.withdraw()
        here.fake.reopen(1)
        here.fake.now = "2026-11-25T06:00:00Z"
        here.fake.close(1)
        assert here.rejected() == {GRANT}

    def test_with_a_persons_commits_it_stays_open_with_a_word(self, here):
        here.ensure()
        here.fake.push(BRANCH, {f"policies/{FILE}": '{"Statement": ["mine"]}\n'})
        for _ in range(2):
            assert here.withdraw().kind is WITHHELD
        assert here.pull.number == 1
        assert len(here.fake.said_on(1)) == 1


class TestBaseMoves:
    def test_without_touching_the_policy_nothing_is_written(self, here):
        here.ensure()
        here.fake.push("main", {"README.md": "hello\n"})
        here.fake.forget()
        assert here.ensure().kind is UNCHANGED
        assert here.fake.count() == (5, 0)

    def test_where_the_repository_demands_it_the_base_is_merged_in(self, here):
        here.fake.demands_up_to_date = True
        here.ensure()
        old = here.fake.store.branch(BRANCH)
        here.fake.push("main", {"README.md": "hello\n"})
        assert here.ensure().kind is UPDATED
        head = here.fake.store.read(here.fake.store.branch(BRANCH))
        assert head.parents == (old, here.fake.store.branch("main"))
        assert here.fake.merge_state(here.pull) == "clean"
        assert here.ensure().kind is UNCHANGED


class TestPrivacy:
    def test_a_public_repository_needs_a_word(self, tmp_path):
        with world(tmp_path, public=True) as here:
            with pytest.raises(PublishError, match="public: true"):
                here.ensure()
            assert here.fake.writes == []
            assert here.ensure(public=True).kind is OPENED


class TestTooMuch:
    def test_a_long_text_is_cut_where_people_see_it(self, here):
        assert here.ensure(text=PullRequestText("Long", "x" * 70_000)).kind is OPENED
        assert len(here.pull.body) == 65_536
        assert "cut here" in here.pull.body
        assert read_state(here.pull.body).grants == (GRANT,)

    def test_five_hundred_unchanged_principals_cost_a_few_reads(self, here):
        proposals = [
            tighten(
                principal=f"arn:aws:iam::111122223333:role/r{number}",
                path=f"111122223333/role/r{number}/p.json",
            )
            for number in range(500)
        ]
        here.fake.push("main", {f"policies/{one.files[0].path}": BEFORE for one in proposals})
        for proposal in proposals:
            here.open_by_hand(proposal)
        publisher = here.publisher()
        assert {publisher.ensure(one, TEXT).kind for one in proposals} == {UNCHANGED}
        reads, writes = here.fake.count()
        print(f"500 unchanged principals: {reads} reads, {writes} writes of 1,000 an hour")  # noqa: T201  # issue 6
        assert (reads, writes) == (8, 0)

    def test_a_new_pull_request_costs_seven_requests(self, here):
        here.publisher()
        connecting = len(here.fake.calls)
        here.fake.forget()
        here.ensure()
        reads, writes = here.fake.count()
        assert (reads - connecting, writes) == (1, 6)
