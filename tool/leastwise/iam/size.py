"""How much of its quota a policy uses.  IAM does not count white space.

Sources (read 2026-11-23): https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html
"""

from __future__ import annotations

MAX_DOCUMENT_CHARACTERS = 131_072
"""The longest text that IAM's API takes at all, white space included (``policyDocumentType``)."""
MANAGED_POLICY_CHARACTERS = 6_144
"""Non-white characters of one customer managed policy."""
MANAGED_POLICIES = 10
"""Managed policies that a role or user may have attached without asking AWS for more."""
USER_INLINE_CHARACTERS = 2_048
"""Non-white characters of all inline policies of a user together."""
GROUP_INLINE_CHARACTERS = 5_120
"""Non-white characters of all inline policies of a group together."""
ROLE_INLINE_CHARACTERS = 10_240
"""Non-white characters of all inline policies of a role together."""
PERMISSION_SET_BYTES = 32_768
"""Bytes of a permission set's inline policy, white space included."""
PERMISSION_SET_NON_WHITE_BYTES = 10_240
"""Bytes of a permission set's inline policy, white space not counted."""
PERMISSION_SET_MANAGED_POLICIES = 20
"""Managed policies, AWS's and customers' together, that a permission set may name.  (Where it is more than
an account lets a role have, provisioning fails there.)"""

_WHITE_SPACE = dict.fromkeys(map(ord, " \t\n\r"))


def non_white_length(text: str) -> int:
    """Characters of the text that IAM counts."""
    return len(text.translate(_WHITE_SPACE))


def non_white_bytes(text: str) -> int:
    """UTF-8 bytes of the text without its white space."""
    return len(text.translate(_WHITE_SPACE).encode())
