"""What is live and what is committed -> what would be called in AWS, in which order, or why not.  Pure.

::

    desired      the policies that the principal shall hold
    order        moves: which policy changes when, so that nothing that stays allowed is ever missing
    room         IAM's quotas, at every moment in between
    steps        moves -> the calls of AWS
    refuse       what cannot be done, in words
    fingerprint  what a plan is known by
    fits         whether a plan that was kept is about its principal and ends in what is committed
    planned      all of it for one principal, and what becomes allowed and what does not stay so
    deltas       each policy's difference, in words and in form
"""
