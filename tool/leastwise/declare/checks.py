"""Problems between the entries of ``principals.yaml``, which no schema can see.

Each check is a function of the sound part of the file and yields (place, expected, found).
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from leastwise.declare.building import named_policies, said_or_default, trial_closing
from leastwise.declare.formats import MAX_DAYS, parse_day
from leastwise.declare.identities import parse_identity
from leastwise.declare.yaml_tree import Place, shown
from leastwise.errors import Problem
from leastwise.model.declared import OnDenial, OnDrift, Ownership, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from leastwise.declare.fields import Field

NAMES_SHOWN = 10
NAMES_COMPARED = 100
"""Of many sources: how many an error lists, and among how many it looks for the one that was meant."""

Complaint: TypeAlias = tuple[Place, str, str]
"""Where, what was expected, what was found."""


def problems_between_entries(root: Field, path: str) -> list[Problem]:
    """Everything that is wrong although each entry alone is well formed."""
    checks: Sequence[Callable[[Field], Iterator[Complaint]]] = (
        _accounts_and_their_roles,
        _known_sources,
        _a_source_for_everybody,
        _trials,
        _repeated_items,
        _policies_of_other_partitions,
        _one_entry_each,
        _one_folder_each,
        _sessions_of_users,
        _writing_without_ownership,
    )
    return [
        Problem(path, place.line, place.column, expected, found)
        for check in checks
        for place, expected, found in check(root)
    ]


def _accounts_and_their_roles(root: Field) -> Iterator[Complaint]:
    for account, field in root.mapping("accounts"):
        for role in filter(None, (field.get("role"), field.get("apply_role"))):
            identity = parse_identity(role.scalar)
            if identity.kind is not PrincipalKind.ROLE:
                yield role.place, "the ARN of a role", f"a user: {shown(role.scalar)}"
            elif identity.account != account.text:
                found = f"a role of account {identity.account}"
                yield role.place, f"a role of account {account.text}", found


def _known_sources(root: Field) -> Iterator[Complaint]:
    names = _source_names(root)
    known = frozenset(names)
    for field in (root.get("defaults"), *root.list("principals")):
        for source in field.list("source") if field else ():
            if source.scalar not in known:
                near = difflib.get_close_matches(source.scalar, names[:NAMES_COMPARED], 1)
                yield source.place, f"a name from `sources`: {_listed(near or names)}", shown(source.scalar)


def _a_source_for_everybody(root: Field) -> Iterator[Complaint]:
    names = _source_names(root)
    defaults = root.get("defaults")
    if len(names) < 2 or (defaults and _says(defaults, "source")):
        return
    for principal in root.list("principals"):
        if not _says(principal, "source"):
            yield principal.place, f"`source`, since there are several: {_listed(names)}", "none"


def _trials(root: Field) -> Iterator[Complaint]:
    defaults = root.get("defaults")
    for principal in root.list("principals"):
        trial = principal.get("trial")
        if trial is None:
            continue
        days, closes = trial_closing(trial, defaults or trial)
        if not days and not closes and not _says(trial, "days") and not _says(trial, "closes"):
            yield trial.place, "`days` or `closes`, here or in the default trial", "neither"
        opens = trial.get("opens")
        if opens and closes:
            yield from _length(opens, closes)


def _length(opens: Field, closes: Field) -> Iterator[Complaint]:
    days = (parse_day(closes.scalar) - parse_day(opens.scalar)).days
    if days < 1:
        yield closes.place, f"a day after the trial opens ({opens.scalar})", shown(closes.scalar)
    elif days > MAX_DAYS:
        yield closes.place, f"a trial of at most {MAX_DAYS} days", f"{days:,} days"


def _repeated_items(root: Field) -> Iterator[Complaint]:
    for principal in root.list("principals"):
        for key in ("accounts", "members", "attached", "source"):
            first_lines: dict[str, int] = {}
            for item in principal.list(key):
                if item.scalar in first_lines:
                    yield item.place, f"every item of `{key}` once", f"{shown(item.scalar)} again"
                first_lines.setdefault(item.scalar, item.place.line)


def _policies_of_other_partitions(root: Field) -> Iterator[Complaint]:
    """AWS's managed policies have a partition of their own in China and GovCloud, and another text there."""
    for principal in root.list("principals"):
        arn = principal.get("arn")
        partition = parse_identity(arn.scalar).partition if arn else ""
        for policy in named_policies(principal) if partition else ():
            other = policy.scalar.removeprefix("arn:").partition(":")[0]
            if policy.scalar.startswith("arn:") and other != partition:
                meant = policy.scalar.replace(f"arn:{other}:", f"arn:{partition}:", 1)
                yield policy.place, f"{meant}, as the principal is of {partition}", shown(policy.scalar)


def _one_entry_each(root: Field) -> Iterator[Complaint]:
    for (what, name), fields in _grouped(_identifying(root)).items():
        for field in fields[1:]:
            first = fields[0].place.line
            advice = ", with all `accounts` in one entry" if what == "permission_set" else ""
            yield (
                field.place,
                f"every {_WORDS[what]} once{advice}",
                f"{shown(name)} again, after line {first}",
            )


def _one_folder_each(root: Field) -> Iterator[Complaint]:
    """Neither a path nor upper case makes a second IAM name, and some disks do not tell case apart."""
    for folder, fields in _grouped(_folders(root)).items():
        for field in fields[1:]:
            if field.scalar != fields[0].scalar:
                found = f"policies/{folder}/, the folder of line {fields[0].place.line} too"
                yield (
                    field.place,
                    "a folder of its own for every principal (names differ, paths do not count)",
                    found,
                )


def _sessions_of_users(root: Field) -> Iterator[Complaint]:
    for principal in root.list("principals"):
        arn = principal.get("arn")
        if arn and parse_identity(arn.scalar).kind is PrincipalKind.USER:
            for key in ("session_name", "source_identity"):
                field = principal.get(key)
                if field:
                    yield field.place, f"no `{key}`: the calls of an IAM user have none", "one"


def _writing_without_ownership(root: Field) -> Iterator[Complaint]:
    """What writes to AWS needs ``ownership: apply``, and a group is a prototype that AWS does not have."""
    defaults = root.get("defaults") or root
    for principal in root.list("principals"):
        ownership = principal.get("ownership")
        if principal.get("group"):
            if ownership and ownership.scalar == Ownership.APPLY.value:
                expected = "`propose-only`: a group is a prototype, not anything in AWS"
                yield ownership.place, expected, "`apply`"
            continue
        if said_or_default(principal, defaults, "ownership") == Ownership.APPLY.value:
            continue
        for key, value in (("drift", OnDrift.UNDO.value), ("watch", OnDenial.ROLLBACK.value)):
            field = principal.get(key)
            if field and field.scalar == value:
                yield field.place, f"`ownership: apply` beside `{key}: {value}`", "`propose-only`"


_Key = TypeVar("_Key")

_WORDS = {"arn": "user or role", "permission_set": "permission set", "group": "group"}


def _identifying(root: Field) -> Iterator[tuple[tuple[str, str], Field]]:
    for principal in root.list("principals"):
        for key in _WORDS:
            field = principal.get(key)
            if field:
                yield (key, field.scalar), field


def _folders(root: Field) -> Iterator[tuple[str, Field]]:
    for (what, name), field in _identifying(root):
        if what == "arn":
            identity = parse_identity(name)
            yield f"{identity.account}/{identity.kind.value}/{identity.name}".casefold(), field
        else:
            yield f"{what}/{name}".replace("_", "-", 1).casefold(), field


def _grouped(pairs: Iterable[tuple[_Key, Field]]) -> dict[_Key, list[Field]]:
    groups: dict[_Key, list[Field]] = {}
    for key, field in pairs:
        groups.setdefault(key, []).append(field)
    return groups


def _source_names(root: Field) -> list[str]:
    """Every declared name, also of a source that is not sound: naming it is no second mistake."""
    sources = root.get("sources")
    return [key.text for key in sources.keys] if sources else []


def _listed(names: Sequence[str]) -> str:
    more = ", …" if len(names) > NAMES_SHOWN else ""
    return (", ".join(names[:NAMES_SHOWN]) + more) or "it has none"


def _says(field: Field, key: str) -> bool:
    """Whether the key is there at all, sound or not."""
    return key in {name.text for name in field.keys}
