"""Counting calls in SQL: one statement for any engine that speaks Trino's.

::

    dialects    what differs: CloudTrail Lake, a trail's table, a federated Lake store
    sieve       which identities a statement counts one by one, in the room that it has
    statement   the statement
    rows        its rows -> groups of calls
    spans       the times that are asked for one by one
    queries     one query for each, run, resumed, cut in two, cancelled
    tally       groups -> the same evidence as from log files
"""
