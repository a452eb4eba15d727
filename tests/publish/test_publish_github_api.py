"""The port on GitHub's REST API: what goes over the wire, and what never does."""

import traceback

import pytest

from leastwise.errors import PublishError
from leastwise.publish.github import GitHubPublisher
from leastwise.publish.github_api import GitHubApi
from leastwise.publish.github_http import GitHubHttp
from leastwise.publish.github_transport import PyGithubTransport
from leastwise.publish.rate_limits import UNREACHABLE
from tests.fakes.github import TOKEN
from tests.fakes.github_values import Fault
from tests.publish.github_world import BRANCH, FILE, NOW, OPENED, TEXT, Clock, days, tighten, world
from tests.scratch_git import git


@pytest.fixture
def here(tmp_path):
    with world(tmp_path) as made:
        yield made


class TestToken:
    def test_is_in_no_repr(self):
        transport = PyGithubTransport(TOKEN)
        forge = GitHubApi.connect("acme/policies", TOKEN)
        for thing in (transport, vars(transport), forge, vars(forge), GitHubHttp("/repos/a/b", transport)):
            assert TOKEN not in repr(thing)

    def test_is_in_no_error(self, here):
        here.transport = PyGithubTransport(f"{TOKEN}-mistyped", here.url)
        with pytest.raises(PublishError, match="expired or mistyped") as caught:
            here.publisher()
        assert TOKEN not in "".join(traceback.format_exception(caught.value))

    def test_a_missing_permission_is_not_waited_for(self, here):
        refused = "Resource not accessible by integration"
        here.fake.faults.append(Fault("POST", "/git/trees", 403, times=9, message=refused))
        outcome = here.ensure()
        assert "pull-requests" in outcome.why
        assert refused in outcome.why
        assert here.clock.slept == []


class TestRequests:
    def test_writes_are_a_second_apart_and_reads_are_not(self, here):
        here.ensure()
        assert here.clock.slept == [1.0] * (len(here.fake.writes) - 1)

    def test_a_clock_that_is_set_back_costs_no_hour(self, here):
        here.ensure()
        here.clock.time -= 3_600
        here.clock.slept.clear()
        here.ensure(tighten('{"Statement": []}\n'))
        assert set(here.clock.slept) == {1.0}

    def test_no_author_is_named_so_that_github_signs(self, here):
        here.ensure()
        (commit,) = [call for call in here.fake.writes if call.path.endswith("/git/commits")]
        assert commit.body.keys() == {"message", "tree", "parents"}

    def test_no_branch_is_ever_forced(self, here):
        here.ensure()
        here.ensure(tighten('{"Statement": []}\n'))
        forced = [call.body for call in here.fake.writes if "force" in (call.body or {})]
        assert forced
        assert not any(body["force"] for body in forced)

    def test_paging_stays_on_our_host_though_links_name_another(self, here):
        for number in range(250):
            here.fake.add(
                f"Other {number}", "", branch=f"b{number}", base="main", head_repository="acme/policies"
            )
            here.fake.items[number + 1].frozen_head = here.fake.store.branch("main")
        assert len(here.forge().pulls()) == 250
        assert [call.path for call in here.fake.calls] == ["/repos/acme/policies/pulls"] * 3

    def test_enterprise_server_lives_below_api_v3(self, here):
        here.fake.openapi = None  # its paths are those of github.com
        transport = PyGithubTransport(TOKEN, f"{here.url}/api/v3")
        forge = GitHubApi("acme/policies", GitHubHttp("/repos/acme/policies", transport, sleep=Clock().sleep))
        with pytest.raises(PublishError, match="answered 404"):
            forge.repository()
        assert here.fake.unknown == ["GET /api/v3/repos/acme/policies"]
        here.fake.unknown.clear()
        here.fake.calls.clear()

    def test_a_branch_of_many_commits_is_compared_in_pages(self, here):
        base = here.fake.store.branch("main")
        here.fake.store.set_branch("long", base)
        for number in range(130):
            head = here.fake.push("long", {"notes.txt": str(number)})
        divergence = here.forge().divergence(base, head)
        assert len(divergence.commits) == 130
        assert divergence.files.keys() == {"notes.txt"}
        assert not divergence.is_behind

    def test_a_file_that_is_no_utf8_is_still_text(self, here):
        assert here.forge().text(here.fake.store.put("blob", "née".encode())) == "née"

    def test_what_is_no_json_is_said_so(self, here):
        here.fake.faults.append(Fault("GET", "/repos/acme/policies$", 200, message="a proxy's page"))
        with pytest.raises(PublishError, match="GITHUB_API_URL"):
            here.forge().repository()

    def test_a_truncated_tree_is_not_taken_for_the_whole(self, here):
        here.fake.truncates_trees = True
        with pytest.raises(PublishError, match="100,000"):
            here.publisher()


class TestLostAnswers:
    """After a failure on ``POST`` nobody knows whether it happened; GitHub is asked, not told again."""

    @pytest.mark.parametrize("status", [502, 503, 504, UNREACHABLE])
    @pytest.mark.parametrize("carried_out", [True, False])
    @pytest.mark.parametrize(
        "path", ["/git/refs", "/pulls", "/labels", "/requested_reviewers", "/git/commits"]
    )
    def test_opening(self, here, status, carried_out, path):
        here.fake.faults.append(Fault("POST", f"{path}$", status, carried_out=carried_out))
        assert here.ensure(tighten(owners=("@alice",))).kind is OPENED
        assert len(here.fake.pulls) == 1
        assert here.pull.reviewers == {"alice"}

    @pytest.mark.parametrize("carried_out", [True, False])
    def test_a_dashboard(self, here, carried_out):
        here.fake.faults.append(Fault("POST", "/issues$", 502, carried_out=carried_out))
        here.forge().open_issue("Board", "<!-- mark -->\nhello", ["leastwise:dashboard"])
        assert len(here.fake.items) == 1

    def test_a_server_that_stays_down_is_given_up(self, here):
        here.fake.faults.append(Fault("POST", "/pulls$", 502, times=99))
        outcome = here.ensure()
        assert "answered 502" in outcome.why
        assert [seconds for seconds in here.clock.slept if seconds != 1.0] == [2.0, 4.0, 8.0, 16.0, 32.0]
        here.fake.faults.clear()
        assert here.ensure(now=days(1)).kind is OPENED

    def test_an_object_that_is_not_everywhere_yet_is_waited_for(self, here):
        here.fake.faults.append(Fault("POST", "/git/commits$", 422, message="Tree SHA does not exist"))
        here.fake.faults.append(Fault("POST", "/git/refs$", 422, message="Object does not exist"))
        assert here.ensure().kind is OPENED


def test_real_git_reads_what_was_made_and_its_pushes_are_seen(here, tmp_path):
    here.ensure()
    git(tmp_path, "clone", "--quiet", "--branch", BRANCH, str(here.fake.store.path), "clone")
    clone = tmp_path / "clone"
    assert "Leastwise-Fingerprint: " in git(clone, "log", "-1", "--format=%B")
    assert git(clone, "diff", "--stat", "origin/main...HEAD").strip().endswith("1 deletion(-)")
    (clone / "policies" / FILE).write_text("{}\n")
    git(clone, "commit", "--quiet", "--all", "--message=Mine")
    git(clone, "push", "--quiet")
    assert GitHubPublisher.connect(here.forge(), NOW, public=False).ensure(tighten(), TEXT).why
