"""The words that all forms of an audit share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from leastwise.audit.values import Change, Kind
from leastwise.render.coverage import logged
from leastwise.render.escape import printable
from leastwise.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from leastwise.audit.values import Audit, PrincipalAudit, SourceAudit, Subject

NAME = 200
WORDS = 400
SENTENCE = 1_000
"""Characters of a name, of a clause, and of a list of many names."""
_LINKING = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
"""What mail programs make a link of without being asked."""
_SHOWN = 5
_LIMITS = 8


def shown(text: str, cap: int = NAME) -> str:
    r"""A name for a reader of mail: printable ASCII as it is, the rest escaped, no link that makes itself.

    >>> shown("https://evil.example/\u202e")
    'https\\u003a//evil.example/\\u202e'
    """
    return _LINKING.sub(lambda found: f"\\u{ord(found[0]):04x}", printable(text, cap))


def name(subject: Subject) -> str:
    """``role payments-api (111122223333)``, and the session where sessions are told apart."""
    session = f", session {shown(subject.session, 64)}" if subject.session else ""
    if subject.kind is Kind.ROOT:
        return f"root of account {subject.accounts[0]}{session}"
    if subject.kind is Kind.OTHERS:
        return shown(subject.key)
    account = f" ({subject.accounts[0]})" if subject.kind in (Kind.USER, Kind.ROLE) else ""
    return f"{subject.kind.value} {shown(subject.name, 64)}{account}{session}"


def subject_line(audit: Audit) -> str:
    """The mail's subject: ASCII, without anything from logs."""
    return (
        f"leastwise audit, {audit.month.title}: {counted(len(audit.principals), 'principal')}, "
        f"{counted(audit.calls, 'call')}, {audit.denied_calls:,} denied"
    )


def lead(audit: Audit) -> str:
    """The month in three sentences."""
    busy = [each for each in audit.principals if each.is_seen_in_month]
    tally = (
        (sum(bool(each.sensitive) for each in busy), "used sensitive actions"),
        (sum(bool(each.tried_in_vain) for each in busy), "tried some in vain"),
        (sum(bool(each.denied_in_month) for each in busy), "met denials"),
        (sum(bool(fresh(each)) for each in busy), "did something that is not on record before"),
    )
    what = _joined([f"{number:,} {did}" for number, did in tally if number])
    sentence = f" Of those, {what}." if what else ""
    denied = f"; {audit.denied_calls:,} more were denied" if audit.denied_calls else ""
    whose = f"{len(busy):,} of {counted(len(audit.principals), 'principal')}"
    return f"Calls on record: {audit.calls:,} by {whose}{denied}.{sentence}"


def scope(audit: Audit) -> str:
    """Who was looked for."""
    if not audit.whole_accounts:
        return "Looked for: the principals of principals.yaml, and nobody else."
    accounts = ", ".join(audit.whole_accounts)
    return (
        f"Looked for: every user, every role and root of account {accounts}. An identity without a record in "
        "the year is not in the list."
    )


def fresh(principal: PrincipalAudit) -> int:
    """How many actions were new, or seen for the first time."""
    return len(principal.that(Change.NEW, Change.FIRST_SEEN))


def coverage(audit: Audit, source: SourceAudit) -> Iterator[str]:
    """What a source showed, and what it could not, a sentence each."""
    seen, title = source.coverage, audit.month.title
    if seen.tells_actions_only:
        yield "Tells which actions were called between two days, and neither how often nor whether denied."
    else:
        yield _days(audit, source)
    yield f"Logged: {_within(logged(seen, shown), SENTENCE)}."
    yield f"What was new in {title} {_can_be_told(source.unsure_before)}."
    yield f"What went silent in {title} {_can_be_told(source.unsure_month)}."
    yield from _left_out(source)


def _within(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\u2026"


def _days(audit: Audit, source: SourceAudit) -> str:
    month, before = len(audit.month_days), len(audit.days_before)
    since = f", the first on {source.first}" if source.first else ""
    read = counted(source.coverage.records, "record")
    whose = f" of each of {source.accounts:,} accounts" if source.accounts > 1 else ""
    return (
        f"Records{whose} on {source.month} of {counted(month, 'day')} of {audit.month.title}, and on "
        f"{source.before} of the {before} days before{since}; {read} read."
    )


def _can_be_told(unsure: str) -> str:
    return f"cannot be told: {shown(unsure, WORDS)}" if unsure else "can be told"


def _left_out(source: SourceAudit) -> Iterator[str]:
    seen = source.coverage
    if seen.excluded:
        yield f"Records left out: {_counts(seen.excluded)}."
    if seen.unmapped:
        yield f"In no table, for no permission is known for them: {_counts(seen.unmapped)}."
    if seen.unreadable_count:
        first = seen.unreadable[0]
        yield (
            f"Could not be read: {counted(seen.unreadable_count, 'file or record')}, the first "
            f"{shown(first.path)} ({shown(first.reason)})."
        )
    if seen.tampering:
        times = counted(len(seen.tampering), "time")
        yield f"Logging was changed or stopped {times}, the first {shown(min(seen.tampering))}."
    limits = sorted(seen.limits)
    yield from (f"{_as_sentence(shown(words, WORDS))}." for words in limits[:_LIMITS])
    if len(limits) > _LIMITS:
        yield f"{len(limits) - _LIMITS:,} more such limits are in audit.json."


def _as_sentence(words: str) -> str:
    """With a capital, unless it begins with a name."""
    return words[:1].upper() + words[1:] if words.partition(" ")[0].isalpha() else words


def _counts(found: Mapping[str, int]) -> str:
    """``root (12), AWS service (300) and 2 more``: root first, then the most."""
    names = sorted(found, key=lambda each: (each != "root", -found[each], each))
    listed = ", ".join(f"{shown(each)} ({found[each]:,})" for each in names[:_SHOWN])
    return listed if len(names) <= _SHOWN else f"{listed} and {len(names) - _SHOWN:,} more"


def _joined(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1] if parts else ""
