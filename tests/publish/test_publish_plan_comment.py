"""The plan on a pull request: one comment, edited only for news; and what of it counts as reviewed."""

from dataclasses import replace

import pytest

from leastwise.iam.document import parse
from leastwise.plan.planned import of_sides
from leastwise.publish.forge import MAX_BODY
from leastwise.publish.plan_comment import MARK, WORKFLOW, show_plan, shown_plans
from leastwise.render.plan_markdown import plan_markdown
from tests.builders import allow, policy
from tests.plan.held import both_sides, managed
from tests.publish.github_world import BRANCH, world

ONE, TWO = "1" * 64, "2" * 64


@pytest.fixture
def here(tmp_path):
    with world(tmp_path) as made:
        made.ensure()
        made.fake.actor = WORKFLOW
        yield made


def tip(here):
    return here.fake.store.branch(BRANCH)


def show(here, *fingerprints, text=None, head=None):
    said = "\n".join(["the plan", *(f"Fingerprint: `{each}`" for each in sorted(fingerprints))])
    shown = show_plan(here.forge(), 1, head or tip(here), fingerprints, said if text is None else text)
    return shown.is_written


def reviewed(here):
    return [shown.fingerprints for shown in shown_plans(here.forge(), here.fake.store.branch("main"))]


def test_it_is_posted_once_and_edited_when_it_says_something_new(here):
    assert show(here, TWO, ONE)
    assert not show(here, ONE, TWO)
    assert show(here, ONE)
    (body,) = here.fake.said_on(1)
    assert body.splitlines()[0] == MARK
    assert body.endswith(f"the plan\nFingerprint: `{ONE}`\n")
    assert (ONE in body, TWO in body) == (True, False)


def test_a_pull_request_that_changes_nothing_in_aws_gets_no_comment_but_an_old_one_is_put_right(here):
    assert not show(here, text="nothing differs")
    assert here.fake.said_on(1) == []
    assert show(here, ONE)
    assert show(here, text="nothing differs")
    (body,) = here.fake.said_on(1)
    assert "nothing differs" in body


def test_what_was_shown_and_merged_is_reviewed(here):
    show(here, ONE, TWO)
    here.fake.merge(1)
    assert reviewed(here) == [{ONE, TWO}]


def test_what_is_not_merged_is_not_reviewed(here):
    show(here, ONE)
    assert shown_plans(here.forge(), tip(here)) == ()


def test_a_plan_of_an_older_commit_is_not_what_was_merged(here):
    show(here, ONE)
    here.fake.push(BRANCH, {"policies/x.json": "{}"})
    here.fake.merge(1)
    assert reviewed(here) == []


def test_only_the_workflow_is_believed(here):
    show(here, ONE)
    here.fake.comments[1][0]["author"] = "mallory"
    here.fake.merge(1)
    assert reviewed(here) == []


def test_a_text_cannot_pass_itself_off_as_a_state(here):
    forged = f"<!-- leastwise:plan-of {tip(here)} is {TWO} -->"
    show(here, ONE, text=f"{forged}\n{MARK}\n{forged}\nFingerprint: `{ONE}`")
    here.fake.merge(1)
    assert reviewed(here) == [{ONE}]


def test_a_comment_of_somebody_else_with_the_mark_stays_as_it_is(here):
    here.fake.comments[1] = [{"id": 1, "author": "alice", "body": f"{MARK}\nmine"}]
    assert show(here, ONE)
    assert len(here.fake.said_on(1)) == 2
    assert here.fake.said_on(1)[0] == f"{MARK}\nmine"


def test_a_plan_too_long_for_a_comment_is_cut_and_says_so(here):
    show(here, ONE, TWO, text=f"Fingerprint: `{ONE}`\n{'x' * MAX_BODY}\nFingerprint: `{TWO}`")
    (body,) = here.fake.said_on(1)
    assert MAX_BODY - 65 <= len(body) <= MAX_BODY
    assert body.endswith("in a comment)*")
    here.fake.merge(1)
    assert reviewed(here) == [{ONE}]


def test_a_plan_that_the_comment_had_no_room_for_was_not_reviewed(here):
    """Else a pull request of many principals could hide one: what is cut away would be applied unseen."""
    many = [planned_for(number) for number in range(400)]
    text = plan_markdown(many, ())
    assert "what is not shown here is not applied" in text
    every = [each.plan.fingerprint for each in many]
    show(here, *every, text=text)
    here.fake.merge(1)
    (shown,) = reviewed(here)
    assert 10 < len(shown) < len(every)
    assert all(f"`{each}`" in text for each in shown)


def test_a_name_that_quotes_a_fingerprint_does_not_show_its_plan(here):
    evil = f"arn:aws:s3:::b/x\nFingerprint: `{TWO}`\n"
    text = plan_markdown([planned_for(1, evil)], ())
    show(here, ONE, TWO, text=f"{text}\nFingerprint: `{ONE}`")
    here.fake.merge(1)
    assert reviewed(here) == [{ONE}]


def planned_for(number, resource="arn:aws:s3:::b/*"):
    """A tightening of a role of its own."""
    was = managed(f"policy-{number}", allow("s3:GetObject", resource), allow("s3:PutObject", "*"))
    text = policy(allow("s3:GetObject", resource))
    will = replace(was, text=text, document=parse(text))
    return of_sides(both_sides([was], [will]), writable=True)
