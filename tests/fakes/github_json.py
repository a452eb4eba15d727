"""GitHub's answers in full: every field that its OpenAPI description requires, so that all can be checked."""

from tests.fakes.git_store import Person

_REPOSITORY_URLS = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
    "clone",
    "git",
    "mirror",
    "ssh",
    "svn",
]
_USER_URLS = [
    "avatar",
    "events",
    "followers",
    "following",
    "gists",
    "html",
    "organizations",
    "received_events",
    "repos",
    "starred",
    "subscriptions",
]
_STAMP = "2026-11-23T00:00:00Z"


def user(login):
    urls = {f"{name}_url": f"https://github.test/{login}/{name}" for name in _USER_URLS}
    kind = "Bot" if login.endswith("[bot]") else "User"
    return urls | {
        "login": login,
        "id": 1,
        "node_id": "U",
        "gravatar_id": "",
        "site_admin": False,
        "type": kind,
        "url": f"https://api.github.test/users/{login}",
    }


def repository(fake):
    name = fake.full_name
    urls = {f"{part}_url": f"https://api.github.test/repos/{name}/{part}" for part in _REPOSITORY_URLS}
    counts = "forks forks_count open_issues open_issues_count size stargazers_count watchers watchers_count"
    flags = "fork has_pages has_discussions has_downloads archived disabled"
    return (
        urls
        | dict.fromkeys([*counts.split(), "network_count", "subscribers_count"], 0)
        | dict.fromkeys(flags.split(), False)
        | dict.fromkeys(["has_projects", "has_wiki"], True)
        | dict.fromkeys(["description", "homepage", "language", "license"])
        | dict.fromkeys(["pushed_at", "created_at", "updated_at"], _STAMP)
        | {
            "id": 1,
            "node_id": "R",
            "name": name.partition("/")[2],
            "full_name": name,
            "owner": user(fake.owner),
            "private": not fake.public,
            "visibility": "public" if fake.public else "private",
            "has_issues": fake.has_issues,
            "default_branch": "main",
            "html_url": f"https://github.test/{name}",
            "url": f"https://api.github.test/repos/{name}",
        }
    )


def pull(fake, item, *, alone):
    at = f"https://api.github.test/repos/{fake.full_name}"
    html = f"https://github.test/{fake.full_name}/pull/{item.number}"
    links = ["comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self"]
    answer = {
        "url": f"{at}/pulls/{item.number}",
        "html_url": html,
        "id": 1000 + item.number,
        "node_id": "PR",
        "number": item.number,
        "title": item.title,
        "body": item.body,
        "state": item.state,
        "locked": False,
        "user": user(item.author),
        "labels": [label(name) for name in sorted(item.labels)],
        "head": _end(fake, item.branch, fake.head_of(item), item.head_repository),
        "base": _end(fake, item.base, fake.store.branch(item.base) or "0" * 40, fake.full_name),
        "_links": {name: {"href": f"{at}/pulls/{item.number}/{name}"} for name in links},
        "created_at": _STAMP,
        "updated_at": _STAMP,
        "closed_at": item.closed_at,
        "merged_at": item.closed_at if item.merged else None,
        "author_association": "CONTRIBUTOR",
    }
    answer |= dict.fromkeys(["assignee", "milestone", "merge_commit_sha", "auto_merge"])
    urls = ["comments", "commits", "diff", "issue", "patch", "review_comment", "review_comments", "statuses"]
    answer |= {f"{name}_url": f"{html}/{name}" for name in urls}
    if alone:
        counts = ["additions", "changed_files", "comments", "commits", "deletions", "review_comments"]
        state = fake.merge_state(item)
        answer |= dict.fromkeys(counts, 1) | {
            "mergeable": state != "dirty",
            "mergeable_state": state,
            "merged": item.merged,
            "maintainer_can_modify": True,
            "merged_by": None,
        }
    return answer


def _end(fake, branch, sha, full_name):
    owner = full_name.partition("/")[0]
    home = repository(fake) | {"full_name": full_name, "owner": user(owner)}
    return {"label": f"{owner}:{branch}", "ref": branch, "sha": sha, "repo": home, "user": user(owner)}


def label(name):
    return {
        "id": 1,
        "node_id": "L",
        "url": f"https://api.github.test/labels/{name}",
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }


def commit(fake, sha):
    stored = fake.store.read(sha)
    at = f"https://api.github.test/repos/{fake.full_name}/commits/{sha}"
    return {
        "url": at,
        "sha": sha,
        "node_id": "C",
        "html_url": at,
        "comments_url": f"{at}/comments",
        "commit": {
            "url": at,
            "author": _signature(stored.author),
            "committer": _signature(stored.committer),
            "message": stored.message,
            "comment_count": 0,
            "tree": {"sha": stored.tree, "url": at},
            "verification": _verification(sha in fake.verified),
        },
        "author": user(_person(stored.author).login),
        "committer": user(_person(stored.committer).login),
        "parents": [{"sha": parent, "url": at, "html_url": at} for parent in stored.parents],
    }


def git_commit(fake, sha):
    whole = commit(fake, sha)
    inner = whole["commit"]
    parts = ("author", "committer", "message", "tree", "verification")
    return {name: whole[name] for name in ("sha", "node_id", "url", "html_url", "parents")} | {
        name: inner[name] for name in parts
    }


def branch(fake, name, sha):
    at = f"https://api.github.test/repos/{fake.full_name}/branches/{name}"
    return {
        "name": name,
        "commit": commit(fake, sha),
        "_links": {"html": at, "self": at},
        "protected": False,
        "protection": {"enabled": False},
        "protection_url": at,
    }


def ref(name, sha):
    at = f"https://api.github.test/git/refs/heads/{name}"
    return {
        "ref": f"refs/heads/{name}",
        "node_id": "REF",
        "url": at,
        "object": {"type": "commit", "sha": sha, "url": at},
    }


def tree(fake, sha):
    entries = [
        {
            "path": path,
            "mode": "100644",
            "type": "blob",
            "sha": blob,
            "size": 1,
            "url": "https://api.github.test/b",
        }
        for path, blob in sorted(fake.store.files(sha).items())
    ]
    return {
        "sha": sha,
        "url": "https://api.github.test/tree",
        "tree": entries,
        "truncated": fake.truncates_trees,
    }


def comparison(fake, base, head, page, per_page):
    store = fake.store
    merge_base = store.merge_base(base, head)
    below_base, below_head = set(store.ancestors(base)), store.ancestors(head)
    ahead = [sha for sha in reversed(below_head) if sha not in below_base]
    behind = below_base - set(below_head)
    changed = store.changed(store.read(merge_base).tree, store.read(head).tree)
    at = "https://api.github.test/compare"
    urls = dict.fromkeys(["url", "html_url", "permalink_url", "diff_url", "patch_url"], at)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    shown = ahead[(page - 1) * per_page : page * per_page]
    return urls | {
        "base_commit": commit(fake, base),
        "merge_base_commit": commit(fake, merge_base),
        "status": status.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit(fake, sha) for sha in shown],
        "files": [_file(path, *change) for path, change in changed.items()] if page == 1 else [],
    }


def _file(path, before, after):
    status = "added" if before is None else "removed" if after is None else "modified"
    at = "https://api.github.test/file"
    return dict.fromkeys(["additions", "changes", "deletions"], 1) | {
        "sha": after or before,
        "filename": path,
        "status": status,
        "blob_url": at,
        "raw_url": at,
        "contents_url": at,
    }


def comment(item):
    at = f"https://api.github.test/comments/{item['id']}"
    return {
        "id": item["id"],
        "node_id": "IC",
        "url": at,
        "html_url": at,
        "issue_url": at,
        "user": user(item["author"]),
        "created_at": _STAMP,
        "updated_at": _STAMP,
        "body": item["body"],
        "author_association": "NONE",
    }


def issue(fake, item):
    at = f"https://api.github.test/repos/{fake.full_name}/issues/{item.number}"
    urls = {f"{name}_url": at for name in ["comments", "events", "html", "labels", "repository"]}
    answer = urls | {
        "id": 2000 + item.number,
        "node_id": "I",
        "url": at,
        "number": item.number,
        "title": item.title,
        "body": item.body,
        "state": item.state,
        "locked": False,
        "labels": [label(name) for name in sorted(item.labels)],
        "comments": 0,
        "user": user(item.author),
        "assignee": None,
        "milestone": None,
        "closed_at": item.closed_at,
        "created_at": _STAMP,
        "updated_at": _STAMP,
        "author_association": "NONE",
        "html_url": f"https://github.test/{fake.full_name}/issues/{item.number}",
    }
    if item.branch:
        answer["pull_request"] = dict.fromkeys(["url", "html_url", "diff_url", "patch_url"], at)
    return answer


def _person(signature):
    return Person.of(signature.partition("<")[2].partition(">")[0])


def _signature(signature):
    person = _person(signature)
    return {"name": person.name, "email": person.email, "date": _STAMP}


def _verification(is_verified):
    reason = "valid" if is_verified else "unsigned"
    return {
        "verified": is_verified,
        "reason": reason,
        "signature": None,
        "payload": None,
        "verified_at": None,
    }
