"""Text -> values: ``principals.yaml`` becomes a ``Declaration``, ``policies/`` becomes ``Policies``.

Pure: every function here takes texts, and reading and writing files is another's work.  The folder reads as
the way a text takes::

    yaml_tree          text -> nodes with places; refuses YAML that could surprise (anchors, tags, duplicates)
    schema             nodes x principals.schema.json -> problems of form, in words for people
    formats            what a single scalar may say: dates, account IDs, ARNs ...
    identities         the ARN of a user or role, and what to enrol in place of one that cannot be enrolled
    checks             problems between entries: duplicates, unknown sources, folders claimed twice
    building           nodes found sound -> Declaration
    principals_file    all of the above in order: ``read_declaration``
    policies           the files below ``policies/`` -> ``Policies``
    enrol              text + a new principal -> text, nothing else touched
"""
