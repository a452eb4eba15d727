"""Policies are plain files with text in UTF-8: those of the working tree, and what is refused anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.errors import DeclarationError, Problem

if TYPE_CHECKING:
    from pathlib import Path

POLICIES = "policies"


def working_policies(root: Path) -> dict[str, str]:
    """The JSON files below ``root/policies`` on disk: path below ``policies/`` -> text, in path order.

    A link to somewhere else is an error, whatever it is called: what it leads to is not what was reviewed.
    """
    folder = root / POLICIES
    if folder.is_symlink():
        raise not_a_plain_file(POLICIES)
    texts: dict[str, str] = {}
    for file in sorted(folder.rglob("*")):
        below = file.relative_to(folder).as_posix()
        is_policy = below.endswith(".json")
        if file.is_symlink() or (is_policy and not file.is_file()):
            raise not_a_plain_file(f"{POLICIES}/{below}")
        if is_policy:
            texts[below] = decoded(file.read_bytes(), f"{POLICIES}/{below}")
    return texts


def unread_policies(root: Path) -> tuple[str, ...]:
    """Files below ``root/policies`` that look meant and are not read: other endings, ``.JSON`` among them."""
    names = (file.relative_to(root).as_posix() for file in (root / POLICIES).rglob("*") if file.is_file())
    return tuple(sorted(name for name in names if not name.endswith((".json", ".md")) and "/." not in name))


def decoded(content: bytes, path: str) -> str:
    """The text of a file; ``DeclarationError`` with the place of what is no UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        found = f"byte 0x{content[error.start]:02x}"
        raise DeclarationError([Problem(path, line, column, "text in UTF-8", found)]) from None


def not_a_plain_file(path: str) -> DeclarationError:
    """The error for what git or the disk holds in the place of a file."""
    return DeclarationError([Problem(path, 0, 0, "a plain file", "a link, a submodule or a folder")])
