"""Steps of permission sets: Identity Center's calls, and the provisioning followed to its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from leastwise.aws.sso_admin import BEHIND, Reference
from leastwise.aws.sso_writes import BUSY
from leastwise.errors import AwsError, PlanError
from leastwise.model.plan import ATTACHED, Operation, Part

if TYPE_CHECKING:
    from leastwise.aws.caller import Clock
    from leastwise.aws.sso_admin import PermissionSet, SsoAdmin
    from leastwise.aws.sso_writes import Provisioning, SsoWrites
    from leastwise.model.plan import Step

PATIENCE = 900.0
"""Seconds that one provisioning may take: minutes are usual where there are hundreds of accounts."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 15.0


class SetHand:
    """See ``Hand``."""

    def __init__(self, of: PermissionSet, center: SsoAdmin, writes: SsoWrites, clock: Clock) -> None:
        """``of`` is whose policies are written."""
        self._of = of
        self._center = center
        self._writes = writes
        self._clock = clock

    def value(self, step: Step) -> str | None:
        """See ``Hand``."""
        if step.operation is Operation.PROVISION:
            return "" if self._center.accounts(self._of, BEHIND) else None
        if step.aspect.part is Part.ATTACHMENT:
            held = (
                self._center.managed(self._of)
                if _is_arn(step)
                else [each.path + each.name for each in self._center.references(self._of)]
            )
            return ATTACHED if step.arn in held else None
        inline = self._center.inline_policy(self._of)
        return None if inline is None else json.dumps(inline)

    def do(self, step: Step) -> str:
        """See ``Hand``."""
        writes, arn = self._writes, step.arn
        match step.operation:
            case Operation.PUT_INLINE:
                writes.put_inline(step.after or "")
            case Operation.DELETE_INLINE:
                writes.delete_inline()
            case Operation.ATTACH:
                writes.attach(arn) if _is_arn(step) else writes.refer(_reference(step))
            case Operation.DETACH:
                writes.detach(arn) if _is_arn(step) else writes.refer_no_more(_reference(step))
            case Operation.PROVISION:
                self._provision()
            case _:
                raise AssertionError(f"a permission set has no policies of its own: {step.operation}")
        return ""

    def _provision(self) -> None:
        until = self._clock.now() + PATIENCE
        found = self._begun(until)
        pause = FIRST_PAUSE
        while found.status == "IN_PROGRESS":
            if self._clock.now() >= until:
                raise PlanError(
                    f"the provisioning {found.request} is still in progress after {PATIENCE:,.0f} seconds: "
                    "AWS goes on with it; run again later, which does only what is left"
                )
            self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            found = self._writes.provisioning(found.request)
        if found.status != "SUCCEEDED":
            raise PlanError(
                f"the provisioning {found.request} failed: {found.reason or 'AWS gives no reason'}; some "
                "accounts may hold the new definition and others the old one: mend the reason and run again"
            )

    def _begun(self, until: float) -> Provisioning:
        """One permission set is provisioned once at a time."""
        pause = FIRST_PAUSE
        while True:
            try:
                return self._writes.provision()
            except AwsError as error:
                if error.code != BUSY or self._clock.now() >= until:
                    raise
            self._clock.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _is_arn(step: Step) -> bool:
    return step.arn.startswith("arn:")


def _reference(step: Step) -> Reference:
    path, _, name = step.arn.rpartition("/")
    return Reference(name, path + "/")
