"""What is said of commits and branches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a commit is by."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: its full ID, the e-mails it was made with, and its message."""

    id: str
    author_email: str
    committer_email: str
    message: str


@dataclass(frozen=True, slots=True)
class Base:
    """Where proposals start from: a branch of a remote, and the commit it is at."""

    remote: str
    branch: str
    commit: str
