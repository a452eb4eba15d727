"""leastwise: least privilege for AWS, by pull request.

The data flows one way, and the packages are named for it::

    declare -> collect -> derive -> compare -> propose -> publish

``declare``, ``derive``, ``compare``, ``propose`` and ``render`` are pure: values in, values out.
``collect``, ``publish``, ``repo`` and ``aws`` touch the world.  ``pipeline`` is the only module that
knows the order, and ``cli`` the only one that prints.  ``iam`` is the IAM policy language and can be
used alone; ``reference`` holds facts about AWS with their source; ``model`` holds the values that pass
between the stages.
"""

__version__ = "0.1.0"
