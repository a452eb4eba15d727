"""Who is no longer enrolled: what was open for them is closed, and nothing else is."""

from leastwise.model.proposal import OutcomeKind, ProposalKind
from tests.publish.github_world import BRANCH, ROLE, world


def test_only_strangers_pull_requests_are_closed(tmp_path):
    with world(tmp_path, direct=True) as here:
        here.ensure()
        assert here.publisher().withdraw_others([ROLE]) == ()
        (outcome,) = here.publisher().withdraw_others([ROLE.replace("payments", "other")])
        assert (outcome.kind, outcome.proposal) == (OutcomeKind.WITHDRAWN, ProposalKind.TIGHTEN)
        assert (outcome.principal, outcome.why) == (BRANCH, "the principal is no longer enrolled")
        assert here.fake.open_pulls == []


def test_a_persons_work_is_left_to_them(tmp_path):
    with world(tmp_path, direct=True) as here:
        here.ensure()
        here.fake.push(BRANCH, {"note": "mine"})
        (outcome,) = here.publisher().withdraw_others([])
        assert outcome.kind is OutcomeKind.WITHHELD
        assert len(here.fake.open_pulls) == 1


def test_other_branches_below_ours_are_nobodys_proposals(tmp_path):
    with world(tmp_path, direct=True) as here:
        here.fake.push("leastwise/evidence", {"evidence/a": "x"})
        here.fake.add(
            "By hand", "", branch="leastwise/evidence", base="main", head_repository=here.fake.full_name
        )
        assert here.publisher().withdraw_others([]) == ()
        assert len(here.fake.open_pulls) == 1
