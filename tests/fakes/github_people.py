"""What people do to the fake GitHub, and what tests ask of it, without requests."""

from collections import Counter

from tests.fakes.git_store import Person


class People:
    """The half of `FakeGitHub` that is no API; it acts on ``store``, ``items`` and ``comments``."""

    # What people do.

    def push(self, branch, files, *, author="alice", message="Edit by hand", parents=None):
        """A commit by a person on top of a branch; ``None`` removes a file."""
        tip = self.store.branch(branch)
        below = self.store.files(self.store.read(tip).tree) if tip else {}
        below |= {
            path: self.store.put("blob", text.encode()) for path, text in files.items() if text is not None
        }
        for path in [path for path, text in files.items() if text is None]:
            del below[path]
        above = parents if parents is not None else [tip] if tip else []
        commit = self.store.commit(self.store.tree(below), above, message, Person(author))
        self.store.set_branch(branch, commit)
        return commit

    def amend(self, branch, *, by="alice"):
        """Rewrite the last commit: the author stays, the committer changes."""
        old = self.store.read(self.store.branch(branch))
        author = Person.of(old.author.partition("<")[2].partition(">")[0])
        commit = self.store.commit(old.tree, old.parents, old.message, author, Person(by))
        self.store.set_branch(branch, commit)

    def press_update_branch(self, number):
        item = self.items[number]
        head, base = self.store.branch(item.branch), self.store.branch(item.base)
        merge_base = self.store.merge_base(head, base)
        files = self.store.files(self.store.read(head).tree)
        for path, (_, after) in self.store.changed(
            self.store.read(merge_base).tree, self.store.read(base).tree
        ).items():
            files[path] = after
        message = f"Merge branch '{item.base}' into {item.branch}"
        merge = self.store.commit(
            self.store.tree(files), [head, base], message, Person("alice"), Person("web-flow")
        )
        self.store.set_branch(item.branch, merge)

    def merge(self, number, *, squash=False, delete_branch=False):
        item = self.items[number]
        head, base = self.store.branch(item.branch), self.store.branch(item.base)
        assert self.merge_state(item) != "dirty"
        files = self.store.files(self.store.read(base).tree)
        merge_base = self.store.merge_base(head, base)
        changes = self.store.changed(self.store.read(merge_base).tree, self.store.read(head).tree)
        for path, (_, after) in changes.items():
            files.pop(path, None)
            files |= {path: after} if after else {}
        parents = [base] if squash else [base, head]
        merging = f"Merge pull request #{number} from {self.owner}/{item.branch}\n\n{item.title}"
        message = f"{item.title} (#{number})" if squash else merging
        merged = self.store.commit(
            self.store.tree(files), parents, message, Person("alice"), Person("web-flow")
        )
        self.store.set_branch(item.base, merged)
        item.merged, item.merge_commit = True, merged
        self._close(item)
        if delete_branch:
            self.store.set_branch(item.branch, None)

    def close(self, number):
        self._close(self.items[number])

    def text_at(self, branch, path):
        blob = self.store.files(self.store.read(self.store.branch(branch)).tree)[path]
        return self.store.get(blob)[1].decode()

    def reopen(self, number):
        """What a person does: restore the branch, and reopen."""
        item = self.items[number]
        if self.store.branch(item.branch) is None:
            self.store.set_branch(item.branch, item.frozen_head)
        self._reopen(item)

    # What can be asked about it.

    @property
    def pulls(self):
        return [item for item in self.items.values() if item.branch]

    @property
    def open_pulls(self):
        return [item for item in self.pulls if item.state == "open"]

    @property
    def writes(self):
        return [call for call in self.calls if call.is_write]

    def count(self):
        """Reads and writes since the last ``forget``."""
        kinds = Counter("writes" if call.is_write else "reads" for call in self.calls)
        return kinds["reads"], kinds["writes"]

    def forget(self):
        self.calls.clear()

    def said_on(self, number):
        return [comment["body"] for comment in self.comments.get(number, [])]

    def head_of(self, item):
        return item.frozen_head or self.store.branch(item.branch)

    def merge_state(self, item):
        if item.state != "open":
            return "unknown"
        head, base = self.head_of(item), self.store.branch(item.base)
        if not self.store.merges_cleanly(base, head):
            return "dirty"
        return "behind" if self.demands_up_to_date and base not in self.store.ancestors(head) else "clean"
