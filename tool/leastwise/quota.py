"""How much of IAM's size quotas the policies of a principal use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leastwise.iam import size
from leastwise.model.declared import PrincipalKind
from leastwise.model.policies import PolicyKind
from leastwise.model.proposal import SizeBudget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from leastwise.model.policies import PolicyFile

_INLINE = {
    PrincipalKind.USER.value: size.USER_INLINE_CHARACTERS,
    PrincipalKind.GROUP.value: size.GROUP_INLINE_CHARACTERS,
    PrincipalKind.ROLE.value: size.ROLE_INLINE_CHARACTERS,
}


def budgets(policies: Iterable[PolicyFile]) -> Iterator[SizeBudget]:
    """One budget for each managed policy and for the inline policies of each folder together.

    AWS-managed policies have none: they are not ours to shorten.
    """
    inline: dict[str, list[str]] = {}
    for file in policies:
        if file.kind is PolicyKind.INLINE:
            inline.setdefault(file.folder, []).append(file.text)
        elif file.kind is not PolicyKind.AWS_MANAGED:
            used = size.non_white_length(file.text)
            rule = "characters, white space not counted, in a managed policy"
            yield SizeBudget(file.path, used, size.MANAGED_POLICY_CHARACTERS, rule)
    for folder, texts in inline.items():
        yield from _inline(folder, texts)


def _inline(folder: str, texts: Sequence[str]) -> Iterator[SizeBudget]:
    """IAM counts all inline policies of a principal together; a permission set has only one."""
    *_, kind, _name = folder.split("/")
    if kind == PrincipalKind.PERMISSION_SET.value:
        rule = "bytes in a permission set's inline policy"
        total, non_white = sum(len(text.encode()) for text in texts), sum(map(size.non_white_bytes, texts))
        yield SizeBudget(folder, total, size.PERMISSION_SET_BYTES, rule)
        yield SizeBudget(
            folder, non_white, size.PERMISSION_SET_NON_WHITE_BYTES, f"{rule}, white space not counted"
        )
        return
    rule = f"characters, white space not counted, in all inline policies of a {kind} together"
    yield SizeBudget(f"{folder}/inline", sum(map(size.non_white_length, texts)), _INLINE[kind], rule)
