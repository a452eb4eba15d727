"""What AWS holds now, beside what is declared.

::

    state      LivePolicy, LiveState: values
    reading    a user, role or permission set -> its LiveState
    drift      LiveState x the committed files -> what differs, in meaning and in form
"""
