"""The members of an evidence file, as strictly typed structs: nothing unknown, nothing of another type.

What is not there has its default; everything else is always written.  Once a version is released, a new
member means a new ``VERSION``: an older leastwise must say "newer", not "damaged".

Annotations are evaluated when the classes are made, because msgspec reads them.
"""

from datetime import date, datetime
from typing import Annotated

from msgspec import Meta, Struct

from leastwise.model.event import Outcome
from leastwise.model.evidence import DenialReason
from leastwise.model.request import Certainty, ResourceForm

FORMAT = "leastwise-evidence"
VERSION = 1

Count = Annotated[int, Meta(ge=0)]
Moment = Annotated[datetime, Meta(tz=True)]
Texts = tuple[str, ...]


class Observation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One line of evidence; its principal is the member that it stands in."""

    source: str
    action: str
    resource: str
    form: ResourceForm
    certainty: Certainty
    context: dict[str, Annotated[Texts, Meta(min_length=1)]] = {}
    outcome: Outcome
    denial: DenialReason | None = None
    error_code: str = ""
    proves_authorization: bool = False
    via_service: str = ""
    days: dict[date, Count]
    first: str
    last: str
    samples: Texts = ()
    regions: Texts = ()
    sessions: Texts = ()
    hours: Texts = ()


class DataSelector(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Data events of one resource type."""

    resource_type: str
    read: bool
    write: bool
    arn_prefixes: Texts = ()


class Selectors(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the source is set to log."""

    management_read: bool
    management_write: bool
    excluded_sources: Texts = ()
    data: tuple[DataSelector, ...] = ()
    trail_arn: str = ""
    unread: Texts = ()


class Unreadable(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file, or a record of it, that could not be read."""

    path: str
    reason: str


class Examined(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How far a source is with one principal; ``days`` holds the runs of days, both ends included."""

    days: tuple[tuple[date, date], ...] = ()
    vague: Texts = ()
    as_of: str = ""
    words: Texts = ()


class Coverage(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one source could see; ``delivered`` holds the runs of days, both ends included, by account."""

    kind: str
    start: Moment
    end: Moment
    selectors: Selectors | None = None
    regions: Texts = ()
    all_regions: bool | None = None
    logged_regions: Texts = ()
    logging_since: Moment | None = None
    delivered: dict[str, tuple[tuple[date, date], ...]] = {}
    tampering: Texts = ()
    unreadable: tuple[Unreadable, ...] = ()
    unreadable_count: Count = 0
    excluded: dict[str, Count] = {}
    unmapped: dict[str, Count] = {}
    disagreements: dict[str, Count] = {}
    records: Count = 0
    duplicates: Count = 0
    limits: Texts = ()
    examined: dict[str, Examined] = {}


class EvidenceFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The whole text: coverage by source, observations by principal."""

    format: str
    version: int
    coverage: dict[str, Coverage]
    principals: dict[str, tuple[Observation, ...]]
    looked_since: dict[str, dict[str, Moment]] = {}
    """Source -> principal -> when looking for that principal began, where it is later than for others."""
