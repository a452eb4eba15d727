"""Sources of evidence.  Each gives the same values, so that no later stage knows where they came from.

::

    interface    Collector and Progress: what every source implements, and what it reports to
    roster       which recorded identity belongs to which enrolled principal
    inflate      bytes of a gzip file -> text, bounded
    decode       text of a log file -> records; a bad record does not cost its file (salvage)
    aggregate    records -> counts, in bounded memory (ledger, rollup); counts of processes add up
    layout       what the path of a log file says: account, region, delivery day
    new_files    which files no run has counted yet
    trail_files  a folder or bucket of log files (store, s3_store), read by one process per core
    settings     what a trail is set to log, as AWS or the user says it
    fold         what earlier runs kept + what this one read, still bounded
"""
