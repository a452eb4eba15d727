"""The policy that evidence suggests, before it becomes a file: its grants, and what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leastwise.model.evidence import Observation


class Flag(Enum):
    """What a reviewer must know about a derived grant."""

    UNRECORDED_RESOURCE = "not every record says which resource was used"
    EPHEMERAL_NAME = "the recorded name was invented by a service and will not come back"
    ROLLED_UP = "a pattern: the records name no single resource, or too many to keep apart"
    INFERRED = "CloudTrail never records this permission; the parameters of other calls show it"
    CLIMBED = "several names under one prefix are written as the prefix"
    ATTEMPTED = "Access Analyzer saw it called, and does not tell whether it was allowed, nor on what"
    VIA_SERVICE = "an AWS service made some of the calls with the principal's permissions"


class LeftOut(Enum):
    """Why something that was used is not in the derived policy."""

    OUTSIDE_BOUND = "the policy held during the trial does not allow it"
    UNDECIDED_BOUND = "whether the policy held during the trial allows it hangs on what records omit"
    SENSITIVE_UNNAMED = "it is sensitive, and the records do not name one lasting resource"
    NEVER = "the declaration says never"
    TOO_MANY_NAMES = "too many different resources were used to name them"
    NO_ARN = "the recorded name is no ARN that a policy can hold"


@dataclass(frozen=True, slots=True)
class DerivedGrant:
    """One action on the resource patterns that stand for all its recorded uses.

    ``narrower`` would do in place of ``*`` for the uses whose records name a resource, where others do not;
    empty where the resources are named, or no record names one.
    """

    action: str
    resources: tuple[str, ...]
    context: tuple[tuple[str, str], ...]
    observations: tuple[Observation, ...]
    flags: tuple[Flag, ...] = ()
    narrower: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Omission:
    """Recorded uses that the derived policy does not allow, and why."""

    reason: LeftOut
    observation: Observation


@dataclass(frozen=True, slots=True)
class Derivation:
    """What evidence suggests for one principal."""

    grants: tuple[DerivedGrant, ...]
    omissions: tuple[Omission, ...]
    bounded: bool
    """Whether there was an upper bound to stay inside."""
