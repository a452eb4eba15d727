"""``leastwise watch``: a call denied after an apply becomes a proposal to restore; all else stays."""

import functools
import json
from datetime import timedelta

import pytest

from leastwise.model.applied import Applied, PastApply
from leastwise.model.declared import OnDenial
from leastwise.model.evidence import DenialReason
from leastwise.model.proposal import ProposalKind
from leastwise.model.request import Certainty
from leastwise.publish import github_api
from leastwise.publish.github_http import GitHubHttp
from leastwise.publish.names import branch_name
from leastwise.verbs.returning import lost_for_certain
from tests.builders import NOW, ROLE, allow, case, day, denied, policy_file, principal
from tests.command_line import run as run_line
from tests.fakes.github import TOKEN, FakeGitHub
from tests.fakes.http_server import serve
from tests.scratch_git import git
from tests.verbs.watched_repository import DECLARED, FILE, LESS, a_record, make, refusal

TITLE = "Restore s3:DeleteObject for role payments-api (111122223333): denied 1 time since #41 took it away"
RESTORE = branch_name(ROLE, ProposalKind.RESTORE)


def run(capsys, folder, *words, verb="watch", state=True):
    kept = ["--state", folder / "state"] if state else []
    return run_line(capsys, verb, "--root", folder, "--now", NOW.isoformat(), *kept, *words)


def previewed(folder):
    (file,) = (folder / "leastwise-out").rglob("*restore*.md")
    return file.read_text()


def test_what_was_denied_since_is_proposed_to_be_restored(capsys, tmp_path):
    folder = make(tmp_path / "repo", a_record())
    code, out, _ = run(capsys, folder, "--out", str(folder / "leastwise-out"))
    assert code == 0
    assert "restore  arn:aws:iam::111122223333:role/payments-api: 1 grant restored" in out
    assert TITLE in previewed(folder)
    assert "#41, commit" in previewed(folder)


def test_the_same_is_found_by_a_full_run(capsys, tmp_path):
    folder = make(tmp_path / "repo", a_record())
    code, out, _ = run(capsys, folder, "--format", "json", verb="propose")
    kinds = {found["kind"] for found in json.loads(out)["proposals"]}
    assert (code, kinds) == (0, {"restore"})


@pytest.mark.parametrize(
    ("records", "calls"),
    [
        ([], None),
        ([a_record(NOW - timedelta(days=15))], None),
    ],
)
def test_where_nothing_was_applied_lately_nobody_is_watched(capsys, tmp_path, records, calls):
    folder = make(tmp_path / "repo", *records, calls=calls)
    code, out, err = run(capsys, folder)
    assert (code, out) == (0, "")
    assert "nothing was applied within 14 days" in err


def test_without_a_journal_it_asks_for_one(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("LEASTWISE_STATE", raising=False)
    code, _, err = run(capsys, make(tmp_path / "repo"), state=False)
    assert (code, "say with --state where it is" in err) == (2, True)


def test_where_nothing_was_denied_nothing_is_proposed(capsys, tmp_path):
    folder = make(tmp_path / "repo", a_record(), calls=[refusal("PutObject")])
    code, out, _ = run(capsys, folder)
    assert code == 0
    assert "withheld, nothing to change: no denied call shows that an apply took too much" in out


def test_the_declaration_may_ask_for_a_report_alone(capsys, tmp_path):
    declared = DECLARED + "    watch: report\n"
    folder = make(tmp_path / "repo", a_record(), declared=declared)
    code, out, _ = run(capsys, folder)
    assert code == 0
    why = "s3:DeleteObject was denied since pull request 41 took it away"
    assert f"withheld, the declaration asks for a report only: {why}" in out
    assert not list((folder / "leastwise-out").rglob("*restore*"))


def lost(declared, **said):
    who = principal(on_denial=OnDenial(declared))
    key = "arn:aws:s3:::receipts/x.pdf"
    before, now = (
        policy_file(allow(actions, "arn:aws:s3:::receipts/*"), "main.json")
        for actions in (["s3:GetObject", "s3:DeleteObject"], ["s3:GetObject"])
    )
    applied = Applied(NOW - timedelta(days=3), "c0ffee", 41)
    past = PastApply(applied, {before.path: before}, {now.path: now})
    call = denied("s3:DeleteObject", key, [day(1)], **said)
    return lost_for_certain(case(now.text, call, who=who, applies=(past,)))


def test_only_a_certain_loss_of_whom_that_is_declared_is_rolled_back():
    assert len(lost("rollback")) == 1
    assert lost("restore") == lost("report") == ()
    assert lost("rollback", reason=DenialReason.UNQUALIFIED) == ()
    assert lost("rollback", certainty=Certainty.INFERRED) == ()


@pytest.fixture
def hub(tmp_path, monkeypatch):
    fake = FakeGitHub(tmp_path / "fake.git")
    with serve(fake) as url:
        fake.push("main", {"principals.yaml": DECLARED, f"policies/{FILE}": LESS})
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        monkeypatch.setenv("GITHUB_REPOSITORY", fake.full_name)
        monkeypatch.setenv("GITHUB_API_URL", url)
        unhurried = functools.partial(GitHubHttp, sleep=lambda _: None)  # the second between two writes
        monkeypatch.setattr(github_api, "GitHubHttp", unhurried)
        yield fake
    assert fake.unknown == []


def open_by_hand(hub, kind):
    """A pull request of another kind that a full run opened."""
    branch = branch_name(ROLE, kind)
    hub.push(branch, {f"policies/{FILE}": "{}"}, parents=[hub.store.branch("main")])
    hub.add("Earlier", "", branch=branch, base="main", head_repository=hub.full_name)


def test_it_opens_a_pull_request_and_leaves_every_other_kind_and_the_dashboard_alone(capsys, tmp_path, hub):
    folder = make(tmp_path / "repo", a_record())
    open_by_hand(hub, ProposalKind.TIGHTEN)
    git(folder, "remote", "add", "origin", str(hub.store.path))
    out = str(tmp_path / "out")
    assert run(capsys, folder, "--publish", "handover", "--out", out)[0] == 0
    code, said, err = run(capsys, folder, out, verb="publish", state=False)
    assert code == 0, said + err
    assert {pull.branch for pull in hub.open_pulls} == {RESTORE, branch_name(ROLE, ProposalKind.TIGHTEN)}
    assert [pull.title for pull in hub.open_pulls if pull.branch == RESTORE] == [TITLE]
    assert not [item for item in hub.items.values() if not item.branch]


def test_only_a_full_run_that_knows_the_journal_takes_it_back(capsys, tmp_path, hub):
    """And no limit holds it back when it is opened."""
    denied, quiet = make(tmp_path / "denied", a_record()), make(tmp_path / "quiet", a_record(), calls=[])
    github = ("--publish", "github")
    assert run(capsys, denied, *github, "--max-open", "0", "--max-per-run", "0")[0] == 0
    run(capsys, denied, *github, verb="propose", state=False)
    assert [pull.branch for pull in hub.open_pulls] == [RESTORE]
    hub.forget()
    run(capsys, denied, *github, verb="propose")
    run(capsys, quiet, *github)
    assert [call for call in hub.writes if "pulls" in call.path] == []
    run(capsys, quiet, *github, verb="propose")
    assert hub.open_pulls == []
