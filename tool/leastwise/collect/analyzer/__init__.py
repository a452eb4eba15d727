"""Behind ``collect.access_analyzer``: one generation at a time for many principals.

::

    subjects  enrolled principals -> the users and roles to generate a policy for
    queue     who waits, whose turn it is, when it will come; pure
    desk      the generations of one account: looks, starts the next, fetches what is finished
    reading   generated policies -> actions, and services of which no action is told; pure
    wording   where each principal stands, in sentences; pure
"""
