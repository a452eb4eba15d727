"""Telling people beside pull requests: one digest for each run, and none where nothing changed.

::

    interface  what a channel does
    slack      an incoming webhook
    sns        an SNS topic
    email      e-mail by SES
    audit      the monthly audit: a whole mail, and a note
    tell       all the channels of a declaration; no failure of theirs ends a run
"""
