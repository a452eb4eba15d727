"""What can each source see, what is missing, and what would mend it.

::

    policy     what leastwise itself must be allowed, from ``permissions.toml``   (pure)
    findings   what a trail's settings leave out, and the commands that mend it   (pure)
    checks     asks: folders, buckets, trails, event data stores, tables
"""
