"""Whoever can write into a log must not be able to fill the memory: what is remembered has a bound."""

from __future__ import annotations

import importlib
import pkgutil
from functools import _lru_cache_wrapper

from leastwise import reference
from leastwise.reference.ephemeral import lasting_name
from leastwise.reference.interpret import interpret
from leastwise.reference.loggable import logged
from leastwise.reference.risk import risks_of
from tests.reference.events import event_of

REFUSED = (
    "User: arn:aws:sts::111122223333:assumed-role/app/s is not authorized to perform: {0}:Do{0} on resource:"
    " arn:aws:{0}:eu-west-1:111122223333:thing/{0} because no identity-based policy allows the action"
)


def unbounded_caches():
    """Every cache of the package that never forgets, by name."""
    modules = (
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(reference.__path__, reference.__name__ + ".")
    )
    return {
        f"{value.__module__}.{value.__name__}": value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, _lru_cache_wrapper) and value.cache_info().maxsize is None
    }


def remembered():
    return {name: cache.cache_info().currsize for name, cache in unbounded_caches().items()}


def read_records_of(name):
    """Records in which every text that a caller or a forger may choose holds ``name``."""
    arn = f"arn:aws:{name}:eu-west-1:111122223333:thing/{name}"
    usual = {"eventName": f"Get{name}", "resources": [{"ARN": arn}], "requestParameters": {"roleArn": arn}}
    for source in (f"{name}.amazonaws.com", "s3.amazonaws.com", "ec2.amazonaws.com"):
        plain = {**usual, "eventSource": source}
        for record in (
            plain,
            {**plain, "errorCode": f"{name}Exception"},
            {**plain, "errorCode": "AccessDenied", "errorMessage": REFUSED.format(name)},
        ):
            for request in interpret(event_of(record)).requests:
                risks_of(request.action)
                logged(request.action, (request.resource,), None)
    lasting_name(arn)


def test_no_text_of_a_log_stays_in_a_cache_without_bound():
    read_records_of("first")
    before = remembered()

    for number in range(20):
        read_records_of(f"forged{number}")

    assert before, "there are caches to look at"
    assert remembered() == before
