"""The statement that counts the calls of every enrolled principal in one scan.

Calls that are alike in all that decides their meaning become one row, with a count for each UTC day; those of
everybody else become one row for each account, region and kind of caller, which is what coverage needs.  What
a row keeps of the parameters is decided by ``reference.unread``: it may be more, never less.

From the inside out: the columns, by one name in every dialect; who is enrolled (``sieve``); what makes rows
differ; rows counted by day; days gathered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.collect.roster import has_filter
from leastwise.collect.sql.sieve import sieve, sieve_for
from leastwise.collect.standing import CLOUDTRAIL, TAMPERING
from leastwise.errors import SourceError
from leastwise.model.evidence import SAMPLES_KEPT, SESSIONS_KEPT
from leastwise.reference.denials import ENCODED
from leastwise.reference.outcomes import denying_words
from leastwise.reference.unread import unread_everywhere, unread_of_sources, whole_responses
from leastwise.sql_text import literal, literals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.collect.roster import Roster
    from leastwise.collect.sql.dialects import Dialect

KEY = (
    "actor",
    "identity_type",
    "account",
    "recipient",
    "region",
    "event_type",
    "category",
    "invoked_by",
    "source",
    "name",
    "error_code",
    "error_message",
    "resources",
    "request",
    "response",
    "caller",
    "source_identity",
    "tampering",
)
"""What makes rows differ.  ``caller`` and ``source_identity`` are empty unless sessions matter: where
somebody filters them, or where a person asked to see each."""
ENROLLED, FILTERED = "enrolled", "by_session"
"""Columns: whether a caller may be enrolled, and whether its sessions may be filtered."""

_RESOURCES = "transform(resources, r -> ARRAY[r.arn, r.type, r.accountid])"
_TAMPERING = f"source = {literal(CLOUDTRAIL)} AND name IN ({literals(TAMPERING)}) AND error_code = ''"
"""Each such call is a row of its own."""


@dataclass(frozen=True, slots=True)
class Query:
    """A statement with the SQL literals for each of its ``?``, in order."""

    sql: str
    parameters: tuple[str, ...] = ()


def statement(dialect: Dialect, roster: Roster) -> Query:
    """The query.  Raises ``SourceError`` where a name is no name, or not even a statement for all fits."""
    told_apart = ENROLLED if roster.by_session else FILTERED
    filtered = [principal for principal in roster.principals if has_filter(principal)]
    room = dialect.limit - len(_written(dialect, "", "", told_apart))
    by_session = sieve(() if roster.by_session else filtered, room // 4)
    enrolled = sieve_for(roster, room - len(by_session))
    sql = _written(dialect, enrolled, by_session, told_apart)
    if len(sql) > dialect.limit:
        raise SourceError(
            f"a statement of {len(sql)} characters does not fit {dialect.limit}: please report it"
        )
    return Query(sql, dialect.parameters)


def _written(dialect: Dialect, enrolled: str, by_session: str, told_apart: str) -> str:
    """``told_apart`` is the column that says whose sessions make rows differ."""
    key = ", ".join(KEY)
    sorted_out = {ENROLLED: enrolled, FILTERED: by_session, "is_tampering": _TAMPERING}
    sighted = f"SELECT *, {_select(sorted_out)}\nFROM ({_recorded(dialect)})"
    alike = f"SELECT {_select({**_key(told_apart), **_sighting()})}\nFROM ({sighted})"
    by_day = f"SELECT {key}, day,\n{_select(_DAILY)}\nFROM ({alike})\nGROUP BY {key}, day"
    return f"SELECT {key},\n{_select(GATHERED)}\nFROM ({by_day})\nGROUP BY {key}"


def _select(columns: Mapping[str, str]) -> str:
    return ",\n".join(
        name if name == expression else f"{expression} AS {name}" for name, expression in columns.items()
    )


def _recorded(dialect: Dialect) -> str:
    """One row for each record, absent text as empty text."""
    issuer = "useridentity.sessioncontext.sessionissuer.arn"
    columns = {
        "at": dialect.time,
        "event_id": "NULLIF(eventid, '')",
        "actor": f"COALESCE(NULLIF({issuer}, ''), useridentity.arn, '')",
        "caller": "COALESCE(useridentity.arn, '')",
        "identity_type": "COALESCE(useridentity.type, '')",
        "account": "COALESCE(useridentity.accountid, '')",
        "invoked_by": "COALESCE(useridentity.invokedby, '')",
        "source_identity": f"COALESCE({dialect.source_identity}, '')",
        "recipient": "COALESCE(recipientaccountid, '')",
        "region": "COALESCE(awsregion, '')",
        "event_type": "COALESCE(eventtype, '')",
        "category": "COALESCE(eventcategory, '')",
        "source": "COALESCE(eventsource, '')",
        "name": "COALESCE(eventname, '')",
        "error_code": "COALESCE(errorcode, '')",
        "error_message": "COALESCE(errormessage, '')",
        "resources": "resources",
        "request": dialect.request,
        "response": dialect.response,
    }
    where = "\nAND ".join(dialect.conditions)
    return f"SELECT {_select(columns)}\nFROM {dialect.table}\nWHERE {where}"


def _key(told_apart: str) -> dict[str, str]:
    """Of strangers only what decides why their calls do not count."""
    known = ("account", "category", "error_code", "resources", "request", "response", "error_message")
    kept = {
        "resources": f"json_format(CAST({_RESOURCES} AS json))",
        "request": _request(),
        "response": _response(),
        "error_message": _message(),
    }
    return {
        "actor": "IF(enrolled, actor, split_part(actor, '/', 1))",
        "identity_type": "identity_type",
        "recipient": "IF(enrolled OR recipient <> '', recipient, account)",
        "region": "region",
        "event_type": "event_type",
        "invoked_by": "IF(enrolled OR actor = '', invoked_by, '')",
        "source": "IF(enrolled OR is_tampering, source, '')",
        "name": "IF(enrolled OR is_tampering, name, '')",
        "tampering": "IF(is_tampering, COALESCE(event_id, at), '')",
        "caller": f"IF(enrolled AND {told_apart}, caller, '')",
        "source_identity": f"IF(enrolled AND {told_apart}, source_identity, '')",
    } | {name: f"IF(enrolled, {kept.get(name, name)}, '')" for name in known}


def _sighting() -> dict[str, str]:
    """When, and in which session; the session's hash is that of ``collect.sessions``."""
    session = "element_at(split(caller, '/'), -1)"
    digest = f"substr(lower(to_hex(sha256(to_utf8({session})))), 1, 8)"
    in_session = f"enrolled AND strpos(caller, ':assumed-role/') > 0 AND {session} <> ''"
    return {
        "at": "at",
        "day": "substr(at, 1, 10)",
        "event_id": "event_id",
        "session": f"IF({in_session}, {digest})",
        "hour": "IF(enrolled AND error_code <> '', substr(at, 1, 13))",
    }


def _distinct(column: str) -> str:
    return f"array_agg(DISTINCT {column}) FILTER (WHERE {column} IS NOT NULL)"


_DAILY = {
    "records": "count(*)",
    "calls": "count(DISTINCT event_id) + count_if(event_id IS NULL)",
    "first_at": "min(at)",
    "last_at": "max(at)",
    "some_ids": f"min(event_id, {SAMPLES_KEPT})",
    "some_sessions": f"slice(array_sort({_distinct('session')}), 1, {SESSIONS_KEPT})",
    "some_hours": _distinct("hour"),
}


def _gathered(column: str) -> str:
    """Lists of several days as one JSON array; a day without any has none."""
    lists = f"flatten(array_agg({column}) FILTER (WHERE {column} IS NOT NULL))"
    return f"json_format(CAST(array_sort(array_distinct({lists})) AS json))"


GATHERED = {
    "days": "json_format(CAST(map_agg(day, ARRAY[records, calls]) AS json))",
    "first_seen": "min(first_at)",
    "last_seen": "max(last_at)",
    "samples": _gathered("some_ids"),
    "sessions": _gathered("some_sessions"),
    "hours": _gathered("some_hours"),
}


def _request() -> str:
    everywhere = literals(unread_everywhere())
    of_sources = literals(
        f"{source}:{name}" for source, names in unread_of_sources().items() for name in names
    )
    unread = f"lower(k) IN ({everywhere}) OR split_part(source, '.', 1) || ':' || lower(k) IN ({of_sources})"
    return _members("request", f"IF({unread}, NULL, v)")


def _response() -> str:
    names_arns = "regexp_like(json_format(v), '\"[aA][rR][nN](:|%3[aA])')"
    whole = f"name IN ({literals(whole_responses())})"
    return f"IF({whole}, response, {_members('response', f'IF({names_arns}, v, NULL)')})"


def _members(text: str, value: str) -> str:
    """The JSON object in a column with ``value`` for each member ``k`` of value ``v``; else as it is."""
    members = f"CAST(json_parse({text}) AS map(varchar, json))"
    changed = f"json_format(CAST(transform_values({members}, (k, v) -> {value}) AS json))"
    return f"COALESCE(TRY({changed}), {text})"


def _message() -> str:
    """Messages of refused calls name what was refused; EC2 appends text that differs each time."""
    plain = (
        f"IF(source = 'ec2.amazonaws.com', split_part(error_message, {literal(ENCODED)}, 1), error_message)"
    )
    return f"IF(regexp_like(lower(error_code), {literal('|'.join(sorted(denying_words())))}), {plain}, '')"
