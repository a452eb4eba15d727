"""Real git objects in a real bare repository, written without starting git for each of them.

Only loose objects and loose references are read: what this module and small pushes write.
"""

import hashlib
import subprocess
import zlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Person:
    """Who made a commit: the login that GitHub ties to the address."""

    login: str

    @property
    def name(self):
        return "GitHub" if self.login == "web-flow" else self.login

    @property
    def email(self):
        return "noreply@github.com" if self.login == "web-flow" else f"{self.login}@users.noreply.github.com"

    @classmethod
    def of(cls, email):
        return cls("web-flow" if email == "noreply@github.com" else email.partition("@")[0])


@dataclass(frozen=True)
class StoredCommit:
    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    committer: str
    message: str


class GitStore:
    def __init__(self, path: Path):
        self.path = path
        self._flat = {}
        self._objects = {}
        subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(path)], check=True)
        self._clock = 1_790_000_000

    def put(self, kind, content):
        whole = b"%s %d\x00%s" % (kind.encode(), len(content), content)
        sha = hashlib.sha1(whole).hexdigest()  # noqa: S324  # git's own
        if sha not in self._objects:
            place = self.path / "objects" / sha[:2] / sha[2:]
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(zlib.compress(whole, 1))
            self._objects[sha] = kind, content
        return sha

    def get(self, sha):
        """Kind and content; ``KeyError`` if there is no such object."""
        if sha not in self._objects:
            place = self.path / "objects" / sha[:2] / sha[2:]
            if len(sha) != 40 or not place.exists():
                raise KeyError(sha)
            header, _, content = zlib.decompress(place.read_bytes()).partition(b"\x00")
            self._objects[sha] = header.split()[0].decode(), content
        return self._objects[sha]

    def tree(self, files):
        """Write a tree of blob SHAs by path."""
        entries, folders = {}, {}
        for path, sha in files.items():
            first, _, rest = path.partition("/")
            if rest:
                folders.setdefault(first, {})[rest] = sha
            else:
                entries[first] = ("100644", sha)
        entries |= {name: ("40000", self.tree(below)) for name, below in folders.items()}
        ordered = sorted(entries.items(), key=lambda item: item[0] + "/" * (item[1][0] == "40000"))
        return self.put(
            "tree",
            b"".join(
                f"{mode} {name}".encode() + b"\x00" + bytes.fromhex(sha) for name, (mode, sha) in ordered
            ),
        )

    def files(self, tree):
        """Path -> blob SHA."""
        if tree not in self._flat:
            kind, content = self.get(tree)
            assert kind == "tree"
            flat = {}
            while content:
                header, _, rest = content.partition(b"\x00")
                mode, name = header.decode().split(" ", 1)
                sha, content = rest[:20].hex(), rest[20:]
                if mode == "40000":
                    flat |= {f"{name}/{path}": blob for path, blob in self.files(sha).items()}
                else:
                    flat[name] = sha
            self._flat[tree] = flat
        return dict(self._flat[tree])

    def commit(self, tree, parents, message, author, committer=None):
        self._clock += 1
        stamp = f"{self._clock} +0000"
        by = committer or author
        lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
        lines += [
            f"author {author.name} <{author.email}> {stamp}",
            f"committer {by.name} <{by.email}> {stamp}",
        ]
        return self.put("commit", ("\n".join(lines) + f"\n\n{message}").encode())

    def read(self, sha):
        kind, content = self.get(sha)
        if kind != "commit":
            raise KeyError(sha)
        head, _, message = content.decode().partition("\n\n")
        fields = [line.split(" ", 1) for line in head.splitlines()]
        one = dict(reversed(fields))
        parents = tuple(value for name, value in fields if name == "parent")
        return StoredCommit(sha, one["tree"], parents, one["author"], one["committer"], message)

    def branches(self):
        root = self.path / "refs" / "heads"
        return {
            str(file.relative_to(root)): file.read_text().strip()
            for file in sorted(root.rglob("*"))
            if file.is_file()
        }

    def branch(self, name):
        file = self.path / "refs" / "heads" / name
        return file.read_text().strip() if file.is_file() else None

    def set_branch(self, name, sha):
        file = self.path / "refs" / "heads" / name
        if sha is None:
            file.unlink()
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(sha + "\n")

    def ancestors(self, sha):
        """The commit and all below it, youngest first."""
        seen, queue = {}, [sha]
        while queue:
            current = queue.pop(0)
            if current not in seen:
                seen[current] = None
                queue += self.read(current).parents
        return list(seen)

    def merge_base(self, one, other):
        below = set(self.ancestors(one))
        common = [sha for sha in self.ancestors(other) if sha in below]
        return next((sha for sha in common if not any(sha in self.ancestors(c)[1:] for c in common)), None)

    def merges_cleanly(self, one, other):
        """Git decides; it is only asked where both sides changed the same file."""
        base = self.read(self.merge_base(one, other)).tree
        sides = [self.changed(base, self.read(side).tree).keys() for side in (one, other)]
        if not sides[0] & sides[1]:
            return True
        merged = subprocess.run(
            ["git", "-C", str(self.path), "merge-tree", "--write-tree", one, other],
            capture_output=True,
            check=False,
        )
        return merged.returncode == 0

    def changed(self, old_tree, new_tree):
        """Path -> (blob before, blob after), ``None`` for no file."""
        old, new = self.files(old_tree), self.files(new_tree)
        paths = sorted(old.keys() | new.keys())
        return {path: (old.get(path), new.get(path)) for path in paths if old.get(path) != new.get(path)}

    def fsck(self):
        subprocess.run(["git", "-C", str(self.path), "fsck", "--strict", "--no-dangling"], check=True)
