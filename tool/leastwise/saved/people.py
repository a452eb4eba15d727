"""What names a person in a cell: sessions of roles, source identities, addresses.

A saved query may return any text of a record.  Unless its header says ``people: shown``, or the run
``--show-people``, these are replaced; roles, users and resources stay.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

_NAME = r"(?:[^\s\"',]|,(?!arn:|AROA|ASIA|[\s\"']|$))+"
"""A session's name may hold commas; one at the end, or before another ARN or ID, is a list's."""
_SESSION_ARN = re.compile(rf"(:assumed-role/[^/\s\"']+/){_NAME}")
_SESSION_ID = re.compile(rf"\b((?:AROA|ASIA)[A-Z0-9]{{8,}}):{_NAME}")
_MEMBER = re.compile(
    r"(\"(?:roleSessionName|sourceIdentity|sourceIPAddress|sourceIpAddress)\"\s*:\s*)\"(?:[^\"\\]|\\.)*\""
)
_ADDRESS = re.compile(
    r"(?<![0-9A-Za-z.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![0-9A-Za-z:])"
)
SESSION = "(session)"
ADDRESS = "(address)"


def without_people(text: str) -> str:
    """``text`` with sessions and addresses replaced.

    >>> without_people("arn:aws:sts::111122223333:assumed-role/Admin/alice from 198.51.100.7")
    'arn:aws:sts::111122223333:assumed-role/Admin/(session) from (address)'
    """
    if ":" not in text and "." not in text:  # nothing below can be in it, and there may be a million cells
        return text
    return _replaced(text)


@lru_cache(maxsize=4_096)
def _replaced(text: str) -> str:
    """The same; cells of one column are often alike."""
    text = _MEMBER.sub(rf'\1"{SESSION}"', text)
    text = _SESSION_ARN.sub(rf"\1{SESSION}", text)
    text = _SESSION_ID.sub(rf"\1:{SESSION}", text)
    return _ADDRESS.sub(lambda found: ADDRESS if _is_address(found[0]) else found[0], text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
