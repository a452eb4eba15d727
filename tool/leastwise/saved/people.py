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
_SESSION_ARN = re.compile(rf"(:assumed-role/[^/\s\"']+/|:federated-user/){_NAME}")
_SESSION_ID = re.compile(
    rf"\b((?:AROA|ASIA)[A-Z0-9]{{8,}}|(?<![:0-9])[0-9]{{12}}(?=:[^:/\s\"']+(?:[\s\"',]|$))):{_NAME}"
)
PERSONAL = ("roleSessionName", "sourceIdentity", "sourceIPAddress", "subject", "subjectFromWebIdentityToken")
"""Members of parameters and responses whose text is a name or an address with no form of its own.

https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html (2026-11), the examples of STS.
"""
_DEEP = "(?P=depth)"
_TEXT = rf"(?:[^\"\\]|{_DEEP}{_DEEP}\\[\"\\]|{_DEEP}\\[^\"\\])*"
_MEMBER = re.compile(
    rf"((?P<depth>\\*)\"(?:{'|'.join(PERSONAL)}){_DEEP}\"\s*:\s*{_DEEP}\"){_TEXT}(?:{_DEEP}\"|.*\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""A member and its text, up to the end of a text that was cut.

JSON may hold JSON as text: each level doubles the backslashes before a mark and adds one.
"""
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
    text = _MEMBER.sub(rf'\g<1>{SESSION}\g<depth>"', text)
    text = _SESSION_ARN.sub(rf"\1{SESSION}", text)
    text = _SESSION_ID.sub(rf"\1:{SESSION}", text)
    return _ADDRESS.sub(lambda found: ADDRESS if _is_address(found[0]) else found[0], text)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
