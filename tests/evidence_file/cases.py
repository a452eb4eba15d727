"""An evidence by hand that has everything."""

from __future__ import annotations

from datetime import UTC, date, datetime

from leastwise.model.event import Outcome
from leastwise.model.evidence import (
    Coverage,
    DataSelector,
    DenialReason,
    Evidence,
    Examined,
    ObservationKey,
    Selectors,
    Tally,
    Unreadable,
)
from leastwise.model.request import AuthorizationRequest, Certainty, ResourceForm

ROLE = "arn:aws:iam::111122223333:role/payments-api"
FULL = Evidence(
    {
        ObservationKey(
            source="trail",
            principal=ROLE,
            request=AuthorizationRequest(
                "iam:PassRole",
                "arn:aws:iam::111122223333:role/worker",
                ResourceForm.ROLLED_UP,
                (("iam:PassedToService", "lambda.amazonaws.com"),),
                Certainty.INFERRED,
            ),
            outcome=Outcome.DENIED,
            denial=DenialReason.EXPLICIT_DENY,
            error_code="AccessDenied",
            proves_authorization=True,
            via_service="cloudformation.amazonaws.com",
        ): Tally(
            days={date(2026, 11, 20): 3},
            first="2026-11-20T09:00:00Z",
            last="2026-11-20T11:00:00Z",
            samples=("e1", "e2"),
            regions=frozenset({"eu-west-1"}),
            sessions=frozenset({"9f86d081"}),
            hours=frozenset({"2026-11-20T09"}),
        )
    },
    {
        "trail": Coverage(
            source="trail",
            kind="trail-files",
            start=datetime(2026, 8, 25, tzinfo=UTC),
            end=datetime(2026, 11, 23, 12, 30, tzinfo=UTC),
            selectors=Selectors(
                management_read=True,
                management_write=True,
                excluded_sources=frozenset({"kms.amazonaws.com"}),
                data=frozenset({DataSelector("AWS::S3::Object", True, False, ("arn:aws:s3:::b/",))}),
                trail_arn="arn:aws:cloudtrail:eu-west-1:111122223333:trail/org",
                unread=("odd",),
            ),
            regions=frozenset({"eu-west-1"}),
            all_regions=True,
            logged_regions=frozenset({"eu-west-1"}),
            logging_since=datetime(2026, 11, 1, 8, tzinfo=UTC),
            delivered=frozenset(("111122223333", date(2026, 11, day)) for day in (1, 2, 3, 5)),
            tampering=frozenset({"2026-11-02T00:00:00Z StopLogging e9"}),
            unreadable=(Unreadable("a.json.gz", "cut off"),),
            unreadable_count=1,
            excluded={"root": 2},
            unmapped={"odd.amazonaws.com:Call": 1},
            disagreements={"s3.amazonaws.com:HeadObject": 1},
            records=10,
            duplicates=2,
            limits=frozenset({"no data events"}),
            examined={
                ROLE: Examined(
                    days=frozenset({date(2026, 11, 1), date(2026, 11, 2)}),
                    vague=frozenset({"dax"}),
                    as_of="2026-11-20T00:00:00Z",
                    words=("its turn comes tomorrow",),
                )
            },
        )
    },
    {("trail", ROLE): datetime(2026, 11, 10, tzinfo=UTC)},
)
"""Every member has a value that is not its default."""
