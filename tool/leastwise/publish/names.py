"""Names made from principals: for branches and files, readable, and never two principals with one name.

A name has a fixed number of ``/`` parts for each kind of principal, so that no branch is ever a folder of
another (git keeps ``a`` and ``a/b`` from existing together).
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.proposal import ProposalKind

BRANCHES = "leastwise"

_ARN = re.compile(
    r"arn:(?P<partition>[^:]+):iam::(?P<account>[0-9]{12}):(?P<kind>role|user)/(?P<name>.+)", re.DOTALL
)
_DECLARED = re.compile(r"(?P<kind>permission-set|group)/(?P<name>.+)", re.DOTALL)
_UNSAFE = re.compile(r"[^A-Za-z0-9_\-+=,@.]")
_TROUBLESOME_DOT = re.compile(r"^\.|\.(?=\.)|\.$|\.(?=lock$)")
# Device names that Windows does not allow as file names, with or without an extension
# (https://learn.microsoft.com/windows/win32/fileio/naming-a-file).
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)
_LONGEST_PART = 180
_KEPT_OF_LONG = 120


def branch_name(principal: str, kind: ProposalKind) -> str:
    """The branch of this principal's proposals of this kind: ``leastwise/tighten/111122223333/role/api``."""
    return f"{BRANCHES}/{kind.value}/{slug(principal)}"


def slug(principal: str) -> str:
    """A principal's key as a name: one key, one name; safe in git refs, file systems and shells.

    ``arn:aws:iam::111122223333:role/team/api`` gives ``111122223333/role/team%2Fapi``.  Other partitions
    than ``aws`` come first as a part of their own.
    """
    if arn := _ARN.fullmatch(principal):
        partition = [] if arn["partition"] == "aws" else [arn["partition"]]
        return "/".join(map(_part, (*partition, arn["account"], arn["kind"], arn["name"])))
    if declared := _DECLARED.fullmatch(principal):
        return f"{declared['kind']}/{_part(declared['name'])}"
    return f"other/{_part(principal)}"


def _part(text: str) -> str:
    """Escape as in URLs, and a little more; what is too long for a file name ends in a hash after ``%%``."""
    part = _UNSAFE.sub(_escaped, text)
    part = _TROUBLESOME_DOT.sub(_escaped, part)
    part = (
        _DEVICE.sub(lambda found: _escape(found[0][0]) + found[0][1:], part, count=1)
        if _DEVICE.match(part)
        else part
    )
    if len(part) <= _LONGEST_PART:
        return part
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return f"{part[:_KEPT_OF_LONG]}%%{digest[:40]}"


def _escaped(found: re.Match[str]) -> str:
    return _escape(found[0])


def _escape(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode(errors="surrogatepass"))
