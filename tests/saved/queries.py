"""Saved queries for tests: a header, and SQL that is within its bounds."""

from datetime import date

from leastwise.model.window import Window
from leastwise.saved.query import Broken, SavedQuery, read_query

HEADER = """\
-- title: Something happened
-- why: It should not;
--      each time is worth a question.
-- severity: high
-- schedule: daily
-- empty: nothing happened

"""
BOUNDS = "eventtime >= {{from}} AND eventtime < {{to}}"
WEEK = Window.of_days(date(2026, 11, 16), date(2026, 11, 23))
FIRST = HEADER.count("\n") + 1
"""The line on which the SQL begins."""


def read(sql, header=HEADER, name="it") -> SavedQuery | Broken:
    return read_query(name, f"queries/{name}.sql", header + sql)


def good(sql, header=HEADER, name="it") -> SavedQuery:
    found = read(sql, header, name)
    assert isinstance(found, SavedQuery), found
    return found


def problems(sql, header=HEADER) -> list[str]:
    found = read(sql, header)
    assert isinstance(found, Broken), found
    return [str(problem) for problem in found.problems]


def record(name="CreateUser", at="2026-11-20T09:00:00Z", **members):
    """A record with the members that CloudTrail always writes."""
    return {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/alice",
            "userName": "alice",
        },
        "eventTime": at,
        "eventSource": "iam.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "198.51.100.7",
        "requestParameters": {"userName": "bob"},
        "responseElements": None,
        "eventID": f"{name}-{at}",
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111122223333",
        "eventCategory": "Management",
    } | members
