"""What happens in the demo after proposals are merged: the account at work, and one call that is refused."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from leastwise.demo.day import Moment
from leastwise.demo.live import ModelAws
from leastwise.demo.records import ACCOUNT, denied, role_session, s3_object
from leastwise.demo.write import write_trail
from leastwise.model.policies import policy_name
from leastwise.repo import Identity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from leastwise.model.policies import Policies
    from leastwise.model.proposal import FileChange
    from leastwise.repo import Base, Repository

EXPORTER = f"arn:aws:iam::{ACCOUNT}:user/metrics-exporter"
PAYMENTS = f"arn:aws:iam::{ACCOUNT}:role/payments-api"
REFUSED = "s3:DeleteObject"
"""What nobody did in ninety days, and what the demo's refund job does on the next."""
_REVIEWER = Identity("Ada Okafor", "ada@acme.example")
_SEED = 41
_RECEIPT = "2026/08/30/pay_5f0c2d9e71aa.pdf"


def account(policies: Policies) -> ModelAws:
    """A model of the account: the exporter on trial, the payment service as it is committed."""
    aws = ModelAws(ACCOUNT)
    power, shared = "aws/PowerUserAccess.json", "shared/container-logs.json"
    aws.says(f"arn:aws:iam::aws:policy/{policy_name(power)}", policies.files[power].text)
    logs = {policy_name(shared): policies.files[shared].text}
    for arn, own, attached in (
        (f"arn:aws:iam::{ACCOUNT}:role/nightly-settlement", logs, ()),
        (EXPORTER, {}, (f"arn:aws:iam::aws:policy/{policy_name(power)}",)),
        (
            PAYMENTS,
            _own(policies, "role/payments-api"),
            (f"arn:aws:iam::{ACCOUNT}:policy/{policy_name(shared)}",),
        ),
    ):
        aws.holds(arn, own, attached)
    return aws


def merge(repository: Repository, base: Base, files: Iterable[FileChange], title: str, now: datetime) -> None:
    """What a reviewer does who merges: the change comes onto the default branch as one commit."""
    texts = {f"policies/{change.path}": change.after for change in files}
    commit = repository.commit(base.commit, texts, f"{title}\n", _REVIEWER, now)
    if not repository.push(base.remote, commit, base.branch, base.commit):
        raise AssertionError("nobody else works on the demo's repository")


def refusals(logs: Path, now: datetime) -> datetime:
    """The next day's refunds: the receipts are to be deleted, and AWS refuses.  When the day is over."""
    caller = role_session("payments-api", "refund-job", "10.20.3.18", "Boto3/1.35.71")
    call = denied(
        s3_object("DeleteObject", "acme-receipts", _RECEIPT),
        caller,
        REFUSED,
        f"arn:aws:s3:::acme-receipts/{_RECEIPT}",
    )
    times = (now + timedelta(hours=20, minutes=minute) for minute in (0, 7, 21))
    write_trail(logs, [Moment(when, caller, call) for when in times], Random(_SEED))
    return now + timedelta(days=1)


def _own(policies: Policies, folder: str) -> Mapping[str, str]:
    return {
        policy_name(path): file.text
        for path, file in policies.files.items()
        if file.folder == f"{ACCOUNT}/{folder}"
    }
