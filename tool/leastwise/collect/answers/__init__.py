"""Answering saved queries: the same file on log files, CloudTrail Lake and Athena.

::

    interface  what an engine does for a saved query
    embedded   DuckDB in memory, closed to the outside, over the records of log files
    loading    log files -> the embedded engine
    sql        the loop that Lake and Athena share: start, wait, read page by page
    lake       a CloudTrail Lake event data store
    athena     an Athena table
"""
