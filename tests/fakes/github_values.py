"""What the fake GitHub keeps and says: items, calls, faults and refusals."""

import re
from dataclasses import dataclass, field


@dataclass
class Item:
    """An issue, or a pull request: then it has a branch."""

    number: int
    title: str
    body: str
    author: str
    branch: str = ""
    base: str = ""
    head_repository: str = ""
    state: str = "open"
    merged: bool = False
    merge_commit: str = ""
    frozen_head: str = ""
    closed_at: str | None = None
    labels: set[str] = field(default_factory=set)
    reviewers: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    status: int
    body: object = None

    @property
    def is_write(self):
        return self.method != "GET"


@dataclass
class Fault:
    """What goes wrong with the next ``times`` requests that match; ``status`` 0 drops the connection.

    ``carried_out``: GitHub does as asked before it fails to say so.
    """

    method: str
    path: str
    status: int
    times: int = 1
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "Server Error"
    carried_out: bool = False

    def applies(self, method, path):
        return self.times > 0 and method == self.method and re.search(self.path, path) is not None


class Refusal(Exception):  # noqa: N818  # GitHub's word, not ours
    def __init__(self, status, message, error=None):
        super().__init__(message)
        self.status = status
        self.answer = {"message": message, "documentation_url": "https://docs.github.test/rest"}
        if error:
            self.answer["errors"] = [error]


def unprocessable(message="", field=None, code="custom", resource="PullRequest"):
    error = {"resource": resource, "code": code}
    error |= {"field": field} if field else {}
    error |= {"message": message} if message else {}
    return Refusal(422, "Validation Failed", error)
