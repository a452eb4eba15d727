"""All of git: reading the committed policies, and making branches without touching the user's checkout.

Git itself does the work (through GitPython); nothing here reads or writes the user's working tree, index or
current branch, except ``working_policies`` and ``unread_policies``, which read.  Commits are built in a
temporary index, so that a dirty tree, a rebase in progress or a detached HEAD are neither in the way nor
disturbed.
"""

from leastwise.repo.plain_files import POLICIES, unread_policies, working_policies
from leastwise.repo.repository import Repository, clone, init_bare
from leastwise.repo.values import Base, Commit, Identity

__all__ = [
    "POLICIES",
    "Base",
    "Commit",
    "Identity",
    "Repository",
    "clone",
    "init_bare",
    "unread_policies",
    "working_policies",
]
