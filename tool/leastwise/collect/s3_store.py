"""Log files in a bucket.  Lists no more than the accounts, regions and days that are asked for.

A trail writes ``[prefix/]AWSLogs/[o-…/]<account>/CloudTrail/<region>/<yyyy>/<mm>/<dd>/``
(https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html, read
2026-11-23).  The source's path may end anywhere in that.  Keys of one region are in order of time, so one
listing from the first day on, left off after the last, needs no request for a day outside of the window.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from leastwise.aws.advice import LOST_CREDENTIALS
from leastwise.aws.s3 import bucket
from leastwise.collect.inflate import MOST_BYTES
from leastwise.collect.layout import LogFile, delivery_days, is_log
from leastwise.errors import AwsError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leastwise.aws.s3 import Bucket, Location
    from leastwise.aws.sessions import Aws
    from leastwise.model.window import Window

AT_ONCE = 16
"""Requests under way: each waits for tens of milliseconds, and the computer for none of them."""
_REGION = re.compile(r"(?:^|/)[0-9]{12}/CloudTrail/[a-z0-9-]+/$")
_ACCOUNT = re.compile(r"(?:^|/)(?P<account>[0-9]{12})/(?P<service>CloudTrail/)?$")
_ABOVE_ACCOUNTS = re.compile(r"(?:^|/)(?:AWSLogs|o-[a-z0-9]+)/$")


class S3Store:
    """See ``LogStore``.  It travels to other processes without its connection; each opens its own."""

    at_once = AT_ONCE

    def __init__(self, aws: Aws, location: Location, account: str = "", trail: str = "") -> None:
        """``account`` is whose role reads the bucket.

        ``trail`` is the trail's ARN: what its owner changed is recorded in its home region, so that is read
        beside the accounts that are asked for.
        """
        self._aws = aws
        self._location = location
        self._account = account
        self._home = tuple(trail.split(":")[3:5]) if trail else ("", "")
        self._bucket: Bucket | None = None

    def __getstate__(self) -> dict[str, object]:
        """Everything but the connection."""
        return {**self.__dict__, "_bucket": None}

    def files(self, window: Window, accounts: frozenset[str] = frozenset()) -> Iterator[LogFile]:
        """See ``LogStore``.

        A prefix that cannot be listed becomes a file that cannot be read: named, and no reason to leave out
        the rest.  Raises ``SourceError`` where nothing at all can be listed.
        """
        top = self._location.prefix
        try:
            prefixes = list(self._places(top, accounts))
        except AwsError as error:
            raise SourceError(f"{self._location}: {error}") from error
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = [
                file for files in pool.map(lambda each: self._below(each, window), prefixes) for file in files
            ]
        if not found and prefixes == [top]:
            raise SourceError(
                f"{self._location}: expected CloudTrail log files, found nothing; correct `path` of the "
                "source in principals.yaml: it ends with AWSLogs/ or above it"
            )
        yield from found

    def read(self, file: LogFile) -> bytes:
        """See ``LogStore``.  Raises ``AwsError`` where credentials are lost: no other file can be read."""
        if file.size > MOST_BYTES:
            raise OSError(f"larger than {MOST_BYTES >> 20} MiB, far more than CloudTrail writes")
        try:
            return self._open().read(self._location.prefix + file.path).body
        except AwsError as error:
            if error.code in LOST_CREDENTIALS:
                raise
            raise OSError(str(error)) from error

    def _open(self) -> Bucket:
        if self._bucket is None:
            self._bucket = bucket(self._aws, self._location.bucket, self._home[0], self._account)
        return self._bucket

    def _places(self, prefix: str, accounts: frozenset[str]) -> Iterator[str | LogFile]:
        """The prefix of each region of each account, what cannot be told apart, and what is refused."""
        account = _ACCOUNT.search(prefix)
        if account:
            yield from self._regions(prefix, account, accounts)
        elif _REGION.search(prefix):
            yield prefix
        else:
            yield from self._above(prefix, accounts)

    def _above(self, prefix: str, accounts: frozenset[str]) -> Iterator[str | LogFile]:
        """What lies below a prefix that is still above the accounts."""
        below = [
            (folder, account)
            for folder in self._open().folders(prefix)
            if (account := _ACCOUNT.search(folder)) or _ABOVE_ACCOUNTS.search(folder)
        ]
        if not below:
            yield prefix
        for folder, account in below:
            if not account or not accounts or account["account"] in accounts | {self._home[1]}:
                yield from self._guarded(folder, accounts)

    def _regions(self, prefix: str, found: re.Match[str], accounts: frozenset[str]) -> Iterator[str]:
        """The regions of one account; only the trail's home where the account is not asked for itself."""
        above = prefix if found["service"] else f"{prefix}CloudTrail/"
        for folder in self._open().folders(above):
            if not accounts or found["account"] in accounts or folder == f"{above}{self._home[0]}/":
                yield folder

    def _guarded(self, prefix: str, accounts: frozenset[str]) -> Iterator[str | LogFile]:
        try:
            yield from self._places(prefix, accounts)
        except AwsError as error:
            yield self._refused(prefix, error)

    def _below(self, place: str | LogFile, window: Window) -> list[LogFile]:
        if isinstance(place, LogFile):
            return [place]
        try:
            return list(self._listed(place, window))
        except AwsError as error:
            return [self._refused(place, error)]

    def _listed(self, prefix: str, window: Window) -> Iterator[LogFile]:
        """The log files below a prefix; those of a region only as far as the window goes."""
        by_day = _REGION.search(prefix)
        first, last = (f"{day:%Y/%m/%d}/" for day in delivery_days(window))
        for found in self._open().objects(prefix, after=prefix + first if by_day else ""):
            if by_day and found.key[len(prefix) :][: len(last)] > last:
                return
            if is_log(found.key):
                yield LogFile(found.key.removeprefix(self._location.prefix), found.size)

    def _refused(self, prefix: str, error: AwsError) -> LogFile:
        if error.code in LOST_CREDENTIALS:
            raise error
        return LogFile(prefix.removeprefix(self._location.prefix), 0, lost=f"cannot be listed: {error}")
