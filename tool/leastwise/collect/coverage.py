"""What a source of records could see: from what was counted, and, of log files, what the user declared."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from leastwise.collect.ledger import overflows
from leastwise.collect.roster import account_of
from leastwise.collect.standing import OF_STORES
from leastwise.model.evidence import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leastwise.collect.aggregate import Aggregator
    from leastwise.collect.counts import Counts
    from leastwise.collect.settings import Settings
    from leastwise.model.declared import AthenaSource, LakeSource, TrailFilesSource
    from leastwise.model.evidence import Selectors
    from leastwise.model.window import Window

GLOBAL_REGIONS = frozenset({"us-east-1", "us-gov-west-1", "cn-north-1"})
"""Where records of global services (IAM, STS, CloudFront) come from: a trail of another region gets them too
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html, read 2026-11-23)."""

PROVEN_REGIONS = "taken to log every region"
"""How the words begin that tell what a record from a third region shows."""

DEDUPLICATION = (
    "an event delivered twice is counted once if both copies came from one account and region, on the same "
    "or neighbouring delivery days (files whose paths tell no day are compared among themselves)"
)


def of_counts(source: TrailFilesSource, window: Window, told: Settings, total: Aggregator) -> Coverage:
    """The coverage of one reading."""
    counts = total.counts
    tampering = of_trails(counts.tampering)
    proof = _multi_region_proof(told.selectors, counts.places) if told.all_regions is None else ""
    return replace(
        counted(source, window, told, counts, tampering),
        all_regions=_all_regions(source, told, proof),
        logged_regions=frozenset(source.regions),
        limits=frozenset({DEDUPLICATION, *overflows(total.ledger), *told.words, *([proof] if proof else [])}),
    )


def counted(
    source: TrailFilesSource | LakeSource | AthenaSource,
    window: Window,
    told: Settings,
    counts: Counts,
    tampering: frozenset[str],
) -> Coverage:
    """What every reading of records shows, whichever engine counted them; its limits are not said yet."""
    return Coverage(
        source=source.name,
        kind=source.kind,
        start=window.start,
        end=window.end,
        selectors=told.selectors,
        regions=frozenset(region for _, _, region in counts.places),
        all_regions=told.all_regions,
        logging_since=logging_since(told, tampering),
        delivered=frozenset(
            (account, date.fromisoformat(day))
            for account, day, _ in counts.places
            if account and told.only_account in ("", account)
        ),
        tampering=tampering,
        unreadable=tuple(counts.unreadable),
        unreadable_count=counts.unreadable_count,
        excluded=dict(sorted(counts.excluded.items())),
        unmapped=dict(sorted(counts.unmapped.items())),
        disagreements=dict(sorted(counts.disagreements.items())),
        records=counts.records,
        duplicates=counts.duplicates,
    )


def of_trails(tampering: Iterable[str]) -> frozenset[str]:
    """The changes that concern a trail: whoever stops an event data store stops no trail."""
    return frozenset(change for change in tampering if change.split(" ")[1] not in OF_STORES)


def logging_since(told: Settings, tampering: Iterable[str]) -> datetime | None:
    """When logging as it is now began: a change that the records show begins it anew.

    ``None`` where AWS was not asked how the settings are now: then a change leaves them unknown.
    """
    if told.since is None:
        return None
    changes = (datetime.fromisoformat(change.partition(" ")[0]) for change in tampering)
    return max((told.since, *changes))


def _all_regions(source: TrailFilesSource, told: Settings, proof: str) -> bool | None:
    """What AWS says holds; else what the user says, else what the records show."""
    if told.all_regions is not None:
        return told.all_regions
    return True if source.all_regions or (proof and not source.regions) else None


def _multi_region_proof(selectors: Selectors | None, places: set[tuple[str, str, str]]) -> str:
    """Why the trail must log every region, in words; empty where nothing shows it.

    A trail of one region delivers that region and the global services, so a record from a third region shows
    a trail of all regions.  Only records of the trail's own account count: another account's may come from
    a trail of its own that writes to the same bucket.
    """
    home = selectors.trail_arn.split(":") if selectors else []
    if len(home) < 6:
        return ""
    account = account_of(":".join(home))
    beyond = sorted({region for owner, _, region in places if owner == account} - GLOBAL_REGIONS - {home[3]})
    if not beyond:
        return ""
    return f"{PROVEN_REGIONS}, because its home is {home[3]} and it delivered records of {beyond[0]}"
