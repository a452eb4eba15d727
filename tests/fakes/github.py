"""A GitHub that remembers: one repository behind its REST API, refusing what GitHub refuses.

Git objects are real, in a bare repository that ``git`` can read.  A route it does not know is a failure of
the test (``unknown``), never a silent 404.  With an ``openapi`` validator every request and every answer is
held against GitHub's published description, and a mismatch is a failure of the test too (``violations``).

Where the words come from: "body is too long" renovatebot/renovate#14551; "A pull request already exists" and
"Reference already exists" from dependabot-core and create-pull-request; "Review cannot be requested ..." and
the reopening refusals from GitHub's pages.  They are as close as can be had without the real one.
"""

import json
import re
import threading
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.fakes import github_json as show
from tests.fakes.git_store import GitStore, Person
from tests.fakes.github_people import People
from tests.fakes.github_values import Call, Item, Refusal, unprocessable

TOKEN = "ghs_the-fake-token"
BOT = "leastwise-app[bot]"
MAX_BODY = 65_536


class FakeGitHub(People):
    def __init__(self, path, *, full_name="acme/policies", public=False, openapi=None):
        self.store = GitStore(path)
        self.full_name = full_name
        self.owner = full_name.partition("/")[0]
        self.public = public
        self.has_issues = True
        self.demands_up_to_date = False
        self.truncates_trees = False
        self.actor = BOT
        self.people = {"alice", "bob"}
        self.teams = {"payments"}
        self.now = "2026-11-23T06:00:00Z"
        self.items = {}
        self.comments = {}
        self.verified = set()
        self.calls = []
        self.faults = []
        self.unknown = []
        self.violations = []
        self.openapi = openapi
        self._lock = threading.RLock()

    # The API.

    def answer(self, method, target, headers, body):
        """Status, headers and JSON for one request; status 0: hang up."""
        with self._lock:
            address = urlsplit(target)
            path, query = address.path, dict(parse_qsl(address.query))
            payload = json.loads(body) if body else None
            fault = next((fault for fault in self.faults if fault.applies(method, path)), None)
            if fault:
                fault.times -= 1
            if fault and not fault.carried_out:
                status, answer = (
                    fault.status,
                    {"message": fault.message, "documentation_url": "https://d.test"},
                )
            else:
                status, answer = self._checked(method, path, query, headers, payload)
            if fault and fault.carried_out:
                status, answer = (
                    fault.status,
                    {"message": fault.message, "documentation_url": "https://d.test"},
                )
            self.calls.append(Call(method, path, status, payload))
            extra = dict(fault.headers) if fault else {}
            if status == 200 and isinstance(answer, Page):
                answer, extra = answer.cut(query, extra)
            return status, extra, answer

    def _checked(self, method, path, query, headers, payload):
        try:
            if self.openapi:
                self.openapi.check_request(method, path, query, payload)
            status, answer = self._route(method, path, query, payload or {}, headers)
        except Refusal as refusal:
            status, answer = refusal.status, refusal.answer
        except AssertionError as error:
            self.violations.append(f"{method} {path}: {error}")
            return 400, {"message": "violates the description"}
        if self.openapi:
            try:
                shown = answer.cut(query, {})[0] if isinstance(answer, Page) else answer
                self.openapi.check_answer(method, path, status, shown)
            except AssertionError as error:
                self.violations.append(f"{method} {path} -> {status}: {error}")
        return status, answer

    def _route(self, method, path, query, payload, headers):
        if headers.get("Authorization") != f"token {TOKEN}":
            raise Refusal(401, "Bad credentials")
        prefix = f"/repos/{self.full_name}"
        if path == prefix and method == "GET":
            return 200, show.repository(self)
        for verb, pattern, handler in _ROUTES:
            found = re.fullmatch(prefix + pattern, path)
            if verb == method and found:
                return handler(self, *map(unquote, found.groups()), query=query, payload=payload)
        self.unknown.append(f"{method} {path}")
        raise Refusal(404, "Not Found")

    def _find(self, number):
        item = self.items.get(int(number))
        if item is None:
            raise Refusal(404, "Not Found")
        return item

    def _close(self, item):
        item.frozen_head = self.store.branch(item.branch) if item.branch else ""
        item.state, item.closed_at = "closed", self.now

    def _existing_commit(self, sha):
        try:
            return self.store.read(sha)
        except KeyError:
            raise Refusal(422, "Object does not exist") from None

    def get_branch(self, name, **_):
        sha = self.store.branch(name)
        if sha is None:
            raise Refusal(404, "Branch not found")
        return 200, show.branch(self, name, sha)

    def matching_refs(self, prefix, **_):
        return 200, [
            show.ref(name, sha) for name, sha in self.store.branches().items() if name.startswith(prefix)
        ]

    def create_ref(self, payload, **_):
        name = payload["ref"].removeprefix("refs/heads/")
        self._existing_commit(payload["sha"])
        branches = self.store.branches()
        if name in branches:
            raise Refusal(422, "Reference already exists")
        if any(other.startswith(f"{name}/") or name.startswith(f"{other}/") for other in branches):
            raise Refusal(422, "Reference update failed")
        self.store.set_branch(name, payload["sha"])
        return 201, show.ref(name, payload["sha"])

    def update_ref(self, name, payload, **_):
        old = self.store.branch(name)
        if old is None:
            raise Refusal(422, "Reference does not exist")
        self._existing_commit(payload["sha"])
        if not payload.get("force") and old not in self.store.ancestors(payload["sha"]):
            raise Refusal(422, "Update is not a fast forward")
        self.store.set_branch(name, payload["sha"])
        return 200, show.ref(name, payload["sha"])

    def delete_ref(self, name, **_):
        if self.store.branch(name) is None:
            raise Refusal(422, "Reference does not exist")
        for item in [item for item in self.open_pulls if item.branch == name]:
            self._close(item)
        self.store.set_branch(name, None)
        return 204, None

    def get_tree(self, sha, **_):
        try:
            return 200, show.tree(self, sha)
        except KeyError:
            raise Refusal(404, "Not Found") from None

    def create_tree(self, payload, **_):
        files = self.store.files(payload["base_tree"]) if "base_tree" in payload else {}
        for entry in payload["tree"]:
            if ("sha" in entry) == ("content" in entry):
                raise Refusal(422, "tree.sha or tree.content, not both")
            if entry.get("sha", "") is None:
                if entry["path"] not in files:
                    raise Refusal(422, "GitRPC::BadObjectState")
                del files[entry["path"]]
            else:
                content = entry.get("content")
                files[entry["path"]] = (
                    self.store.put("blob", content.encode()) if content is not None else entry["sha"]
                )
        return 201, show.tree(self, self.store.tree(files))

    def create_commit(self, payload, **_):
        try:
            self.store.files(payload["tree"])
        except KeyError:
            raise Refusal(422, "Tree SHA does not exist") from None
        for parent in payload.get("parents", []):
            self._existing_commit(parent)
        is_signed = not {"author", "committer", "signature"} & payload.keys()
        sha = self.store.commit(payload["tree"], payload["parents"], payload["message"], Person(BOT))
        if is_signed:
            self.verified.add(sha)
        return 201, show.git_commit(self, sha)

    def get_blob(self, sha, **_):
        content = self.store.get(sha)[1].decode()
        answer = {"sha": sha, "url": "https://d.test", "node_id": "B", "size": len(content)}
        return 200, answer | {"content": content, "encoding": "utf-8"}

    def compare(self, base, head, query, **_):
        for sha in (base, head):
            try:
                self.store.read(sha)
            except KeyError:
                raise Refusal(404, "Not Found") from None
        page, size = int(query.get("page", 1)), int(query.get("per_page", 30))
        whole = show.comparison(self, base, head, page, size)
        return 200, ComparisonPage(whole, whole["total_commits"] > page * size)

    def list_pulls(self, query, **_):
        state, head = query.get("state", "open"), query.get("head")
        pulls = [item for item in self.pulls if state in ("all", item.state)]
        if head:
            pulls = [
                item for item in pulls if head == f"{item.head_repository.partition('/')[0]}:{item.branch}"
            ]
        return 200, Page([show.pull(self, item, alone=False) for item in pulls])

    def get_pull(self, number, **_):
        return 200, show.pull(self, self._find(number), alone=True)

    def pulls_of(self, sha, **_):
        """Of a commit of the default branch: the one it was merged by; of others: the open ones that hold it.

        https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
        """
        self._existing_commit(sha)
        found = [
            item for item in self.pulls if sha in (item.merge_commit, item.branch and self.head_of(item))
        ]
        return 200, Page([show.pull(self, item, alone=False) for item in found])

    def create_pull(self, payload, **_):
        branch, base, body = payload["head"], payload["base"], payload.get("body", "")
        _check_body(body)
        if self.store.branch(branch) is None:
            raise unprocessable(field="head", code="invalid")
        if self.store.branch(base) is None:
            raise unprocessable(field="base", code="invalid")
        if any((item.branch, item.base) == (branch, base) for item in self.open_pulls):
            raise unprocessable(f"A pull request already exists for {self.owner}:{branch}.")
        head_commit, base_commit = self.store.branch(branch), self.store.branch(base)
        if head_commit in self.store.ancestors(base_commit):
            raise unprocessable(f"No commits between {base} and {branch}")
        item = self.add(payload["title"], body, branch=branch, base=base, head_repository=self.full_name)
        return 201, show.pull(self, item, alone=True)

    def edit_pull(self, number, payload, **_):
        item = self._find(number)
        _check_body(payload.get("body", ""))
        if payload.get("state") == "open" and item.state == "closed":
            self._reopen(item)
        item.title = payload.get("title", item.title)
        item.body = payload.get("body", item.body)
        if payload.get("state") == "closed" and item.state == "open":
            self._close(item)
        return 200, show.pull(self, item, alone=True)

    def _reopen(self, item):
        tip = self.store.branch(item.branch)
        if item.merged or tip is None:
            raise unprocessable(
                f"state cannot be changed. The {item.branch} branch has been deleted.", "state", "invalid"
            )
        if tip != item.frozen_head:
            raise unprocessable(
                "state cannot be changed. The branch was force-pushed or recreated.", "state", "invalid"
            )
        if any((other.branch, other.base) == (item.branch, item.base) for other in self.open_pulls):
            raise unprocessable(f"A pull request already exists for {self.owner}:{item.branch}.")
        item.state, item.closed_at, item.frozen_head = "open", None, ""

    def request_reviewers(self, number, payload, **_):
        item = self._find(number)
        if item.author in payload.get("reviewers", []):
            raise Refusal(422, "Review cannot be requested from pull request author.")
        unknown = [login for login in payload.get("reviewers", []) if login not in self.people]
        if unknown:
            raise Refusal(422, "Reviews may only be requested from collaborators.")
        if any(team not in self.teams for team in payload.get("team_reviewers", [])):
            raise Refusal(422, "Could not resolve to a node with the global id of 'T'.")
        item.reviewers |= {*payload.get("reviewers", []), *payload.get("team_reviewers", [])}
        return 201, show.pull(self, item, alone=False)

    def add_labels(self, number, payload, **_):
        item = self._find(number)
        item.labels |= set(payload["labels"])
        return 200, [show.label(name) for name in sorted(item.labels)]

    def remove_label(self, number, name, **_):
        item = self._find(number)
        if name not in item.labels:
            raise Refusal(404, "Label does not exist")
        item.labels.remove(name)
        return 200, [show.label(name) for name in sorted(item.labels)]

    def list_comments(self, number, **_):
        self._find(number)
        return 200, Page([show.comment(item) for item in self.comments.get(int(number), [])])

    def add_comment(self, number, payload, **_):
        self._find(number)
        _check_body(payload["body"])
        number_of_all = sum(map(len, self.comments.values()))
        item = {"id": 9000 + number_of_all, "author": self.actor, "body": payload["body"]}
        self.comments.setdefault(int(number), []).append(item)
        return 201, show.comment(item)

    def edit_comment(self, comment, payload, **_):
        found = [item for items in self.comments.values() for item in items if item["id"] == int(comment)]
        found[0]["body"] = payload["body"]
        return 200, show.comment(found[0])

    def list_issues(self, query, **_):
        state, wanted = query.get("state", "open"), {*filter(None, query.get("labels", "").split(","))}
        found = [
            item for item in self.items.values() if state in ("all", item.state) and wanted <= item.labels
        ]
        return 200, Page([show.issue(self, item) for item in found])

    def create_issue(self, payload, **_):
        if not self.has_issues:
            raise Refusal(410, "Issues are disabled for this repo")
        _check_body(payload.get("body", ""))
        item = self.add(payload["title"], payload.get("body", ""))
        item.labels |= set(payload.get("labels", []))
        return 201, show.issue(self, item)

    def edit_issue(self, number, payload, **_):
        item = self._find(number)
        _check_body(payload.get("body", ""))
        item.title, item.body = payload.get("title", item.title), payload.get("body", item.body)
        item.state = payload.get("state", item.state)
        return 200, show.issue(self, item)

    def add(self, title, body, **more):
        number = len(self.items) + 1
        self.items[number] = Item(number, title, body, BOT, **more)
        return self.items[number]


class Page:
    """A list of which one page is shown."""

    def __init__(self, items):
        self._items = items

    def cut(self, query, headers):
        page, size = int(query.get("page", 1)), min(int(query.get("per_page", 30)), 100)
        shown = self._items[(page - 1) * size : page * size]
        return shown, headers | _link(query, page, has_more=len(self._items) > page * size)


class ComparisonPage(Page):
    def __init__(self, whole, has_more):
        super().__init__([])
        self._whole, self._has_more = whole, has_more

    def cut(self, query, headers):
        return self._whole, headers | _link(query, int(query.get("page", 1)), has_more=self._has_more)


def _link(query, page, *, has_more):
    """As GitHub behind a proxy writes it: the host is not the one that was asked."""
    if not has_more:
        return {}
    following = "&".join(f"{name}={value}" for name, value in (query | {"page": str(page + 1)}).items())
    return {"Link": f'<https://api.elsewhere.test/repositories/1?{following}>; rel="next"'}


def _check_body(body):
    if body and len(body) > MAX_BODY:
        raise unprocessable("body is too long (maximum is 65536 characters)", "body", resource="Issue")


_ROUTES = (
    ("GET", r"/branches/([^/]+)", FakeGitHub.get_branch),
    ("GET", r"/git/matching-refs/heads/(.+)", FakeGitHub.matching_refs),
    ("POST", r"/git/refs", FakeGitHub.create_ref),
    ("PATCH", r"/git/refs/heads/(.+)", FakeGitHub.update_ref),
    ("DELETE", r"/git/refs/heads/(.+)", FakeGitHub.delete_ref),
    ("GET", r"/git/trees/(\w+)", FakeGitHub.get_tree),
    ("POST", r"/git/trees", FakeGitHub.create_tree),
    ("POST", r"/git/commits", FakeGitHub.create_commit),
    ("GET", r"/git/blobs/(\w+)", FakeGitHub.get_blob),
    ("GET", r"/compare/(\w+)\.\.\.(\w+)", FakeGitHub.compare),
    ("GET", r"/pulls", FakeGitHub.list_pulls),
    ("POST", r"/pulls", FakeGitHub.create_pull),
    ("GET", r"/commits/(\w+)/pulls", FakeGitHub.pulls_of),
    ("GET", r"/pulls/(\d+)", FakeGitHub.get_pull),
    ("PATCH", r"/pulls/(\d+)", FakeGitHub.edit_pull),
    ("POST", r"/pulls/(\d+)/requested_reviewers", FakeGitHub.request_reviewers),
    ("POST", r"/issues/(\d+)/labels", FakeGitHub.add_labels),
    ("DELETE", r"/issues/(\d+)/labels/([^/]+)", FakeGitHub.remove_label),
    ("GET", r"/issues/(\d+)/comments", FakeGitHub.list_comments),
    ("POST", r"/issues/(\d+)/comments", FakeGitHub.add_comment),
    ("PATCH", r"/issues/comments/(\d+)", FakeGitHub.edit_comment),
    ("GET", r"/issues", FakeGitHub.list_issues),
    ("POST", r"/issues", FakeGitHub.create_issue),
    ("PATCH", r"/issues/(\d+)", FakeGitHub.edit_issue),
)
