"""Saved queries: what a file below ``queries/`` says, what it may ask, and the SQL that is sent.

::

    header     the comments that a file begins with -> title, severity, schedule ...
    schedule   which queries a day's run executes
    columns    the columns of ``cloudtrail`` that a query may use, the same on every engine
    query      a whole file -> a query that only reads, or the mistakes in it
    bind       a query for one table and one window -> the text for the engine, and back to lines of the file
    translate  Trino's SQL -> the embedded engine's
    lineage    what a column of the answer shows of people
    people     what names a person in a cell
    results    what a run found
    cases      the cases that test a query
"""
