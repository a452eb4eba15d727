"""The IAM policy language: documents, patterns, evaluation, inclusion, size.  Usable alone.

The working surface::

    document.parse(text, path="policy") -> PolicyDocument        PolicySyntaxError: every Problem at once
    document.render(document) -> str                             parse(render(d)) == d
    document.locate(text, path="policy") -> tuple[StatementSpans, ...]      offsets, for minimal edits

    glob.parse(text, *, variables=True) -> Glob                  variables: Version 2012-10-17
    glob.matches(glob, text) -> bool                             never backtracks
    glob.covers(outer, inner) -> bool                            True is a proof, False proves nothing
    glob.escape(text) -> str                                     the pattern that matches only text

    arn.parse(text) -> Arn | None
    arn.pattern(text, *, variables=True) -> ResourcePattern
    arn.matches(pattern, text, reading) -> bool                  Reading.FLAT, Reading.SEGMENT

    request.Request(action, resource, context={}, closed=False)  key -> values, None: absent; no key: unknown
    evaluate.evaluate(documents, request, reading) -> Evaluation(decision, statement, why)
    evaluate.evaluate_both(documents, request) -> Evaluation     what both readings share, else UNKNOWN
    evaluate.prepare(documents) -> Evaluator                     the same for many requests
    condition.holds(condition, request, *, variables) -> bool | None

    includes.includes(outer, inner, *, budget=...) -> Included | Witness | Undecided
    includes.includes_requests(outer, inner, action, resources, *, budget=...)   for one action
    includes.covers(evaluator, action, resources, context=None, *, budget=...) -> Decision    of a whole glob

    size.non_white_length(text) -> int                           and AWS's quotas as constants

A ``PolicyDocument`` is ``statements`` (of ``Statement``), ``version`` and ``id``; all values are frozen,
hashable and compared by meaning.  Nothing here imports anything of leastwise but its errors.
"""
