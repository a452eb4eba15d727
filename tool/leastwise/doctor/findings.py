"""What was found out about a source, and the commands that mend what a trail does not log."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from leastwise.collect.athena_outcome import enabling, raising
from leastwise.collect.sql.queries import GIGABYTE
from leastwise.model.check import Check, Health

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.aws.athena import WorkGroup
    from leastwise.collect.settings import Settings
    from leastwise.model.declared import AthenaSource
    from leastwise.model.evidence import Selectors


DATA_EVENTS = "data events"


def of_settings(source: str, arn: str, told: Settings) -> Iterator[Check]:
    """What a trail or event data store logs; commands are given for a trail."""
    for words in sorted(told.words):
        said, _, mend = words.partition(": `")
        yield Check(source, "logging", Health.PARTIAL, said, mend.rstrip("`"))
    if told.since:
        yield Check(source, "logging since", Health.GOOD, f"{told.since:%Y-%m-%d %H:%M}Z")
    yield _regions(source, arn, told)
    if told.selectors is None:
        yield Check(source, "event selectors", Health.BROKEN, "nobody told what is logged", _TELL)
    else:
        yield from _selected(source, arn, told.selectors)


def of_workgroup(source: AthenaSource, workgroup: WorkGroup) -> Iterator[Check]:
    """Whether a workgroup runs queries, where results go, and what one query may scan."""
    name, what = source.workgroup, "workgroup"
    if not workgroup.enabled:
        yield Check(source.name, what, Health.BROKEN, f"{name} is disabled", enabling(source))
    if not (workgroup.output or source.output):
        mend = "set a result location in the workgroup, or `output: s3://BUCKET/PREFIX/` in the source"
        yield Check(source.name, what, Health.BROKEN, f"{name} has no place for results", mend)
    elif workgroup.enforced and workgroup.output and source.output not in (None, workgroup.output):
        found = f"{name} puts results into {workgroup.output}, whatever `output` of the source says"
        yield Check(source.name, what, Health.PARTIAL, found, "take `output` out of the source")
    else:
        place = workgroup.output if workgroup.enforced else source.output or workgroup.output
        yield Check(source.name, what, Health.GOOD, f"{name}, results go to {place}")
    if workgroup.cutoff is None:
        yield Check(source.name, "limit of a query", Health.GOOD, "none")
        return
    found = f"{workgroup.cutoff / GIGABYTE:g} GB: if a query is ended by it, its days are a gap"
    yield Check(source.name, "limit of a query", Health.PARTIAL, found, raising(source))


_TELL = (
    "name the trail's ARN in `trail:` of the source, or save what `aws cloudtrail get-event-selectors "
    "--trail-name TRAIL` prints and name the file in `selectors:`"
)


def _regions(source: str, arn: str, told: Settings) -> Check:
    if told.all_regions:
        return Check(source, "regions", Health.GOOD, "every region is logged")
    mend = f"aws cloudtrail update-trail --name {arn} --is-multi-region-trail"
    if told.all_regions is None:
        return Check(
            source, "regions", Health.PARTIAL, "not known which are logged", "say `regions: all`, if it is so"
        )
    return Check(source, "regions", Health.BROKEN, "one region only", mend if ":trail/" in arn else "")


def _selected(source: str, arn: str, selectors: Selectors) -> Iterator[Check]:
    missing = [
        word
        for word, logged in (("read", selectors.management_read), ("write", selectors.management_write))
        if not logged
    ]
    excluded = sorted(selectors.excluded_sources)
    lacking = [*(f"no {word} events" for word in missing), *(f"without {name}" for name in excluded)]
    health = Health.BROKEN if missing else Health.PARTIAL if excluded else Health.GOOD
    mend = put_selectors(arn, selectors) if lacking else ""
    yield Check(source, "management events", health, ", ".join(lacking) or "read and write", mend)
    kinds = sorted({data.resource_type for data in selectors.data})
    if kinds:
        yield Check(source, DATA_EVENTS, Health.GOOD, ", ".join(kinds))
    else:
        found = "none: calls like s3:GetObject and dynamodb:GetItem are not recorded (data events are billed)"
        yield Check(source, DATA_EVENTS, Health.PARTIAL, found, put_selectors(arn, selectors))
    for words in selectors.unread:
        yield Check(source, "event selectors", Health.PARTIAL, f"not understood, so not counted: {words}")


def put_selectors(arn: str, selectors: Selectors) -> str:
    """The command that logs all management events, and data events as before or else of S3 objects.

    It *replaces* a trail's selectors, so what is there and not understood forbids one; so does an event data
    store (.../awscloudtrail/latest/APIReference/API_PutEventSelectors.html, 2026-11-23).
    """
    if ":trail/" not in arn or selectors.unread:
        return ""
    wanted = [_advanced("Management events", ("eventCategory", "Equals", ["Management"]))]
    for data in sorted(selectors.data):
        fields = [("eventCategory", "Equals", ["Data"]), ("resources.type", "Equals", [data.resource_type])]
        if data.arn_prefixes:
            fields.append(("resources.ARN", "StartsWith", list(data.arn_prefixes)))
        if data.read != data.write:
            fields.append(("readOnly", "Equals", [str(data.read).lower()]))
        wanted.append(_advanced(f"Data events of {data.resource_type}", *fields))
    if not selectors.data:
        kind = ("resources.type", "Equals", ["AWS::S3::Object"])
        wanted.append(_advanced("Data events of S3 objects", ("eventCategory", "Equals", ["Data"]), kind))
    text = json.dumps(wanted, separators=(",", ":"))
    command = f"aws cloudtrail put-event-selectors --trail-name {arn}"
    return f"{command} --advanced-event-selectors {shlex.quote(text)}"


def _advanced(name: str, *fields: tuple[str, str, list[str]]) -> dict[str, object]:
    selectors = [{"Field": field, operator: values} for field, operator, values in fields]
    return {"Name": name, "FieldSelectors": selectors}
